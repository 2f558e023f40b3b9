"""What can be wrong with a template as it stands."""

from dataclasses import dataclass

from channels.facts import RenderError


@dataclass(frozen=True, slots=True)
class TemplateFault:
    """What is wrong in a template's file, and what was expected there; a warning stands in nobody's way."""

    file: str
    line: int
    found: str
    expected: str
    is_warning: bool = False

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.found}; expected {self.expected}"


class Broken(RenderError):
    """The template cannot be read, or fails on these facts; `fault` is the place in its files, where that is known."""

    def __init__(self, words: str | TemplateFault) -> None:
        super().__init__(str(words))
        self.fault = words if isinstance(words, TemplateFault) else None
