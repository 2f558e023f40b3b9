"""Calls the command as a terminal does, and a small folder of an author's own to call it in."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from sojourn.cli import app

POLICY = """
zone: Europe/Berlin
postal_address: Acme GmbH, Hauptstr. 1, 10115 Berlin
senders: {default: {name: Ada at Acme, email: hello@acme.example, number: "+4915112345678"}}
topics: {offers: {about: Prices}, tips: {about: Tips}}
"""
LIFECYCLE = """
start: awareness
stages:
  awareness: {about: knows us}
  onboarding: {about: first value, enter: {event: signed_up}, from: [awareness]}
  engagement: {about: comes back, enter: {event: purchased}, from: [onboarding]}
"""
WELCOME = """
enter: {event: signed_up}
goal: {event: purchased, within: 14 days, value: amount}
purpose: marketing
topic: tips
steps:
  - email: hello
  - wait: 2 days
  - email: reminder
    with: {days_left: 12}
  - exit: done
"""
RECEIPT = """
enter: {event: purchased}
again: always
while_inside: restart
purpose: transactional
steps: [{email: receipt}]
"""
TEMPLATES = {
    "email/hello": ("Welcome", "Hello {{ customer.first_name | default('you') }}", "{}"),
    "email/reminder": ("Still there?", "{{ days_left }} days left", "{days_left: 3}"),
    "email/receipt": ("Thank you", "You paid {{ entry.amount }}", "{entry: {amount: 12}}"),
    "sms/hello": ("", "Hello from Acme", "{}"),
}


@dataclass(frozen=True)
class Said:
    """What a command said, and how it ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def call(*words: object, env: Mapping[str, str] | None = None) -> Said:
    """`sojourn` with these words."""
    ended = CliRunner().invoke(app, [str(word) for word in words], env=env, catch_exceptions=False)
    return Said(ended.exit_code, ended.stdout, ended.stderr)


def write_folder(folder: Path, **changed: str) -> Path:
    """A folder with two journeys; `changed` gives another text for welcome, receipt, lifecycle or policy."""
    files = {
        "journeys/policy.yaml": changed.get("policy", POLICY),
        "journeys/lifecycle.yaml": changed.get("lifecycle", LIFECYCLE),
        "journeys/onboarding/welcome.yaml": changed.get("welcome", WELCOME),
        "journeys/any/receipt.yaml": changed.get("receipt", RECEIPT),
    }
    for name, (subject, body, sample) in TEMPLATES.items():
        stop = " {{ links.unsubscribe }}" if name in ("email/hello", "email/reminder") else ""
        files |= {f"templates/{name}/body.txt": body + stop, f"templates/{name}/sample.yaml": sample}
        if subject:
            files |= {f"templates/{name}/subject.txt": subject, f"templates/{name}/body.html": f"<p>{body}{stop}</p>"}
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text.lstrip("\n"))
    return folder


def write_lines(file: Path, rows: Iterable[object]) -> Path:
    """Rows as JSON lines; a text stands as it is."""
    lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    file.write_text("".join(f"{line}\n" for line in lines))
    return file


def a_customer(id_: str = "c1", **other: object) -> dict[str, object]:
    """A customer who may be written to."""
    return {"id": id_, "email": f"{id_}@post.example", "consent": {"email": ["tips"]}, **other}


def an_event(name: str, at: str, customer: str = "c1", **other: object) -> dict[str, object]:
    """An event of hers."""
    return {"customer": customer, "name": name, "occurred_at": at, **other}
