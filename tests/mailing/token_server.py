"""A service that gives out access tokens over HTTPS, as Entra does."""

import http.server
import json
import ssl
import tempfile
import threading
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import trustme


class TokenServer:
    """The service as a test sees it."""

    def __init__(self, url: str, authority: bytes, asked: list[dict[str, str]]) -> None:
        self.url = url
        self.asked = asked
        """The forms that were sent."""
        self._authority = authority

    def trust(self, ca_file: Path) -> None:
        """Have a file of authorities take this service's one, too."""
        ca_file.write_bytes(ca_file.read_bytes() + self._authority)


@contextmanager
def token_server(status: int = 200, answer: Any = None) -> Iterator[TokenServer]:
    """Gives the token ``a-token``, or the *answer* with a *status*."""
    asked: list[dict[str, str]] = []
    told = json.dumps({"access_token": "a-token", "expires_in": 3599} if answer is None else answer).encode()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers["Content-Length"])).decode()
            asked.append(dict(urllib.parse.parse_qsl(form)))
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "https://evil.example/")
            self.end_headers()
            self.wfile.write(b"" if status >= 300 and answer is None else told)

        def log_message(self, *_: Any) -> None:
            pass

    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "server.pem"
        authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(place))
        context.load_cert_chain(place)
    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield TokenServer(f"https://localhost:{server.server_port}/token", authority.cert_pem.bytes(), asked)
    finally:
        server.shutdown()
        server.server_close()
