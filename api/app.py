"""The application: every route, and one way of saying what is wrong."""

from fastapi import FastAPI

from api import clicks, health, pages, tracking, webhooks
from api.answers import answer_in_our_words
from api.served import Served

ABOUT = """
Events come in at `/v1`, as Segment's libraries send them; providers tell at `/webhooks` what became of messages.
Whatever is answered with success is committed. A fault says where it is, what was found and what was expected.
"""


def build_app(served: Served) -> FastAPI:
    """The API over these parts."""
    app = FastAPI(title="Sojourn", version="1", description=ABOUT, redirect_slashes=False)
    answer_in_our_words(app)
    for room in (tracking, webhooks, pages, clicks, health):
        app.include_router(room.routes(served))
    app.openapi().setdefault("components", {})["securitySchemes"] = {
        name: {"type": "http", "scheme": name, "description": "The write key."} for name in ("basic", "bearer")
    }
    return app
