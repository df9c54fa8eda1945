"""An archive filled with planted sentences, of every shape that captures have.

Each word that ends in `zq` stands once in the world: sixteen random hexadecimal digits
before it. A full-text index keeps at least its last ten, whatever words stand beside.
"""

import gzip
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlmodel import select

from storage.model.article import Article, Block, BlockKind, Blurb
from storage.model.exchange import Exchange, Rendering
from storage.model.link import NewLink, Settlement
from storage.model.link_kind import LinkKind, Way
from storage.model.link_state import LinkState
from storage.sql.articles import keep_version
from storage.sql.captures import (
    KeptRecords,
    add_capture,
    add_rendering,
    mark_read,
    newest_capture,
)
from storage.sql.events import add_event
from storage.sql.ledger import add_links, find_link, note_alias, settle
from storage.sql.records import add_strays
from storage.sql.sources import SourceEntry, put_source
from storage.sql.tables import CaptureRow, FormerVersionRow, ReextractionRow, VersionRow
from storage.sql.templates import learn_pages
from storage.templates import CountedPage
from storage.warc.capture import (
    CaptureRecords,
    capture_records,
    conversion_record,
    revisit_records,
)
from storage.warc.record import read_member
from storage.writer import Tx, Writer

START = datetime(2026, 3, 1, 6, tzinfo=UTC)
WORD = re.compile(rb"([0-9a-f]{10})zq")
SITES = ("harbour.example", "valley.example")
#: So many articles does a feed hold, with their whole text.
FEED = 20
_WORDS = [
    "council",
    "harbour",
    "ferry",
    "winter",
    "repair",
    "timber",
    "meeting",
    "pillar",
    "town",
    "state",
    "coaster",
    "bearing",
    "morning",
    "machine",
    "price",
    "school",
    "bridge",
    "people",
    "river",
    "market",
]


@dataclass
class Planted:
    """An article of the fill.

    Attributes:
        number: Counted from 0.
        url: Its address.
        words: The planted words of all its versions, pages, title and address.
        survives: Whether another article rests on its payload, by a revisit.
        link: Its line in the ledger.
    """

    number: int
    url: str
    words: set[str]
    survives: bool = False
    link: int = 0
    titles: list[str] = field(default_factory=list)


