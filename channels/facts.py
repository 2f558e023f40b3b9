"""What templates may read: facts that know their own names, so that a missing one can be told by name."""

from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import StrictUndefined, TemplateRuntimeError, UndefinedError
from jinja2.utils import missing


class RenderError(Exception):
    """A message could not be written, so it is withheld. It holds names and places, never a customer's data.

    RenderError
     ├─ MissingVariable   a fact is not there, or blank
     ├─ TooMuch           the template asks for more work, or more words, than a message may
     ├─ Forbidden         the template, or the data in it, reaches for what is closed
     └─ Broken            the template cannot be read, or fails on these facts
    """


class Forbidden(RenderError):
    """The template, or the data in it, reaches for what is closed."""


class MissingVariable(RenderError, UndefinedError):
    """A template's variable has no value; `name` as an author writes it, `customer.first_name`."""

    def __init__(self, name: str | None = None) -> None:
        self.name = name or "a value"
        super().__init__(f"{self.name} is missing")


class Missing(StrictUndefined):
    """A value that is not there. Only `default`, `is defined` and deeper names may touch it."""

    __slots__ = ()

    def __init__(
        self,
        hint: str | None = None,
        obj: Any = missing,
        name: str | None = None,
        exc: type[TemplateRuntimeError] = MissingVariable,
    ) -> None:
        path = str(name) if name is not None else hint
        super().__init__(hint=path, obj=obj, name=path, exc=MissingVariable)

    def below(self, name: str) -> "Missing":
        """What would lie under it."""
        return Missing(name=f"{self._undefined_name}.{name}")


class Facts(Mapping[str, Any]):
    """A mapping under its name. None and blank text count as not there: nobody is sent a blank."""

    __slots__ = ("_path", "_values")

    def __init__(self, values: Mapping[str, Any], path: str = "") -> None:
        self._values = {str(key): value for key, value in values.items() if not _is_blank(value)}
        self._path = path

    def at(self, name: str) -> Any:
        """The value under `name`, or Missing, which knows the whole name."""
        path = f"{self._path}.{name}" if self._path else name
        return wrapped(self._values[name], path) if name in self._values else Missing(name=path)

    def __getitem__(self, name: str) -> Any:
        return wrapped(self._values[name], f"{self._path}.{name}" if self._path else name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"<facts {self._path}>"


def wrapped(value: Any, path: str) -> Any:
    """The value as templates see it: mappings and lists, however deep, know their names."""
    match value:
        case Mapping():
            return Facts(value, path)
        case list() | tuple():
            return tuple(wrapped(item, f"{path}[{place}]") for place, item in enumerate(value))
        case _:
            return value


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
