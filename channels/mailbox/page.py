"""Pages on 127.0.0.1 that show the mailbox: the list, one message, and where a message's links lead in development."""

from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Final, Self
from urllib.parse import parse_qs, urlsplit

from jinja2 import DictLoader, Environment

from channels.mailbox.sink import LOOPBACK
from channels.mailbox.store import Mailbox
from channels.protocol import Channel

_POLL: Final = 0.05  # seconds until a stop is noticed
LINKS: Final = ("unsubscribe", "preferences", "confirm")
_FRAME: Final = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{{ title }} · mailbox</title><style>
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #ddd}
iframe{width:100%;height:36rem;border:1px solid #ccc}pre{white-space:pre-wrap;background:#f6f6f6;padding:1rem}
</style><p><a href="/">Mailbox</a></p><h1>{{ title }}</h1>{% block main %}{% endblock %}</html>"""
_LIST: Final = """{% extends "frame" %}{% block main %}
{% if arrivals %}<table><tr><th>Sent<th>Channel<th>To<th>Subject<th>Template</tr>
{% for arrival in arrivals %}<tr><td>{{ arrival.sent_at.strftime("%d %b %Y %H:%M") }}<td>{{ arrival.channel }}
<td><a href="/?{{ {"to": arrival.to}|urlencode }}">{{ arrival.to }}</a>
<td><a href="/message/{{ arrival.id }}">{{ arrival.subject or "(text message)" }}</a><td>{{ arrival.template }}</tr>
{% endfor %}</table>{% else %}<p>Nothing has arrived yet.</p>{% endif %}{% endblock %}"""
_MESSAGE: Final = """{% extends "frame" %}{% block main %}
<p>From {{ opened.arrival.sender }} to {{ opened.arrival.to }},
{{ opened.arrival.sent_at.strftime("%d %b %Y %H:%M %Z") }}
{% if opened.arrival.template %}· template {{ opened.arrival.template }}{% endif %}</p>
{% if opened.html %}<iframe sandbox title="The message as it looks"
src="/message/{{ opened.arrival.id }}/html"></iframe>
<h2>As text</h2>{% endif %}<pre>{{ opened.text }}</pre>{% endblock %}"""
_LINK: Final = """{% extends "frame" %}{% block main %}
<p>A customer's <em>{{ link }}</em> link leads here while messages go to the development mailbox.
Nothing was changed.</p>
{% endblock %}"""
_PAGES: Final = Environment(
    loader=DictLoader({"frame": _FRAME, "list": _LIST, "message": _MESSAGE, "link": _LINK}), autoescape=True
)
_SAFE: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; frame-src 'self'"


def local_links(base: str, correlation: str) -> Mapping[str, str]:
    """A message's `links.*` while they lead to the pages at `base`, such as http://127.0.0.1:8025."""
    return {link: f"{base}/links/{link}/{correlation}" for link in LINKS}


class Pages:
    """The pages' server, in a thread of its own: `with Pages(mailbox) as pages: pages.url`."""

    def __init__(self, mailbox: Mailbox, port: int = 0) -> None:
        """Takes the port at once. Raises OSError where it is taken."""
        self._server = ThreadingHTTPServer((LOOPBACK, port), _handler(mailbox))
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(_POLL,), name="mailbox-pages", daemon=True)

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self._server.server_port}"

    def start(self) -> None:
        """Answers from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Answers no more."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def answer(mailbox: Mailbox, target: str) -> tuple[HTTPStatus, str]:
    """The status and the page for a request's target, its path and query."""
    address = urlsplit(target)
    match address.path.strip("/").split("/"):
        case [""]:
            to = parse_qs(address.query).get("to", [None])[0]
            return HTTPStatus.OK, _page("list", title=to or "Mailbox", arrivals=mailbox.arrivals(to=to, limit=200))
        case ["links", link, *_] if link in LINKS:
            return HTTPStatus.OK, _page("link", title=link.capitalize(), link=link)
        case ["message", number, *rest] if number.isdecimal() and len(number) < 18 and rest in ([], ["html"]):
            return _message(mailbox, int(number), html=bool(rest))
        case _:
            return HTTPStatus.NOT_FOUND, _page("frame", title="There is no such page")


def _message(mailbox: Mailbox, number: int, *, html: bool) -> tuple[HTTPStatus, str]:
    opened = mailbox.open(number)
    if opened is None:
        return HTTPStatus.NOT_FOUND, _page("frame", title="There is no such message")
    if html:
        return HTTPStatus.OK, opened.html
    title = opened.arrival.subject if opened.arrival.channel is Channel.EMAIL else "Text message"
    return HTTPStatus.OK, _page("message", title=title, opened=opened)


def _page(name: str, **values: object) -> str:
    return _PAGES.get_template(name).render(values)


def _handler(mailbox: Mailbox) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        server_version = "Sojourn"
        sys_version = ""

        def do_GET(self) -> None:
            host = self.headers.get("Host", "").rpartition(":")[0]
            if host not in (LOOPBACK, "localhost"):  # else a foreign page could read this one by DNS rebinding
                self.send_error(HTTPStatus.MISDIRECTED_REQUEST)
                return
            status, page = answer(mailbox, self.path)
            body = page.encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", f"{_SAFE}{'; sandbox' if self.path.endswith('/html') else ''}")
            self.send_header("Referrer-Policy", "no-referrer")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            """Says nothing: a request's line may hold an address."""

    return Handler