@dataclass
class Fill:
    """Fills an archive through its writer, an article a commit's work."""

    writer: Writer
    dice: random.Random
    planted: list[Planted] = field(default_factory=list)
    _recent: list[tuple[str, str, str]] = field(default_factory=list)

    def run(self, articles: int) -> list[Planted]:
        """Keep so many articles; each feed is captured now and then."""
        futures = []
        for number in range(articles):
            futures.append(self.writer.submit(self._article(number)))
            if number % FEED == FEED - 1:
                futures.append(self.writer.submit(self._feed(number)))
            if len(futures) > 200:
                for future in futures:
                    future.result(60)
                futures = []
        for future in futures:
            future.result(60)
        return self.planted

    def _word(self, article: Planted) -> str:
        word = f"{self.dice.getrandbits(64):016x}zq"
        article.words.add(word)
        return word

    def _sentence(self, article: Planted) -> str:
        said = self.dice.choices(_WORDS, k=14)
        said.insert(self.dice.randrange(14), self._word(article))
        return f"{' '.join(said).capitalize()}."

    def _article(self, number: int) -> Callable[[Tx], None]:
        host = SITES[number % len(SITES)]
        one = Planted(number=number, url="", words=set())
        one.url = f"https://{host}/news/{number}-{self._word(one)}"
        one.survives = number % 50 == 7
        self.planted.append(one)
        versions = 1 + (number % 5 == 0) + (number % 20 == 0)
        title = f"Town council hears of {self._word(one)} today"
        texts = [[self._sentence(one) for _ in range(4)] for _ in range(versions)]
        at = START + timedelta(minutes=number)
        blurb = Blurb(summary=self._sentence(one))

        def work(tx: Tx) -> None:
            link = self._link(tx, one.url, title, blurb, at)
            one.link = link
            for version, text in enumerate(texts):
                when = at + timedelta(hours=version)
                page = _page(title, text)
                seen = _exchange(one.url, page, when, is_packed=number % 3 == 0)
                capture = _keep(tx, seen, link)
                parts = self._parts(tx, one, link, when) if number % 10 == 3 else ()
                if number % 25 == 4:
                    capture = _render(tx, seen, page, capture, when)
                _version(tx, link, one.url, capture, when, title, text, parts)
                if number % 4 == 1:
                    _repeat(tx, seen, link, capture)
            settle(
                tx.session,
                link,
                Settlement(state=LinkState.ARCHIVED, reason="article", next_run=None),
            )
            if number % 8 == 2:
                self._alias(tx, one, link, seen)
            if one.survives:
                _survivor(tx, one, link, seen, title, texts[-1])
            if number % 100 < 12:
                _learn(tx, link, capture, at, title, texts[-1])
            if number % 30 == 0:
                _former(tx, link)
            self._recent.append((one.url, title, " ".join(texts[-1])))

        return work

    def _link(
        self, tx: Tx, url: str, title: str | None, blurb: Blurb | None, at: datetime
    ) -> int:
        new = NewLink(
            url=url,
            key=url,
            host=url.split("/")[2],
            kind=LinkKind.ARTICLE,
            title=title,
            blurb=blurb,
        )
        source = 1 + SITES.index(url.split("/")[2])
        add_links(tx.session, [new], source=source, found_on=None, now=at, way=Way.FEED)
        found = find_link(tx.session, url)
        assert found is not None
        return int(found.id or 0)

    def _parts(self, tx: Tx, one: Planted, link: int, at: datetime) -> Sequence[int]:
        url = f"{one.url}?page=2"
        part = self._link(tx, url, None, None, at)
        settle(
            tx.session,
            part,
            Settlement(
                state=LinkState.DUPLICATE, reason=f"part_of {one.url}", next_run=None
            ),
        )
        page = _page("Town council, page 2", [self._sentence(one)])
        assert link
        return [_keep(tx, _exchange(url, page, at), part)]

    def _alias(self, tx: Tx, one: Planted, owner: int, seen: Exchange) -> None:
        url = f"{one.url}?from=feed"
        link = self._link(tx, url, None, None, seen.started_at)
        _keep(tx, _exchange(url, seen.body, seen.started_at), link)
        note_alias(tx.session, link, owner)
        settle(
            tx.session,
            link,
            Settlement(
                state=LinkState.DUPLICATE,
                reason=f"same article as {one.url}",
                next_run=None,
            ),
        )

    def _feed(self, number: int) -> Callable[[Tx], None]:
        at = START + timedelta(minutes=number, seconds=30)

        def work(tx: Tx) -> None:
            for host in SITES:
                items = [one for one in self._recent if host in one[0]]
                body = "".join(
                    f"<item><link>{url}</link><title>{title}</title>"
                    f"<description>&lt;p&gt;{text}&lt;/p&gt;</description></item>"
                    for url, title, text in items
                )
                url = f"https://{host}/feed.xml"
                found = find_link(tx.session, url)
                assert found is not None
                rss = f"<rss><channel>{body}</channel></rss>".encode()
                seen = _exchange(url, rss, at, media="application/rss+xml")
                capture = _keep(tx, seen, int(found.id or 0))
                _repeat(tx, seen, int(found.id or 0), capture)
            self._recent.clear()

        return work


def _page(title: str, text: Sequence[str]) -> bytes:
    body = "".join(f"<p>{line}</p>" for line in text)
    return f"<html><title>{title}</title><body>{body}</body></html>".encode()


def _exchange(
    url: str,
    body: bytes,
    at: datetime,
    *,
    is_packed: bool = False,
    media: str = "text/html",
) -> Exchange:
    coded = gzip.compress(body, mtime=0) if is_packed else body
    headers = [("Content-Type", media), ("Content-Length", str(len(coded)))]
    if is_packed:
        headers.append(("Content-Encoding", "gzip"))
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return Exchange(
        url=url,
        started_at=at,
        elapsed=timedelta(milliseconds=90),
        request=f"GET {url.split('/', 3)[3]} HTTP/1.1\r\n\r\n".encode(),
        response=f"HTTP/1.1 200 OK\r\n{lines}\r\n".encode() + coded,
        status=200,
        headers=tuple(headers),
        body=body,
        ip="192.0.2.9",
        interim=b"HTTP/1.1 103 Early Hints\r\n\r\n" if len(body) % 5 == 0 else b"",
        excess=body[:40] if len(body) % 7 == 0 else b"",
    )


def _keep(
    tx: Tx,
    seen: Exchange,
    link: int,
    records: CaptureRecords | None = None,
    revisit_of: int | None = None,
) -> int:
    made = records or capture_records(seen)
    members = [made.request, made.response, *made.strays]
    request, response, *places = tx.append(members)
    kept = KeptRecords(
        request=request,
        response=response,
        payload_sha256=made.payload_sha256,
        record_sha256=made.record_sha256,
        request_sha256=made.request_sha256,
    )
    capture = add_capture(
        tx.session, seen, kept, link_id=link, to_read=False, revisit_of=revisit_of
    )
    add_strays(tx.session, capture, made.strays, places)
    mark_read(tx.session, capture, seen.started_at)
    return capture


