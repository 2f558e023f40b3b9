"""Jinja in a box: what an author, or data that became a template, cannot leave, and cannot make work without end."""

from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from datetime import date
from html import escape
from typing import Any, Final

from jinja2 import BaseLoader, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.environment import TemplateModule
from jinja2.runtime import BlockReference, Context, LoopContext, TemplateReference
from jinja2.sandbox import ImmutableSandboxedEnvironment

from channels.facts import Facts, Forbidden, Missing
from channels.filters import ALLOWED, MAX_TEXT, TooMuch, bounded, text_format

MAX_STEPS: Final = 20_000
"""Calls and turns of a loop in one rendering."""
MAX_RANGE: Final = 1_000
MAX_NUMBER: Final = 10**30
MAX_EXPONENT: Final = 16
_TOO_MANY: Final = "the template takes too many steps"
_TEXT_METHODS: Final = frozenset(
    ["capitalize", "endswith", "lower", "lstrip", "rstrip", "split", "startswith", "strip", "title", "upper"]
)
_DATE_PARTS: Final = frozenset(["year", "month", "day", "hour", "minute", "second"])

steps_left: ContextVar[list[int]] = ContextVar("steps_left")


class _Bounded(CodeGenerator):
    """Counts the turns of every loop, measures what `~` makes, and knows no tag that escapes either."""

    def visit_For(self, node: nodes.For, frame: Frame) -> None:  # noqa: N802 - Jinja's name
        counted = nodes.EnvironmentAttribute("counted", lineno=node.lineno)
        node.iter = nodes.Call(counted, [node.iter], [], None, None, lineno=node.lineno)
        super().visit_For(node, frame)

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802
        self.write("environment.bounded(")
        super().visit_Concat(node, frame)
        self.write(")")

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        """What is put into a message is nearly always text: that goes the short way, all else is looked at first."""
        self.write("environment.escaped(_value)" if frame.eval_ctx.autoescape else "_value")
        self.write(" if type(_value := (")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        turned = "escape" if frame.eval_ctx.autoescape else "str"
        self.write(f")) is str else {turned}(environment.finalize(_value))")

    def _closed(self, node: nodes.Node, frame: Frame) -> None:
        self.fail("a tag that messages do not have", node.lineno)

    visit_AssignBlock = visit_CallBlock = visit_FilterBlock = _closed  # noqa: N815
    visit_EvalContextModifier = visit_ScopedEvalContextModifier = _closed  # noqa: N815


class Sandbox(ImmutableSandboxedEnvironment):
    """The environment of every template; autoescape for `.html` alone."""

    code_generator_class = _Bounded
    intercepted_binops = frozenset({"+", "*", "**", "%"})
    bounded = staticmethod(bounded)
    escaped = staticmethod(escape)

    def __init__(self, loader: BaseLoader) -> None:
        super().__init__(
            loader=loader,
            undefined=Missing,
            autoescape=_is_html,
            finalize=_one_value,
            auto_reload=False,
            cache_size=-1,
            keep_trailing_newline=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.filters = dict(ALLOWED)
        self.globals = {"range": _short_range}

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A fact's own name comes first and last: `entry.items` is what the event carried, never a method."""
        if type(obj) is Facts:
            value = obj.values_.get(attribute)
            kind = type(value)
            plain = value and not value.isspace() if kind is str else kind is int or kind is float
            return value if plain else obj.at(attribute)
        return obj.below(attribute) if type(obj) is Missing else super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """As getattr where the argument is a name."""
        if isinstance(argument, str) and isinstance(obj, Facts | Missing):
            return self.getattr(obj, argument)
        return super().getitem(obj, argument)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """What is not named here is closed."""
        match obj:
            case str():
                return attr in _TEXT_METHODS
            case date():
                return attr in _DATE_PARTS
            case LoopContext() | TemplateModule() | TemplateReference() | BlockReference():
                return not attr.startswith("_")
            case _:
                return False

    def unsafe_undefined(self, obj: Any, attribute: str) -> Any:
        raise Forbidden(f"{attribute} is closed to templates")

    def wrap_str_format(self, value: Any) -> None:
        """No `format` method: what it makes is measured too late."""

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Every call costs a step, and what it gives is measured."""
        spend(1)
        return bounded(super().call(context, obj, *args, **kwargs))

    def counted(self, values: Iterable[Any]) -> Iterator[Any]:
        """The values, each for a step."""
        left = steps_left.get()
        for value in values:
            left[0] -= 1
            if left[0] < 0:
                raise TooMuch(_TOO_MANY)
            yield value

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """The four operators that could make something vast from something small."""
        match operator, left, right:
            case "%", str(), tuple():
                return text_format(left, *right)
            case "%", str(), _:
                return text_format(left, right)
            case "*", str() | list() | tuple(), int():
                _fits(len(left) * right, MAX_TEXT)
            case "*", int(), str() | list() | tuple():
                _fits(left * len(right), MAX_TEXT)
            case "**", _, _:
                _fits(abs(right), MAX_EXPONENT)
                _fits(abs(left), MAX_NUMBER)
        return _measured(super().call_binop(context, operator, left, right))


def spend(steps: int) -> None:
    """Takes steps from this rendering's allowance. Raises TooMuch when it is used up."""
    left = steps_left.get()
    left[0] -= steps
    if left[0] < 0:
        raise TooMuch(_TOO_MANY)


def _measured(value: Any) -> Any:
    if isinstance(value, int):
        _fits(abs(value), MAX_NUMBER)
    return bounded(value)


def _fits(value: float, most: float) -> None:
    if value > most:
        raise TooMuch("a number is too large")


def _short_range(*args: int) -> range:
    numbers = range(*args)
    _fits(len(numbers), MAX_RANGE)
    return numbers


def _one_value(value: Any) -> Any:
    """Only one value at a time is put into a message: a list or all of a customer is an author's slip."""
    if isinstance(value, (Facts, dict, list, tuple)):
        raise TypeError("not one value")
    return value


def _is_html(name: str | None) -> bool:
    return name is not None and name.endswith((".html", ".mjml"))
