"""The providers' own OpenAPI descriptions, to which requests and answers are held where a folder has them."""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from channels.standin.wire import Finding

MAIL, LOGS, MESSAGES = "tsg_mail_v3.json", "tsg_logs_v3.json", "twilio_api_v2010.json"
FILES: Final = (MAIL, LOGS, MESSAGES)
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


class Descriptions:
    """The three files of a folder. Raises OSError where one is missing, ValueError where one is no description."""

    def __init__(self, folder: Path) -> None:
        self._documents = {name: _strict(json.loads((folder / name).read_text("utf-8"))) for name in FILES}
        resources = ((name, DRAFT202012.create_resource(document)) for name, document in self._documents.items())
        self._registry: Registry[Any] = Registry().with_resources(resources)
        self._validator = cache(self._build)

    def of_json(self, file: str, path: str, value: Any) -> list[Finding]:
        """What the description of POST `path` has against a JSON body."""
        return self._findings((file, path, "post", "requestBody", "content", JSON, "schema"), value)

    def of_form(self, file: str, path: str, form: Iterable[tuple[str, str]]) -> list[Finding]:
        """What the description of POST `path` has against a form."""
        where = (file, path, "post", "requestBody", "content", FORM, "schema")
        schema, _ = _walk(self._documents[file], ("paths", *where[1:]))
        return self._findings(where, _typed(form, schema["properties"]))

    def of_answer(self, file: str, path: str, method: str, status: int, value: Any) -> list[Finding]:
        """What the description has against an answer's JSON."""
        return self._findings((file, path, method, "responses", str(status), "content", JSON, "schema"), value)

    def _findings(self, where: tuple[str, ...], value: Any) -> list[Finding]:
        errors = self._validator(where).iter_errors(value)
        return [Finding(error.json_path.removeprefix("$.") or "body", _words(error)) for error in errors]

    def _build(self, where: tuple[str, ...]) -> Draft202012Validator:
        file, *path = where
        _, trail = _walk(self._documents[file], ("paths", *path))
        pointer = "/".join(name.replace("~", "~0").replace("/", "~1") for name in trail)
        formats = Draft202012Validator.FORMAT_CHECKER
        return Draft202012Validator({"$ref": f"{file}#/{pointer}"}, registry=self._registry, format_checker=formats)


def _words(error: Any) -> str:
    """Which rule was broken, without the value that broke it: that may be an address."""
    return f"the provider's description wants {error.validator} {json.dumps(error.validator_value)[:120]}"


def _walk(document: Any, path: Iterable[str]) -> tuple[Any, tuple[str, ...]]:
    """What lies at `path`, and the path that leads there without crossing a reference."""
    node, trail = document, tuple[str, ...]()
    for name in path:
        node, trail = node[name], (*trail, name)
        while isinstance(node, dict) and "$ref" in node:
            node, trail = _walk(document, node["$ref"].removeprefix("#/").split("/"))
    return node, trail


def _strict(node: Any) -> Any:
    """The description as JSON Schema of 2020: no properties that it does not name, and null where it says nullable."""
    match node:
        case dict():
            made = {name: _strict(value) for name, value in node.items()}
            if made.get("type") == "object" and "properties" in made:
                made.setdefault("additionalProperties", False)
            if made.pop("nullable", None) is True and isinstance(made.get("type"), str):
                made["type"] = [made["type"], "null"]
            return made
        case list():
            return [_strict(value) for value in node]
        case _:
            return node


def _typed(form: Iterable[tuple[str, str]], properties: Mapping[str, Any]) -> dict[str, Any]:
    """A form's values in the types that the description gives them; what cannot be read stays text."""
    typed: dict[str, Any] = {}
    for name, value in form:
        wanted = properties.get(name, {})
        if wanted.get("type") == "array":
            typed.setdefault(name, []).append(value)
        else:
            typed[name] = next(_read(wanted.get("type"), value), value)
    return typed


def _read(wanted: str | None, value: str) -> Iterator[Any]:
    match wanted:
        case "integer" if value.removeprefix("-").isdecimal():
            yield int(value)
        case "boolean" if value in ("true", "false"):
            yield value == "true"
