"""A weekend magazine: one article on three pages, and one live blog that grows."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from crawler.demo.material import material
from crawler.demo.newsroom import Answer
from crawler.demo.render import render
from crawler.demo.story import Story, write_story

LANGUAGE = "id"
NAME = "Pelita Akhir Pekan"
FEED = "/feed.xml"
PAGES = 3
_HTML = "text/html; charset=utf-8"
_XML = "application/rss+xml; charset=utf-8"
_PARAGRAPHS = 3
_ENTRIES = 4
_NEXT_ENTRY = 120.0
_MOST_ENTRIES = 30


@dataclass(frozen=True, kw_only=True)
class LiveEntry:
    """An entry of the live blog."""

    number: int
    at: datetime
    title: str
    paragraph: str


@dataclass(kw_only=True)
class Magazine:
    """The magazine as it stands at a demo second; its words never change.

    Attributes:
        started_at: The real time of demo second 0.
        speed: Demo seconds in a real second.
    """

    started_at: datetime
    speed: float
    base: str = field(default="")

    @cached_property
    def long_read(self) -> Story:
        """The article that is spread over pages."""
        return write_story(material(LANGUAGE), "magazine", 0)

    @property
    def pages(self) -> tuple[tuple[str, ...], ...]:
        """Its paragraphs, page by page."""
        others = (write_story(material(LANGUAGE), "magazine", 7 + n) for n in range(2))
        told = [p for story in (self.long_read, *others) for p in story.paragraphs]
        return tuple(
            tuple(told[n * _PARAGRAPHS : (n + 1) * _PARAGRAPHS]) for n in range(PAGES)
        )

    def page_path(self, number: int) -> str:
        """Return where a page of the article is found."""
        path = f"/baca/{self.long_read.slug}/"
        return path if number == 1 else f"{path}{number}/"

    @cached_property
    def live_title(self) -> str:
        """The headline of the live blog."""
        return f"Langsung: {self._told(0).title}"

    @property
    def live_path(self) -> str:
        """Where the live blog is found."""
        return f"/langsung/{self._told(0).slug}"

    def entries(self, second: float) -> list[LiveEntry]:
        """Return the live blog's entries, newest first; one more every 120 seconds."""
        count = min(_ENTRIES + int(max(second, 0.0) // _NEXT_ENTRY), _MOST_ENTRIES)
        made = [self._entry(number) for number in range(count)]
        return made[::-1]

    def answer(self, path: str, second: float) -> Answer:
        """Answer a request for a path."""
        if path == "/robots.txt":
            return Answer(
                status=200, content_type="text/plain", body=b"User-agent: *\n"
            )
        if path == FEED:
            return self._rendered("magazine_feed.xml", _XML)
        if path == "/":
            return self._rendered("magazine.html", _HTML)
        if path == self.live_path:
            entries = self.entries(second)
            return self._rendered("magazine.html", _HTML, entries=entries)
        for number in range(1, PAGES + 1):
            if path == self.page_path(number):
                return self._rendered("magazine.html", _HTML, page=number)
        notice = render("magazine.html", **self._values(missing=True))
        return Answer(status=404, content_type=_HTML, body=notice.encode())

    def _rendered(self, template: str, content_type: str, **values: object) -> Answer:
        text = render(template, **self._values(**values))
        return Answer(status=200, content_type=content_type, body=text.encode())

    def _values(self, **values: object) -> dict[str, object]:
        given = {"page": 0, "entries": (), "missing": False, "total": PAGES}
        return {
            "magazine": self,
            "name": NAME,
            "base": self.base,
            "published": self.started_at - timedelta(hours=5),
            **given,
            **values,
        }

    def _told(self, number: int) -> Story:
        return write_story(material(LANGUAGE), "live", number)

    def _entry(self, number: int) -> LiveEntry:
        story = self._told(number)
        late = number - _ENTRIES + 1
        since = timedelta(hours=late) if late <= 0 else self._after(late)
        return LiveEntry(
            number=number,
            at=(self.started_at + since).replace(microsecond=0),
            title=story.title,
            paragraph=story.paragraphs[1],
        )

    def _after(self, late: int) -> timedelta:
        return timedelta(seconds=late * _NEXT_ENTRY / self.speed)
