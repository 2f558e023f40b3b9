"""The pages' words, and the answer they go out in: rendered here, without a script, closed to everything else."""

from base64 import b64encode
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Final

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

_HERE: Final = Path(__file__).parent
_STYLE: Final = (_HERE / "style.css").read_text("utf-8")
_PAGES: Final = Environment(
    loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
_PAGES.globals["style"] = _STYLE
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
    name: str, status: HTTPStatus = HTTPStatus.OK, headers: dict[str, str] | None = None, **values: object
) -> HTMLResponse:
    """A page by its name, with what it is to say."""
    words = _PAGES.get_template(f"{name}.html").render(values)
    return HTMLResponse(words, status, {**CLOSED, **(headers or {})})
