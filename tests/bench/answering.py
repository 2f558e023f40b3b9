"""`python -m tests.bench.answering CERTIFICATE`: a provider that takes all, over TLS, in a process of its own."""

import json
import ssl
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Yes(BaseHTTPRequestHandler):
    """Says yes as SendGrid does, and as Twilio does, and keeps the connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """Takes a message."""
        self.rfile.read(int(self.headers["Content-Length"]))
        by_mail = self.path == "/v3/mail/send"
        body = b"" if by_mail else json.dumps({"sid": "SM" + "0" * 32}).encode()
        self.send_response(202 if by_mail else 201)
        self.send_header("X-Message-Id", "1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Says nothing."""


def serve(certificate: str) -> None:
    """Until it is killed; its port is the first line it writes."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    with ThreadingHTTPServer(("127.0.0.1", 0), Yes) as server:
        server.daemon_threads = True
        server.socket = context.wrap_socket(server.socket, server_side=True)
        print(server.server_port, flush=True)
        server.serve_forever()


if __name__ == "__main__":
    serve(sys.argv[1])
