"""A small archive to show: four stories, one of them hostile, written for this."""

import struct
import zlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from zlib import crc32

from crawler.service.service import Service
from storage.model.article import (
    Article,
    Block,
    BlockKind,
    Claim,
    Dateline,
    Provenance,
    Removed,
)
from storage.model.exchange import Exchange
from storage.model.link import NewLink, Settlement
from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState
from storage.model.moment import Moment, Precision
from storage.sql.articles import keep_version
from storage.sql.captures import KeptRecords, add_capture, mark_fetched
from storage.sql.ledger import add_links, find_link, settle
from storage.sql.sources import find_source
from storage.warc.capture import capture_records
from storage.writer import Tx

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
#: Text that would do harm where it is not escaped or not isolated.
SCRIPT = "<script>alert('boo')</script>"
TEMPLATE = "{{7*7}}"
RECEIVED = b"<!doctype html><p>as received</p>"
OVERRIDE = "\u202egnp.live\u202c"


def block(text: str, kind: BlockKind = BlockKind.PARAGRAPH, level: int = 0) -> Block:
    return Block(kind=kind, text=text, level=level)


HARBOUR = Article(
    url="https://harbour.example/bridge-opens",
    title="Old swing bridge opens to ships again after eleven years",
    raw_title="Old swing bridge opens to ships again after eleven years | Harbour Post",
    site="Harbour Post",
    authors=("Ines Albrook", "Tom Varley"),
    published=Moment(
        at=datetime(2026, 3, 14, 9, 5, tzinfo=timezone(timedelta(hours=1))),
        precision=Precision.MINUTE,
        zone_stated=True,
    ),
    modified=Moment(
        at=datetime(2026, 3, 14, tzinfo=UTC),
        precision=Precision.DAY,
        zone_stated=False,
    ),
    section="Region",
    tags=("bridges", "shipping", "rivers"),
    image="https://pictures.example/bridge.jpg",
    language="en",
    dateline=Dateline(place="Millwater", source="own report", date=None, rest=12),
    blocks=(
        block(
            "MILLWATER – The swing bridge at the mouth of the Orrin turned on its "
            "pillar this morning for the first time in eleven years, and a coaster "
            "with timber passed below the cheers of some two hundred people."
        ),
        block(
            "The repair took four winters. Salt had eaten the bearing, and the ring "
            "that replaces it had to be cast in one piece."
        ),
        block("What it cost", BlockKind.HEADING, 2),
        block("The town paid 3.2 million, the state the rest:"),
        block("bearing and ring: 1.9 million", BlockKind.LIST_ITEM, 1),
        block("of it for transport: 0.4 million", BlockKind.LIST_ITEM, 2),
        block("machine house: 1.1 million", BlockKind.LIST_ITEM, 1),
        block(
            "“We had thought of a fixed bridge. Nobody would have come to see it.”",
            BlockKind.QUOTE,
        ),
        block(
            "Year | Ships | Openings\n2014 | 812 | 640\n2026 | 3 | 1", BlockKind.TABLE
        ),
        block(
            "06:10  bridge closed to cars\n06:25  turned\n06:50  open again",
            BlockKind.PREFORMATTED,
        ),
        block("A post with a film of the opening", BlockKind.EMBED),
        block("The bridge will turn twice a day from April, at high water."),
    ),
    captions=("The bridge half open, seen from the mole.",),
    counters={"views": 12345, "comments": 7},
    marks=("needs_review",),
    provenance={
        "title": Provenance(
            winner=Claim(
                origin="json-ld",
                raw="Old swing bridge opens to ships again after eleven years",
                value="Old swing bridge opens to ships again after eleven years",
            ),
            losers=(
                Claim(
                    origin="meta og:title",
                    raw="Swing bridge is back! | Harbour Post",
                    value="Swing bridge is back!",
                ),
            ),
        ),
        "published": Provenance(
            winner=Claim(
                origin="json-ld",
                raw="2026-03-14T09:05+01:00",
                value="2026-03-14T09:05:00+01:00",
            )
        ),
    },
    removed=(
        Removed(
            text="Read also: Ten walks along the Orrin",
            boilerplate="read_more",
            rule="lexicon:read_also",
            index=4,
        ),
        Removed(
            text="12,345 views", boilerplate="view_count", rule="number+views", index=9
        ),
    ),
)
HARBOUR_LATER = replace(
    HARBOUR,
    title="Old swing bridge opens to ships again after twelve years",
    blocks=(
        replace(
            HARBOUR.blocks[0],
            text=HARBOUR.blocks[0].text.replace("eleven years", "twelve years"),
        ),
        *HARBOUR.blocks[1:],
    ),
)
ARABIC = Article(
    url="https://nahr.example/safina",
    title="سفينة قديمة تعود إلى الميناء بعد ترميم طويل",
    site="صحيفة النهر",
    authors=("سلمى الوادي",),
    published=Moment(at=NOON, precision=Precision.SECOND, zone_stated=False),
    language="ar",
    blocks=(
        block(
            "عادت السفينة القديمة إلى الميناء صباح اليوم بعد ثلاث سنوات من الترميم، "
            "واستقبلها الأهالي على الرصيف."
        ),
        block("خطة المدينة", BlockKind.HEADING, 2),
        block(
            "تقول البلدية إن السفينة ستصبح متحفا صغيرا يفتح أبوابه في شهر مايو 2026."
        ),
        block("التذاكر مجانية للتلاميذ", BlockKind.LIST_ITEM, 1),
        block("الزيارة من التاسعة إلى الخامسة", BlockKind.LIST_ITEM, 1),
    ),
    tags=("الميناء", "متاحف"),
)
JAPANESE = Article(
    url="https://kawabe.example/ferry",
    title="渡し船の時刻表、四月から朝の便を増やす",
    site="川辺新聞",
    authors=("野原 みどり",),
    language="ja",
    blocks=(
        block(
            "町は十四日、川を渡る船の時刻表を四月から改め、朝の便を三本増やすと発表した。"
            "通学に使う生徒から「船が足りない」という声が上がっていた。"
        ),
        block("運賃は変わらない。", BlockKind.PARAGRAPH),
        block("「雨の日も乗れるのがうれしい」と高校生の一人は話す。", BlockKind.QUOTE),
    ),
    section="地域",
)
HOSTILE = Article(
    url="javascript:alert(1)",
    title=f"{SCRIPT} {TEMPLATE} {OVERRIDE}",
    site=SCRIPT,
    authors=(SCRIPT, OVERRIDE),
    language='en" onload="alert(1)',
    section=TEMPLATE,
    tags=(SCRIPT, TEMPLATE),
    image="javascript:alert(2)",
    captions=(SCRIPT,),
    blocks=(
        *(block(f"{kind} {SCRIPT} {TEMPLATE}", kind, 3) for kind in BlockKind),
        block("W" * 400),
        block("W" * 400, BlockKind.PREFORMATTED),
    ),
    marks=(SCRIPT,),
    provenance={
        "title": Provenance(winner=Claim(origin=SCRIPT, raw=SCRIPT, value=OVERRIDE))
    },
    removed=(Removed(text=SCRIPT, boilerplate=SCRIPT, rule=SCRIPT, index=0),),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """The ids of the stories in an archive."""

    harbour: int
    arabic: int
    japanese: int
    hostile: int


async def fill(service: Service) -> Archive:
    """Keep the stories, as if their sites had been visited."""
    ids = [
        await keep(service, HARBOUR, "Harbour Post", NOON),
        await keep(service, ARABIC, None, NOON),
        await keep(service, JAPANESE, "川辺新聞", NOON),
        await keep(service, HOSTILE, None, NOON, url="https://hostile.example/1"),
    ]
    await keep(service, HARBOUR_LATER, "Harbour Post", NOON + timedelta(hours=3))
    await keep_image(service, str(HARBOUR.image), NOON)
    harbour, arabic, japanese, hostile = ids
    return Archive(harbour=harbour, arabic=arabic, japanese=japanese, hostile=hostile)


def picture(width: int, height: int) -> bytes:
    """Return a PNG of a dusk."""
    rows = b"".join(
        b"\0" + bytes((70 + 120 * y // height, 90, 150 - 80 * y // height)) * width
        for y in range(height)
    )
    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", size), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(held))
        + kind
        + held
        + struct.pack(">I", crc32(kind + held))
        for kind, held in parts
    )


async def keep_image(service: Service, url: str, at: datetime) -> None:
    """Keep an image that a page shows."""
    exchange = _exchange(url, at, picture(640, 360), "image/png")
    records = capture_records(exchange)
    link = NewLink(url=url, key=url, host=url.split("/")[2], kind=LinkKind.ASSET)

    def work(tx: Tx) -> None:
        add_links(tx.session, [link], source=None, found_on=None, now=at)
        known = find_link(tx.session, link.key)
        assert known is not None
        request, response = tx.append([records.request, records.response])
        kept = KeptRecords(
            request=request,
            response=response,
            payload_sha256=records.payload_sha256,
            record_sha256=records.record_sha256,
            request_sha256=records.request_sha256,
        )
        add_capture(tx.session, exchange, kept, link_id=known.id, to_read=False)

    await service.means.writer.run(work)


async def keep(
    service: Service,
    article: Article,
    source: str | None,
    at: datetime,
    *,
    url: str | None = None,
    body: bytes = RECEIVED,
) -> int:
    """Keep one version with its link and its capture; return the article's id."""
    url = url or article.url
    exchange = _exchange(url, at, body)
    records = capture_records(exchange)
    link = NewLink(
        url=url,
        key=url,
        host=url.split("/")[2],
        kind=LinkKind.ARTICLE,
        title=article.title,
    )

    def work(tx: Tx) -> int:
        row = find_source(tx.session, source) if source else None
        source_id = row.id if row else None
        add_links(tx.session, [link], source=source_id, found_on=None, now=at)
        known = find_link(tx.session, link.key)
        assert known is not None
        link_id = int(known.id or 0)
        request, response = tx.append([records.request, records.response])
        kept = KeptRecords(
            request=request,
            response=response,
            payload_sha256=records.payload_sha256,
            record_sha256=records.record_sha256,
            request_sha256=records.request_sha256,
        )
        capture = add_capture(
            tx.session, exchange, kept, link_id=link_id, to_read=False
        )
        mark_fetched(tx.session, link_id, exchange, full=True)
        done = keep_version(
            tx.session,
            link_id=link_id,
            source_id=source_id,
            key=link.key,
            capture_id=capture,
            captured_at=at,
            article=article,
            extractor="test 1",
        )
        settlement = Settlement(
            state=LinkState.ARCHIVED,
            reason=f"article, {done.change}",
            next_run=at + timedelta(days=1),
        )
        settle(tx.session, link_id, settlement)
        return done.article_id

    return await service.means.writer.run(work)


def _exchange(
    url: str, at: datetime, body: bytes, media: str = "text/html"
) -> Exchange:
    path = "/" + url.split("/", 3)[3]
    head = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
    return Exchange(
        url=url,
        started_at=at,
        elapsed=timedelta(milliseconds=120),
        request=f"GET {path} HTTP/1.1\r\nHost: {url.split('/')[2]}\r\n\r\n".encode(),
        response=head % (media.encode(), len(body)) + body,
        status=200,
        headers=(("Content-Type", media), ("Content-Length", str(len(body)))),
        body=body,
        ip="192.0.2.7",
    )
