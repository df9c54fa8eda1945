"""A loopback site that echoes, errs and sends secrets of its own; and a failing webhook."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from crawler.cli.checkups.folder import PAGE
from tests.torture.secrets.plants import Planted

#: Paths of the articles that the feed names.
EXPLODES = "/explodes"
ARTICLES = ("/article", "/moved", "/userinfo", "/cookie", "/header", EXPLODES)


class _Site(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, planted: Planted) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.planted = planted

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Answer(BaseHTTPRequestHandler):
    server: _Site
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        planted, base = self.server.planted, self.server.base
        match self.path.partition("?")[0]:
            case "/feed.xml":
                self._say(200, self._feed().encode(), kind="application/rss+xml")
            case "/moved":
                self._move(f"{base}/landed?key={planted['redirect_key']}")
            case "/userinfo":
                port = self.server.server_address[1]
                login = f"me:{planted['redirect_userinfo']}"
                self._move(f"http://{login}@127.0.0.1:{port}/landed")
            case "/cookie":
                cookie = f"session={planted['site_cookie']}; Path=/"
                self._say(200, PAGE, cookie=cookie)
            case "/header":
                line = f"Authorization Bearer {planted['site_header']}\r\n"
                self.wfile.write(f"HTTP/1.1 200 OK\r\n{line}\r\n".encode())
                self.close_connection = True
            case "/article" | "/landed" | "/explodes" | "/given":
                self._say(200, PAGE)
            case _:
                self._echo(404)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._echo(500)

    def _feed(self) -> str:
        key = self.server.planted["article_access_token"]
        items = "".join(
            f"<item><title>Story {n}</title>"
            f"<link>{self.server.base}{path}?access_token={key}</link></item>"
            for n, path in enumerate(ARTICLES)
        )
        return f'<rss version="2.0"><channel><title>S</title>{items}</channel></rss>'

    def _move(self, target: str) -> None:
        self.send_response(302)
        self.send_header("Location", target)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _echo(self, status: int) -> None:
        self._say(status, f"{self.path}\n{self.headers}".encode())

    def _say(
        self, status: int, body: bytes, *, kind: str = "text/html", cookie: str = ""
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if cookie:
            self.send_header("Set-Cookie", cookie)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def site(planted: Planted) -> Iterator[str]:
    """Serve the site; yield its address."""
    server = _Site(planted)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.base
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
