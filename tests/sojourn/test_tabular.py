"""Rows from files: JSON lines and columns."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sojourn.errors import Mistake
from sojourn.rowfiles import CUSTOMERS, EVENTS
from sojourn.tabular import BLANKS, Form, parse_columns, read_lines

PURCHASES = replace(EVENTS, always={"name": "purchased"})


def rows(file: Path, text: str, form: Form) -> list[Any]:
    file.write_bytes(text.encode())
    return [line.wrong or line.row for line in read_lines(file, form)]


def test_columns_between_blanks_without_a_header(tmp_path: Path) -> None:
    form = replace(PURCHASES, delimiter=BLANKS, header=False, date_format="%Y%m%d",
                   columns=parse_columns(["customer=1,occurred_at=3", "items=4,amount=5"]))  # fmt: skip
    [row] = rows(tmp_path / "sales.txt", " 00004 0001 19970101  2   29.33\r\n", form)
    assert str(row.pop("occurred_at")) == "1997-01-01 00:00:00+00:00"
    assert row == {"customer": "00004", "name": "purchased", "properties": {"items": 2, "amount": 29.33}}


def test_columns_with_a_header_are_fields_by_their_names(tmp_path: Path) -> None:
    text = "id;email;consent.email;plan;age\n7;ada@acme.example;offers, tips;pro;\n"
    [row] = rows(tmp_path / "crm.csv", text, replace(CUSTOMERS, delimiter=";"))
    assert row == {
        "id": "7", "email": "ada@acme.example", "consent": {"email": ["offers", "tips"]}, "attributes": {"plan": "pro"}
    }  # fmt: skip


def test_columns_that_are_not_asked_for_are_left(tmp_path: Path) -> None:
    form = replace(PURCHASES, columns=parse_columns(["customer=Client,occurred_at=2"]))
    assert rows(tmp_path / "a.csv", "Client,When,Secret\nc1,2026-01-02,x\n", form) == [
        {"customer": "c1", "occurred_at": "2026-01-02", "name": "purchased"}
    ]


def test_a_cell_has_its_declared_type_else_a_plain_number_is_one(tmp_path: Path) -> None:
    form = replace(CUSTOMERS, kinds={"zip": "text", "score": "number", "active": "boolean", "likes": "list"})
    text = "id,zip,score,active,likes,visits,code\n1,10115,7,yes,tea; cake,12,007\n2,1,many,true,,,\n3,1,1,perhaps,,,\n"
    assert rows(tmp_path / "a.csv", text, form) == [
        {"id": "1", "attributes": {
            "zip": "10115", "score": 7, "active": True, "likes": ["tea", "cake"], "visits": 12, "code": "007"
        }},
        "score: found 'many'; expected a number",
        "active: found 'perhaps'; expected true or false",
    ]  # fmt: skip


def test_a_row_that_does_not_fit_is_told_by_its_line(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text('customer,occurred_at,note\nc1,2026-01-01,"two\nlines"\n\nc2,2026-01-01\n')
    assert [(line.number, line.wrong) for line in read_lines(file, PURCHASES)] == [
        (2, ""), (5, "found 2 columns; expected 3, as in the header"),
    ]  # fmt: skip


def test_a_date_that_is_written_otherwise_is_told(tmp_path: Path) -> None:
    form = replace(PURCHASES, date_format="%d.%m.%Y")
    assert rows(tmp_path / "a.csv", "customer,occurred_at\nc1,2026-01-01\n", form) == [
        "occurred_at: found '2026-01-01'; expected a time written as %d.%m.%Y"
    ]


def test_json_lines_are_known_by_their_first_sign(tmp_path: Path) -> None:
    text = '\ufeff{"customer": "c1"}\n\n[1]\n{"a"\n'
    assert rows(tmp_path / "a.txt", text, PURCHASES) == [
        {"customer": "c1", "name": "purchased"},
        "found no map; expected {...}",
        "is no JSON: Expecting ':' delimiter: line 2 column 1 (char 5)",
    ]


@pytest.mark.parametrize(
    ("form", "told"),
    [
        (replace(EVENTS, header=False), "--no-header needs --columns"),
        (EVENTS, "found no customer among a, b"),
        (replace(PURCHASES, columns={"customer": "c", "occurred_at": "b"}), "found 'customer=c'; expected one of a, b"),
    ],
)
def test_a_column_that_cannot_be_found_is_a_mistake(tmp_path: Path, form: Form, told: str) -> None:
    with pytest.raises(Mistake, match=told):
        rows(tmp_path / "a.csv", "a,b\n1,2\n", form)


def test_a_mapping_that_is_none_is_a_mistake() -> None:
    with pytest.raises(Mistake, match="found 'customer'; expected FIELD=COLUMN"):
        parse_columns(["customer"])


def test_a_header_that_another_sign_would_cut_is_told_which(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("id;email\nc1;ada@acme.example\n")
    with pytest.raises(Mistake, match="found one column, 'id;email'; is it --delimiter semicolon"):
        list(read_lines(file, CUSTOMERS))
