"""The pages, and the answer they go out in: rendered here, without a script, closed to everything else."""

from base64 import b64encode
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Final

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.html.wording import Wording, said, wording

_HERE: Final = Path(__file__).parent
_STYLE: Final = (_HERE / "style.css").read_text("utf-8")
_PAGES: Final = Environment(
    loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
_PAGES.globals["style"] = _STYLE
_PAGES.filters["said"] = said
_DIGEST: Final = b64encode(sha256(_STYLE.encode()).digest()).decode()
CLOSED: Final = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_DIGEST}'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
"""A page's address is a key, so it goes into no referrer, no cache and no index."""


def page(
    name: str,
    wording: Wording,
    status: HTTPStatus = HTTPStatus.OK,
    headers: dict[str, str] | None = None,
    **values: object,
) -> HTMLResponse:
    """A page by its name, in a language, with what it is to say."""
    html = _PAGES.get_template(f"{name}.html").render(values, words=wording.words, language=wording.language)
    return HTMLResponse(html, status, {**CLOSED, **(headers or {})})


def told(
    what: str, request: Request, status: HTTPStatus = HTTPStatus.NOT_FOUND, headers: dict[str, str] | None = None
) -> HTMLResponse:
    """A page of a title and a sentence, `unknown`, `refused` or `sorry`, in the language of whoever asks."""
    return page("told", wording(None, accepted(request)), status, headers, what=what)


def accepted(request: Request) -> str:
    """Which languages a browser asks for."""
    return request.headers.get("accept-language", "")
