"""The nouns that everything else speaks: exchanges, links, articles, verdicts.

All are frozen values. Times are aware and UTC unless a field says that it
keeps the zone a page stated.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntFlag, StrEnum
from typing import Any

from storage.looks import NO_LOOKS, Look, Tally


class Truncated(StrEnum):
    """Why a response is not whole (WARC/1.1, `WARC-Truncated`)."""

    LENGTH = "length"
    TIME = "time"
    DISCONNECT = "disconnect"
    UNSPECIFIED = "unspecified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A server's certificate: its SHA-256 in hex, over the DER, and who issued it."""

    sha256: str
    issuer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where an exchange was imported from: a WARC file, and its record there.

    `record` and `date` are that record's id and date, as they are written there.
    """

    file: str
    record: str
    date: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One HTTP exchange as it went over the wire, in memory.

    Attributes:
        url: The URL asked for.
        started_at: When the request was sent, UTC.
        elapsed: From sending the request to the last byte received.
        request: The request as sent: request line, headers, blank line. Nothing
            where it is not known.
        response: The final response as received: status line, headers, body
            with its transfer and content codings.
        status: The final status code; 0 when what came is no HTTP/1 response.
        headers: Response headers in order, names as sent, duplicates kept.
        body: The body with all codings removed, cut at the decoded limit.
        ip: The address that was dialled.
        protocol: `http/1.1` or `h2`.
        tls: TLS version and cipher suite, or None for plain HTTP.
        certificate: What the server proved itself with, or None for plain HTTP.
        truncated: Why the response is not whole, or None.
        decode_error: Why `body` is not the whole decoded payload, or None.
        interim: The interim (1xx) responses that came before `response`.
        excess: What came behind `response` and belongs to none.
        origin: Whence it was imported; None for what we fetched ourselves.
    """

    url: str
    started_at: datetime
    elapsed: timedelta
    request: bytes
    response: bytes
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    ip: str | None = None
    protocol: str = "http/1.1"
    tls: tuple[str, str] | None = None
    certificate: Certificate | None = None
    truncated: Truncated | None = None
    decode_error: str | None = None
    interim: bytes = b""
    excess: bytes = b""
    origin: Origin | None = None

    def header(self, name: str) -> str | None:
        """Return the first value of a header, or None; names ignore case."""
        wanted = name.lower()
        return next((v for k, v in self.headers if k.lower() == wanted), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """A page's document after its scripts ran in a browser.

    Attributes:
        url: The page's URL.
        document: The document as HTML, in UTF-8.
        started_at: When the browser was given the page, UTC.
        elapsed: From then on, answers to its scripts included.
        requests: How many requests of its scripts were passed on.
        refused: How many more were refused: by robots.txt, policy or budget.
        cut: Whether its time ran out before it came to rest.
    """

    url: str
    document: bytes
    started_at: datetime
    elapsed: timedelta
    requests: int = 0
    refused: int = 0
    cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a record's gzip member stands: file name, byte offset, byte length."""

    segment: str
    offset: int
    length: int


class RecordKind(StrEnum):
    """What a WARC record is that is no capture's request or answer.

    A `NOTE` says what rows say, a `STRAY` came with a response and is no part of it.
    """

    NOTE = "note"
    STRAY = "stray"


class LinkKind(StrEnum):
    """What a URL was found to be, before it is fetched."""

    FEED = "feed"
    SITEMAP = "sitemap"
    SECTION = "section"
    ARTICLE = "article"
    ASSET = "asset"

    @property
    def is_watched(self) -> bool:
        """Whether such a link is read for links, again and again."""
        return self in WATCHED_KINDS

    @property
    def way(self) -> "Way":
        """The way that links take which a list of this kind names."""
        return Way[self.name] if self.is_watched else Way.NONE


#: Kinds that are read for links, not for an article, nor kept as images and styles are.
WATCHED_KINDS = (LinkKind.FEED, LinkKind.SITEMAP, LinkKind.SECTION)


class Way(IntFlag):
    """By which kinds of lists a link was named."""

    NONE = 0
    FEED = 1
    SITEMAP = 2
    SECTION = 4


class LinkState(StrEnum):
    """Where a link stands in the ledger; every link is in exactly one state.

    `WAITING` has not been fetched, `CAPTURED` is safe but not extracted,
    `WATCHED` is a feed, sitemap or section polled again and again. All others
    are ends, each with a reason; `ARCHIVED` and `GONE` are still revisited, and
    `BUDGET` waits for a day with room. `KEPT` is an image or a style of a page.
    `EXCLUDED` and `ERASED` were taken down.
    """

    WAITING = "waiting"
    CAPTURED = "captured"
    WATCHED = "watched"
    ARCHIVED = "archived"
    KEPT = "kept"
    DUPLICATE = "duplicate"
    NOT_ARTICLE = "not_article"
    ROBOTS = "robots"
    REFUSED = "refused"
    BLOCKED = "blocked"
    SCOPE = "scope"
    TOO_OLD = "too_old"
    BUDGET = "budget"
    TRAP = "trap"
    GONE = "gone"
    ERROR = "error"
    DEAD = "dead"
    EXCLUDED = "excluded"
    ERASED = "erased"


class Depth(StrEnum):
    """How deep a takedown goes: no more shown, no more known, no more there."""

    HIDE = "hide"
    EXCLUDE = "exclude"
    ERASE = "erase"


class Ground(StrEnum):
    """The class of reason that somebody asked for a takedown, or we made one."""

    LAW = "law"
    PRIVACY = "privacy"
    RIGHTS = "rights"
    REQUEST = "request"
    OTHER = "other"


#: The ground of an erasure that nobody asked for: captures outlived their time.
RETENTION = "retention"


class TakedownState(StrEnum):
    """Where a takedown stands; an `ERASING` one is finished whatever happens."""

    STANDING = "standing"
    LIFTED = "lifted"
    ERASING = "erasing"
    ERASED = "erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class Blurb:
    """What a feed says of an article besides its title and times, as plain text."""

    authors: tuple[str, ...] = ()
    summary: str | None = None
    image: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLink:
    """A link as a feed, sitemap or page showed it, with what was said of it.

    `guid` stands for what a feed calls it for good, whatever its address.
    """

    url: str
    kind: LinkKind
    title: str | None = None
    published: datetime | None = None
    modified: datetime | None = None
    blurb: Blurb | None = None
    guid: str | None = None


class BlockKind(StrEnum):
    """What a block of an article's text is."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    LIST_ITEM = "list_item"
    QUOTE = "quote"
    TABLE = "table"
    PREFORMATTED = "preformatted"
    EMBED = "embed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block of text; `level` is 2-6 for headings, list depth for items."""

    kind: BlockKind
    text: str
    level: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one witness says a field is; `raw` is as the page has it."""

    origin: str
    raw: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Who won a field, and who lost."""

    winner: Claim
    losers: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """A line kept out of the text.

    Attributes:
        text: The line.
        boilerplate: Its class, such as `view_count` or `recent_posts`.
        rule: Which rule said so.
        index: Its place among the page's blocks, counted from 0.
    """

    text: str
    boilerplate: str
    rule: str
    index: int


class Precision(StrEnum):
    """How exact a stated time is."""

    DAY = "day"
    MINUTE = "minute"
    SECOND = "second"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A time as a page states it.

    Attributes:
        at: Aware; in the zone the page stated, or UTC when it stated none.
        precision: A DAY has 00:00 as its time.
        zone_stated: False when the page named no zone and UTC is assumed.
    """

    at: datetime
    precision: Precision
    zone_stated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Dateline:
    """The dateline of the first paragraph; it stays in the text.

    `rest` is the character offset in that paragraph where the prose begins.
    """

    place: str | None
    source: str | None
    date: str | None
    rest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a live blog.

    Attributes:
        start: Index of its first block in the article.
        end: Index after its last block.
        title: Its headline, which is a block as well; or nothing.
        at: Its time as the page states it, or None.
        authors: Who wrote it, where it says so itself.
        anchor: The fragment that leads to it on the page, or None.
    """

    start: int
    end: int
    title: str = ""
    at: Moment | None = None
    authors: tuple[str, ...] = ()
    anchor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The series of articles that an article is a part of, as far as it says."""

    name: str | None = None
    number: int | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What a page says, merged from all witnesses.

    `counters` holds numbers such as `views`, `comments`, `shares`; `marks` holds
    flags such as `paywalled`, `multi_page`, `live_blog`, `needs_review`, what the page
    says against being kept or mined (`noarchive`, `noai`, `tdm_reserved`), and text
    defects such as `cut_mid_word: paragraph 0, last token "anta"`. `parts` holds
    the URLs of the pages it was joined from, in order; it is empty for one page.
    `entries` are those of a live blog, in page order; their text is in `blocks`.
    """

    url: str
    title: str
    blocks: tuple[Block, ...]
    raw_title: str = ""
    site: str | None = None
    authors: tuple[str, ...] = ()
    published: Moment | None = None
    modified: Moment | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    image: str | None = None
    description: str | None = None
    language: str | None = None
    interface_language: str | None = None
    dateline: Dateline | None = None
    captions: tuple[str, ...] = ()
    counters: Mapping[str, int] = field(default_factory=dict)
    marks: tuple[str, ...] = ()
    provenance: Mapping[str, Provenance] = field(default_factory=dict)
    removed: tuple[Removed, ...] = ()
    parts: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()
    series: Series | None = None

    @property
    def text(self) -> str:
        """The blocks' texts, a blank line between them."""
        return "\n\n".join(block.text for block in self.blocks)


class VerdictKind(StrEnum):
    """What a capture is."""

    ARTICLE = "article"
    HUB = "hub"
    SOFT_404 = "soft_404"
    CONSENT = "consent"
    BOT_WALL = "bot_wall"
    TEASER = "teaser"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a capture is, and the evidence that says so."""

    kind: VerdictKind
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """The keys of a page's blocks, by which a site's template is learned.

    Attributes:
        keys: Of all its blocks, each once.
        samples: How the text of each begins.
        kept: Those of the blocks that became the text.
    """

    keys: tuple[int, ...]
    samples: tuple[str, ...]
    kept: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """What one page of a multi-page article says of the others.

    Attributes:
        number: Which page this is, counted from 1.
        first: Page 1's URL, where this is a later page.
        following: Later pages' numbers and URLs; there may be gaps.
        single: Where the whole article stands on one page, or None.
        total: How many pages there are, as far as it says.
        evidence: Why these are pages of one article.
    """

    number: int = 1
    first: str | None = None
    following: tuple[tuple[int, str], ...] = ()
    single: str | None = None
    total: int | None = None
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """What the extractor made of one capture.

    `article` is the best reading of the page even when the verdict is that it
    is none; None only where nothing could be read. `extractor` names the
    extractor's version. `footprint` is None for a page that teaches nothing of
    its site's template.
    `paging` says where the article goes on, if it does.
    """

    verdict: Verdict
    extractor: str
    article: Article | None = None
    footprint: Footprint | None = None
    paging: Paging | None = None


class Change(StrEnum):
    """How an article differs from its version before."""

    FIRST = "first"
    SAME = "same"
    COSMETIC = "cosmetic"
    MOVED = "moved"
    HEADLINE = "headline"
    CORRECTION = "correction"
    REWRITE = "rewrite"
    TRUNCATED = "truncated"
    RESTORED = "restored"
    GONE = "gone"


class Asking(StrEnum):
    """What a hub was asked for last and has not verified (`hub.mode`)."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """That a hub is to tell us of a feed's news (WebSub); one for each feed link.

    Attributes:
        link: The id of the feed's link.
        hub: Whom the feed names; it is asked at `endpoint`, where redirects led
            after so many `hops`.
        host: Whose turn the next request to it is.
        topic: What is subscribed to, as the feed writes it.
        callback: Where the hub reaches us; its last part is the secret `path`.
        secret: Signs what is delivered.
        is_private: Whether the feed came from a private network.
        announced_at: When the feed last named this hub and topic.
        asking: What was asked for and is not verified.
        asked_at: When it was asked for, while that is waited for.
        until: The end of the verified lease; None when there is none.
        is_denied: Whether the hub refused.
        failures: The back-off score of asking.
        reason: Why it is denied or fails.
        next_run: When something is to be done about it.
        delivered_at: The last delivery with a right signature.
        deliveries: How many there were.
        rejected: How many bodies had no right signature.
        hint_at: When the feed is read for a delivery that no reading followed yet.
        hinted_at: When it was last read for one.
        missed_at: When a reading found news that were not delivered.
        idle: Readings in a row that followed a delivery and found nothing.
    """

    link: int
    hub: str
    endpoint: str
    host: str
    topic: str
    callback: str = field(repr=False)
    path: str = field(repr=False)
    secret: str = field(repr=False)
    announced_at: datetime
    is_private: bool = False
    hops: int = 0
    asking: Asking | None = None
    asked_at: datetime | None = None
    until: datetime | None = None
    is_denied: bool = False
    failures: float = 0.0
    reason: str = ""
    next_run: datetime | None = None
    delivered_at: datetime | None = None
    deliveries: int = 0
    rejected: int = 0
    hint_at: datetime | None = None
    hinted_at: datetime | None = None
    missed_at: datetime | None = None
    idle: int = 0


class Haste(StrEnum):
    """Why an archived article is due before its time: a list said so, or somebody."""

    STATED = "stated"
    BY_HAND = "by hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link that is due, as a visit needs to know it.

    Attributes:
        source: The id of the source it belongs to, or None when asked for by hand.
        rhythm: What is known of a watched link's news, or of an archived article's
            changes, as JSON values.
        due: When it became due.
        haste: Why it is due before its time, or None.
        tally: What looks at its source's archived articles came to.
        failures: The back-off score.
        full_at: The last GET without validators.
        validators_lied_at: When they were last found to deny news.
        status: The newest answer's.
        first_seen: When its article was first archived, or the link found.
        archived: Whether an article of this link is archived.
        push: How a hub tells of a feed's news, if one was named.
    """

    id: int
    source: int | None
    host: str
    url: str
    key: str
    kind: LinkKind
    state: LinkState
    found_at: datetime
    first_seen: datetime
    archived: bool = False
    title: str | None = None
    published: datetime | None = None
    blurb: Blurb | None = None
    rhythm: Mapping[str, Any] | None = None
    due: datetime | None = None
    haste: Haste | None = None
    tally: Tally = NO_LOOKS
    failures: float = 0.0
    etag: str | None = None
    last_modified: str | None = None
    full_at: datetime | None = None
    validators_lied_at: datetime | None = None
    status: int | None = None
    fetched_at: datetime | None = None
    push: Subscription | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLink:
    """A link for the ledger: `key` is its identity, `host` who serves it.

    `modified` later than the last fetch makes a known link due at once. `guid` stands
    for what its feed calls it for good.
    """

    url: str
    key: str
    host: str
    kind: LinkKind
    state: LinkState = LinkState.WAITING
    reason: str = ""
    title: str | None = None
    published: datetime | None = None
    modified: datetime | None = None
    blurb: Blurb | None = None
    guid: str | None = None
    next_run: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """How many links were new, and how many known ones became due again.

    `readdressed` counts those among the new whose GUIDs had another address before;
    `stated` has the time each new article link is said to be from, or None.
    """

    new: int
    renewed: int
    readdressed: int = 0
    stated: tuple[datetime | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SubSitemap:
    """A sitemap of a source that another list named.

    `index` is the link that named it first, `news` how much it brought, the older
    weighing less (crawler.timing.rates); None before it was read.
    """

    id: int
    key: str
    index: int | None
    state: LinkState
    reason: str
    found_at: datetime
    fetched_at: datetime | None = None
    next_run: datetime | None = None
    failures: float = 0.0
    news: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a known link stands from now on, though it was not fetched."""

    id: int
    state: LinkState
    reason: str
    next_run: datetime | None
    failures: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Heed:
    """What a reading of a feed taught of its hub; `pause` is owed before a hint.

    `missed_at` and `idle` are as in `Subscription`; `told_at` is the delivery that was
    known then.
    """

    told_at: datetime | None
    missed_at: datetime | None
    idle: int
    pause: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """Where a fetched link stands now, why, and when it runs again.

    Of a watched link that was read, `rhythm` is what is now known of its news, as
    JSON values, and `pull` how strongly they ask for readings; `heed` is of a feed
    with a hub. Of an article it is what is known of its changes; `look` says what a
    look at it found.
    """

    state: LinkState
    reason: str
    next_run: datetime | None
    failures: float = 0.0
    interval: timedelta | None = None
    rhythm: Mapping[str, Any] | None = None
    pull: float | None = None
    look: Look | None = None
    heed: Heed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsCopy:
    """robots.txt as last received; `status` None means it was unreachable."""

    url: str
    status: int | None
    body: bytes
    read_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a host answered to an address that cannot exist.

    Attributes:
        url: The address.
        status: The answer's status; None when it led elsewhere or nowhere.
        verdict: What the answer was read as, or None.
        text: The text that was read from it, cut; empty unless the status is 200.
        at: When it was asked.
    """

    url: str
    status: int | None
    at: datetime
    verdict: VerdictKind | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """The right to visit a host: no commit holds without its fencing number.

    `turns` are the keys of those it holds: its domain's, and its address's.
    """

    host: str
    turns: tuple[str, ...]
    fence: int
    links: tuple[Link, ...]
    robots: RobotsCopy | None
    response_ms: float | None
    failures: int
    probe: Probe | None = None
