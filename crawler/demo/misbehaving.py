"""Sites that misbehave: one trick each, in every article."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import cache

from crawler.demo.newsroom import Answer
from crawler.demo.render import render
from crawler.demo.wire import head

_HTML = "text/html; charset=utf-8"
_XML = "application/xml; charset=utf-8"
_ARTICLES = (
    "/news/ferry-timetable-for-the-winter-months-4711",
    "/news/lamp-posts-in-the-old-quarter-get-new-light-4712",
)
_BOMB_BYTES = 200 * 1024 * 1024
_DRIP_SECONDS = 0.5
_LONGEST_DRIP = 1_200


@dataclass(frozen=True, slots=True, kw_only=True)
class Trick:
    """A site with one bad habit.

    Attributes:
        key: The habit's name.
        answer: The ordinary but unwelcome response to an article's path.
        raw: Bytes written as they come, instead of an `answer`.
        robots: The site's robots.txt.
        feed: The template of its feed.
    """

    key: str
    answer: Callable[[str], Answer] | None = None
    raw: Callable[[], AsyncIterator[bytes]] | None = None
    robots: str = "User-agent: *\nDisallow:\n"
    feed: str = "plain_feed.xml"

    def respond(self, path: str, base: str) -> Answer | None:
        """Return the response to a path, or None if it is to be written raw."""
        if path == "/robots.txt":
            body = self.robots.encode()
            return Answer(status=200, content_type="text/plain", body=body)
        if path == "/feed.xml":
            text = render(self.feed, base=base, key=self.key, paths=_ARTICLES)
            return Answer(status=200, content_type=_XML, body=text.encode())
        if path == "/":
            return _page("trick_front.html", base=base, key=self.key, paths=_ARTICLES)
        if self.raw is not None:
            return None
        return self.answer(path) if self.answer else _plain_article(path)


async def drip() -> AsyncIterator[bytes]:
    """Send headers at once and then one byte every half second, for ten minutes."""
    yield head(200, [("Content-Type", _HTML), ("Connection", "close")])
    for _ in range(_LONGEST_DRIP):
        yield b"<"
        await asyncio.sleep(_DRIP_SECONDS)


async def endless() -> AsyncIterator[bytes]:
    """Send a page that never ends, as fast as it is read."""
    yield head(200, [("Content-Type", _HTML), ("Transfer-Encoding", "chunked")])
    piece = b"<p>" + b"and so on and so on " * 400 + b"</p>\n"
    while True:
        yield b"%x\r\n%s\r\n" % (len(piece), piece)
        await asyncio.sleep(0)


async def bomb() -> AsyncIterator[bytes]:
    """Send 200 kB that unpack to 200 MiB."""
    packed = _bomb()
    fields = [("Content-Type", _HTML), ("Content-Encoding", "gzip")]
    yield head(200, [*fields, ("Content-Length", str(len(packed)))])
    yield packed


@cache
def _bomb() -> bytes:
    packer = zlib.compressobj(level=1, wbits=31)
    blank = bytes(1024 * 1024)
    blocks = [packer.compress(blank) for _ in range(_BOMB_BYTES // len(blank))]
    return b"".join(blocks) + packer.flush()


def _page(template: str, status: int = 200, **values: object) -> Answer:
    text = render(template, **values)
    return Answer(status=status, content_type=_HTML, body=text.encode())


def _plain_article(path: str) -> Answer:
    return _page("trick_article.html", path=path)


def _failing(_path: str) -> Answer:
    return _page("trick_error.html", 500)


def _busy(_path: str) -> Answer:
    page = _page("trick_error.html", 429)
    fields = (("Retry-After", "120"),)
    return Answer(status=429, content_type=_HTML, body=page.body, headers=fields)


def _redirect(target: str) -> Answer:
    fields = (("Location", target),)
    return Answer(status=302, content_type=_HTML, body=b"", headers=fields)


def _loop(path: str) -> Answer:
    """Send the client back and forth between a path and its `/again`."""
    again = "/again"
    there = path.endswith(again)
    return _redirect(path.removesuffix(again) if there else path + again)


def _lure(_path: str) -> Answer:
    return _redirect("http://169.254.169.254/latest/meta-data/")


def _soft_404(_path: str) -> Answer:
    return _page("soft_404.html")


def _bot_wall(_path: str) -> Answer:
    return _page("bot_wall.html", 403)


def _consent(_path: str) -> Answer:
    return _page("consent.html")


def _shell(_path: str) -> Answer:
    return _page("shell.html")


TRICKS = (
    Trick(key="slow", raw=drip),
    Trick(key="endless", raw=endless),
    Trick(key="bomb", raw=bomb),
    Trick(key="failing", answer=_failing),
    Trick(key="busy", answer=_busy),
    Trick(key="loop", answer=_loop),
    Trick(key="lure", answer=_lure),
    Trick(key="closed", robots="User-agent: *\nDisallow: /\n"),
    Trick(key="soft_404", answer=_soft_404),
    Trick(key="bot_wall", answer=_bot_wall),
    Trick(key="consent", answer=_consent),
    Trick(key="shell", answer=_shell),
    Trick(key="dtd_feed", feed="dtd_feed.xml"),
    Trick(key="broken_feed", feed="broken_feed.xml"),
)
