"""Files of rows, as other systems export them: JSON lines, or columns with and without a header.

A column becomes the field of its name. What is no field of a row is a customer's attribute, or an event's property.
"""

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TextIO

from engine.rows import BadRow
from sojourn.errors import Mistake

BLANKS: Final = "space"
DELIMITERS: Final[Mapping[str, str]] = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "\\t": "\t"}
TIMES: Final = frozenset({"occurred_at", "received_at", "created_at"})
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]+)?")
_TRUTH: Final[Mapping[str, bool]] = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}

Kinds = Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Form:
    """How a file is written; `rest` is where the columns go that are no `fields`: attributes or properties.

    `needs` are the fields that every row must have. `columns` maps a field to a column, by its name in the header or
    its number from 1; empty: the header's own names, all of them. `kinds` are the declared types of `rest`. `always`
    are fields that every row has without a column.
    """

    fields: frozenset[str]
    rest: str
    needs: frozenset[str]
    delimiter: str | None = None
    header: bool = True
    date_format: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    kinds: Kinds = field(default_factory=dict)
    always: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One row with the number of its line; `wrong` says why it is none."""

    number: int
    row: Mapping[str, Any]
    wrong: str = ""


def read_lines(path: Path, form: Form, advance: Callable[[int], None] = lambda _: None) -> Iterator[Line]:
    """Every row of a file; `advance` is told how many characters more have been read. Raises Mistake."""
    try:
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            begins = file.read(256).lstrip()[:1]
            file.seek(0)
            cut = _json_lines if begins == "{" else _column_lines
            if begins == "[":
                raise Mistake(f"{path}: found a list; expected JSON lines: a map on each line")
            if begins:
                yield from cut(_counted(file, advance), form)
    except OSError as fault:
        raise Mistake(f"{path}: cannot be read: {fault.strerror}") from None


def parse_columns(given: Sequence[str]) -> dict[str, str]:
    """`customer=1,occurred_at=3` as a mapping. Raises Mistake."""
    found: dict[str, str] = {}
    for pair in (pair for text in given for pair in text.split(",")):
        name, equals, column = (part.strip() for part in pair.partition("="))
        if not (name and equals and column):
            raise Mistake(f"--columns: found '{pair}'; expected FIELD=COLUMN, such as customer=1,occurred_at=3")
        found[name] = column
    return found


def _counted(file: TextIO, advance: Callable[[int], None]) -> Iterator[str]:
    for line in file:
        advance(len(line))
        yield line


def _json_lines(lines: Iterator[str], form: Form) -> Iterator[Line]:
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            row = json.loads(text)
        except (ValueError, RecursionError) as fault:
            yield Line(number, {}, f"is no JSON: {fault}")
            continue
        known = isinstance(row, dict)
        yield Line(number, {**form.always, **row} if known else {}, "" if known else "found no map; expected {...}")


def _column_lines(lines: Iterator[str], form: Form) -> Iterator[Line]:
    cut = _cut(lines, form)
    heads = next(cut, (0, []))[1] if form.header else []
    columns = _places(form, heads)
    for number, cells in cut:
        if not cells:
            yield Line(number, {}, "cannot be read as columns")
        elif form.header and len(cells) != len(heads):
            yield Line(number, {}, f"found {len(cells)} columns; expected {len(heads)}, as in the header")
        elif len(cells) <= max(columns.values(), default=-1):
            yield Line(number, {}, f"found {len(cells)} columns; expected {max(columns.values()) + 1} at least")
        else:
            yield _line(number, {name: cells[at].strip() for name, at in columns.items()}, form)


def _cut(lines: Iterator[str], form: Form) -> Iterator[tuple[int, list[str]]]:
    """The cells of every line that is not blank, with its number; none where it cannot be cut into cells."""
    if form.delimiter == BLANKS:
        yield from ((number, text.split()) for number, text in enumerate(lines, 1) if text.strip())
        return
    rows = csv.reader(lines, delimiter=form.delimiter or ",")
    while True:
        begins = rows.line_num + 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error:
            yield begins, []
            continue
        if cells:
            yield begins, cells


def _places(form: Form, heads: Sequence[str]) -> dict[str, int]:
    """Where each field's column stands, from 0. Raises Mistake."""
    names = [head.strip() for head in heads]
    _hold_cut(form, names)
    if not form.columns:
        if not form.header:
            raise Mistake("--no-header needs --columns, such as --columns customer=1,occurred_at=3")
        places = {name: at for at, name in enumerate(names) if name}
    else:
        places = {name: _place(name, column, names) for name, column in form.columns.items()}
    lacking = sorted(form.needs - places.keys() - form.always.keys())
    if lacking:
        among = ", ".join(names) or "the columns"
        raise Mistake(f"found no {lacking[0]} among {among}; say which column it is: --columns {lacking[0]}=COLUMN,...")
    return places


def _hold_cut(form: Form, names: Sequence[str]) -> None:
    """Raises Mistake where the header was not cut, and another delimiter would cut it."""
    if form.delimiter is None and len(names) == 1:
        for word, sign in DELIMITERS.items():
            if sign in names[0]:
                raise Mistake(f"found one column, '{names[0]}'; is it --delimiter {word}?")


def _place(name: str, column: str, names: Sequence[str]) -> int:
    if column in names:
        return names.index(column)
    if column.isdigit() and int(column) > 0:
        return int(column) - 1
    known = ", ".join(names) or "a number from 1"
    raise Mistake(f"--columns: found '{name}={column}'; expected one of {known}")


def _line(number: int, cells: Mapping[str, str], form: Form) -> Line:
    try:
        return Line(number, {**form.always, **_row(cells, form)})
    except BadRow as bad:
        return Line(number, {}, str(bad))


def _row(cells: Mapping[str, str], form: Form) -> dict[str, Any]:
    """The row that the cells make; an empty cell is none."""
    row: dict[str, Any] = {}
    for name, text in cells.items():
        head, _, tail = name.partition(".")
        if not text:
            continue
        if name in TIMES:
            row[name] = _time(name, text, form.date_format)
        elif name in form.fields:
            row[name] = text
        elif head == "consent" and head in form.fields:
            row.setdefault(head, {})[tail] = re.split(r"[ ,;|]+", text)
        else:
            inner = tail if head == form.rest else name
            row.setdefault(form.rest, {})[inner] = _value(inner, text, form.kinds.get(inner))
    return row


def _time(name: str, text: str, date_format: str | None) -> str | datetime:
    if date_format is None:
        return text
    try:
        at = datetime.strptime(text, date_format)  # noqa: DTZ007 - made aware below
    except ValueError:
        raise BadRow(f"{name}: found '{text}'; expected a time written as {date_format}") from None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def _value(name: str, text: str, kind: str | tuple[str, ...] | None) -> Any:
    """A cell as its declared type; where none is declared, what looks like a plain number is one."""
    match kind:
        case "number" if not _NUMBER.fullmatch(text):
            raise BadRow(f"{name}: found '{text}'; expected a number")
        case "boolean" if text.lower() not in _TRUTH:
            raise BadRow(f"{name}: found '{text}'; expected true or false")
        case "boolean":
            return _TRUTH[text.lower()]
        case "list":
            return re.split(r"[;|] *", text)
        case None | "number" if _NUMBER.fullmatch(text):
            return float(text) if "." in text else int(text)
        case _:
            return text
