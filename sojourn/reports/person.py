"""A customer's data as one JSON document, written as it is read; and an erasure in words."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from engine.moments import utc
from records.privacy.erased import Before
from sojourn.reports.sentences import sentence, why_not_sent
from workers.erasure.report import Report

FORM: Final = "sojourn customer 1"
Part = Callable[[], Iterable[Mapping[str, Any]]]


def document(customer: Mapping[str, Any], parts: Mapping[str, Part], at: datetime) -> Iterator[str]:
    """The document, piece by piece: an object whose lists have a row on each line."""
    head = {"form": FORM, "exported_at": utc(at), "customer": customer}
    yield "{\n" + ",\n".join(f"{_json(name)}: {_json(value)}" for name, value in head.items())
    for name, part in parts.items():
        yield f",\n{_json(name)}: ["
        for number, row in enumerate(part()):
            yield (",\n " if number else "\n ") + _json(row)
        yield "\n]"
    yield "\n}\n"


def decisions_in_words(rows: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Decisions, each with the sentence that a support person reads."""
    for row in rows:
        detail = {"journey": row["journey"], "step": row["step"], **row["detail"]}
        yield {**row, "words": sentence(row["decided"], detail)}


def messages_in_words(rows: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Messages, each with why it did not go in words, if it did not."""
    for row in rows:
        yield {**row, "words": why_not_sent(row["reason"]) if row["reason"] else ""}


def lines(customer: str, report: Report) -> Iterator[str]:
    """An erasure for people."""
    if report.before is not None:
        yield f"{customer} was erased already, on {report.before.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        yield "  her id alone is known, and looked for; her addresses and names are not"
        yield from _left_before(report.before)
    elif report.halted:
        yield f"{customer} is NOT erased yet: nothing is sent to her any more, and nobody but this command finds her"
        yield f"  journeys    {report.enrollments} passages ended; runs ended in Temporal: {report.runs.found}"
        yield from _providers(report)
        yield "  her rows say what to ask for, so they stay: run it again once the provider answers, or --go-on"
        return
    else:
        rows = sum(report.removed.values())
        yield f"{customer} is erased: {rows} rows, {report.arrivals} messages of the mailbox"
        yield f"  journeys    {report.enrollments} passages; runs ended in Temporal: {report.runs.found}"
    yield from _providers(report)
    yield from _proof(report)
    yield from (f"  LEFT        {one}, of an erasure before" for one in report.earlier)


def _left_before(before: Before) -> Iterator[str]:
    """What that erasure told, and a later one cannot look for."""
    if before.left is None:
        yield "  LEFT        that erasure was cut off before it had looked for what is left"
    yield from (f"  LEFT        {one}, by that erasure" for one in before.left or ())
    if before.left != ():
        yield "              once this is dealt with by hand: --seen-to"


def _providers(report: Report) -> Iterator[str]:
    for one in report.asked:
        if not one.can:
            yield f"  {one.provider:<11} cannot be asked from here; ask there that she be erased"
            continue
        yield f"  {one.provider:<11} asked to forget: {one.done} done, {len(one.left)} left"
        yield from (f"    still there: {what} ({why})" for what, why in one.left)
        if one.unknown:
            yield f"    {one.unknown} messages were perhaps taken, and it has told no id of them"


def _proof(report: Report) -> Iterator[str]:
    proof = report.proof
    kinds = ", ".join(f"{count} {kind}" for kind, count in proof.for_.items() if count)
    yield f"  looked for  {kinds}" + (
        f"; not for {', '.join(proof.without)}: too short a number" if proof.without else ""
    )
    where = f"{proof.columns} columns of {proof.tables} tables, {proof.files} files"
    histories = f"{proof.runs} histories of {proof.events} events" if proof.temporal else "no Temporal was ever used"
    yield f"  looked in   {where}, {histories}"
    yield from (f"  FOUND       {one.kind} in {one.where}" for one in proof.traces)
    if not proof.traces:
        yield "  found       nothing"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> str:
    return utc(value) if isinstance(value, datetime) else str(value)
