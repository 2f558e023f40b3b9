"""What templates may read: facts that know their own names, so that a missing one can be told by name."""

from collections.abc import Iterator, Mapping
from types import NoneType
from typing import Any, Final

from jinja2 import StrictUndefined, TemplateRuntimeError, UndefinedError
from jinja2.utils import missing

_LEAVES: Final = (str, int, float, NoneType)


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
    """A mapping under its name. None and blank text count as not there: nobody is sent a blank.

    Nothing is copied or looked through beforehand; what lies within is wrapped when it is first asked for.
    """

    __slots__ = ("_above", "_name", "_place", "_wrapped", "values_")

    def __init__(
        self, values: Mapping[str, Any], name: str = "", above: "Facts | None" = None, place: int | None = None
    ) -> None:
        self.values_ = values
        self._name = name
        self._above = above
        self._place = place
        self._wrapped: dict[str, Any] | None = None

    def at(self, name: str) -> Any:
        """The value under `name`, or Missing, which knows the whole name."""
        value = self.values_.get(name)
        if value is None or _is_blank(value):
            return Missing(name=self.below(name))
        return self._within(name, value)

    def __getitem__(self, name: str) -> Any:
        value = self.values_[name]
        if _is_blank(value):
            raise KeyError(name)
        return self._within(name, value)

    def __iter__(self) -> Iterator[str]:
        return (name for name, value in self.values_.items() if not _is_blank(value))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return f"<facts {self.path}>"

    @property
    def path(self) -> str:
        """The whole name, as an author writes it."""
        name = self._name if self._place is None else f"{self._name}[{self._place}]"
        return name if self._above is None else self._above.below(name)

    def below(self, name: str) -> str:
        """The whole name of what lies under it."""
        return f"{self.path}.{name}" if self._name else name

    def _within(self, name: str, value: Any) -> Any:
        """The value as templates see it: mappings and lists, however deep, know their names."""
        if isinstance(value, _LEAVES):
            return value
        if self._wrapped is None:
            self._wrapped = {}
        if name not in self._wrapped:
            self._wrapped[name] = self._wrap(value, name)
        return self._wrapped[name]

    def _wrap(self, value: Any, name: str, place: int | None = None) -> Any:
        if isinstance(value, _LEAVES):
            return value
        if isinstance(value, (list, tuple)):
            name = name if place is None else f"{name}[{place}]"
            return tuple([self._wrap(item, name, at) for at, item in enumerate(value)])
        if isinstance(value, dict) or isinstance(value, Mapping):  # noqa: SIM101 - the first is far cheaper to ask
            return Facts(value, name, self, place)
        return value


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