def _repeat(tx: Tx, seen: Exchange, link: int, capture: int) -> int:
    """Keep the same answer again, a while later, as a revisit."""
    row = tx.session.get_one(CaptureRow, capture)
    if row.rendered_from is not None:
        row = tx.session.get_one(CaptureRow, row.rendered_from)
    later = _exchange(
        seen.url,
        seen.body,
        seen.started_at + timedelta(minutes=7),
        is_packed=seen.header("content-encoding") is not None,
        media=seen.header("content-type") or "",
    )
    records = revisit_records(later, read_member(capture_records(seen).response))
    assert records is not None
    return _keep(tx, later, link, records, revisit_of=row.id)


def _render(tx: Tx, seen: Exchange, page: bytes, capture: int, at: datetime) -> int:
    made = Rendering(
        url=seen.url,
        document=b"<!doctype html>" + page,
        started_at=at,
        elapsed=timedelta(seconds=1),
    )
    record = conversion_record(made, seen)
    (place,) = tx.append([record.member])
    return add_rendering(tx.session, made, record, place, of_capture=capture)


def _version(  # noqa: PLR0917  # one version's facts
    tx: Tx,
    link: int,
    url: str,
    capture: int,
    at: datetime,
    title: str,
    text: Sequence[str],
    parts: Sequence[int] = (),
) -> None:
    blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=line) for line in text)
    article = Article(url=url, title=title, blocks=blocks, language="en")
    said = {"url": url, "title": title}
    add_event(tx.session, "article.new", said, at, send_at=at, link_id=link)
    keep_version(
        tx.session,
        link_id=link,
        source_id=1 + SITES.index(url.split("/")[2]),
        key=url,
        capture_id=capture,
        captured_at=at,
        article=article,
        extractor="fill",
        parts=parts,
    )


def _survivor(
    tx: Tx, one: Planted, link: int, seen: Exchange, title: str, text: Sequence[str]
) -> None:
    """Let two other links repeat the payload; an article rests on one of them."""
    newest = newest_capture(tx.session, link)
    assert newest is not None
    original = tx.session.get_one(CaptureRow, newest[0])
    whole = original.original or original
    for number in (1, 2):
        url = f"https://{one.url.split('/')[2]}/copy/{one.number}-{number}"
        new = NewLink(url=url, key=url, host=url.split("/")[2], kind=LinkKind.ARTICLE)
        add_links(tx.session, [new], source=None, found_on=None, now=seen.started_at)
        other = find_link(tx.session, url)
        assert other is not None
        capture = _repeat(tx, seen, int(other.id or 0), int(whole.id or 0))
        _version(tx, int(other.id or 0), url, capture, seen.started_at, title, text)


def _learn(
    tx: Tx, link: int, capture: int, at: datetime, title: str, text: Sequence[str]
) -> None:
    """Count the page in twice, so that its blocks' samples are kept."""
    site = tx.session.get_one(CaptureRow, capture).url.split("/")[2]
    keys = frozenset(hash(line) % 2**40 for line in text)
    samples = dict(zip(sorted(keys), text, strict=True))
    page = CountedPage(
        link=link,
        capture=capture,
        seen_at=at,
        keys=keys,
        kept=frozenset(),
        title=title,
    )
    learn_pages(tx.session, site, "en", pages=[page], samples=samples, now=at)


def _former(tx: Tx, link: int) -> None:
    """Keep a version as it was before a run was promoted."""
    if tx.session.get(ReextractionRow, "fill") is None:
        tx.session.add(ReextractionRow(name="fill", promoted_at=START, versions=1))
        tx.session.flush()
    newest = newest_capture(tx.session, link)
    version = tx.session.exec(
        select(VersionRow).where(
            VersionRow.capture_id == (newest[0] if newest else None)
        )
    ).first()
    if version is None:
        return
    tx.session.add(
        FormerVersionRow(
            run="fill",
            version_id=int(version.id or 0),
            change=version.change,
            title=version.title,
            text=version.text,
            story_sha256=version.story_sha256,
            extractor="older",
            document=version.document,
            promoted_sha256="0",
        )
    )


def lists(writer: Writer) -> None:
    """Enter two sources, and the feed of each."""

    def work(tx: Tx) -> None:
        for host in SITES:
            entry = SourceEntry(
                name=host,
                home=f"https://{host}/",
                language="en",
                state="active",
                settings={},
            )
            row = put_source(tx.session, entry, origin="test", now=START)
            url = f"https://{host}/feed.xml"
            new = NewLink(url=url, key=url, host=host, kind=LinkKind.FEED)
            add_links(tx.session, [new], source=row.id, found_on=None, now=START)

    writer.submit(work).result(60)
