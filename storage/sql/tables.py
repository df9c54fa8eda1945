"""The tables, the same on SQLite and PostgreSQL.

Rows are the archive's own memory: frozen nouns (storage.model) go in and come
out through ledger.py and articles.py. All times are aware UTC.
"""

from datetime import date, datetime
from typing import Any, Optional

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    literal_column,
    text,
)
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlmodel import Field, Relationship, SQLModel

from storage.warc.surt import surt

#: Text in the order of its bytes, whatever the database's language.
BYTEWISE = Text().with_variant(Text(collation="C"), "postgresql")
#: A number of 64 bits that the database gives; SQLite's own are called so.
_ROWID = BigInteger().with_variant(Integer, "sqlite")
#: A limit that stands in the statement: PostgreSQL plans a prepared one once for all
#: values only where it knows how many rows are wanted.
ONE = literal_column("1", Integer)
#: Tells lists from all other links, in the very words that an index is made for.
IS_LIST = "kind IN ('feed', 'sitemap', 'section')"
#: By what articles are ordered in lists by date (storage.sql.dated).
_DATE = "coalesce(published_at, first_seen)"
#: The state of a source whose links are due.
ACTIVE = "active"
#: Whether an article's page is there.
PRESENT, GONE = "present", "gone"


class SourceRow(SQLModel, table=True):
    """A site as its operator configured it; boosted, it is read as often as may be.

    `tally` is what looks at its archived articles came to (storage.looks). The last time
    that nobody watched it is from `paused_at` to `resumed_at`, or goes on.
    """

    __tablename__ = "source"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    home: str
    language: str | None = None
    state: str = ACTIVE
    origin: str = "config"
    settings: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    created_at: datetime
    boost_until: datetime | None = None
    tally: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    paused_at: datetime | None = None
    resumed_at: datetime | None = None


class HostRow(SQLModel, table=True):
    """What politeness is owed to.

    `fence` grows by one with each visit; a commit that carries an older number
    rolls back. `visiting_until` is when an abandoned visit may be taken over.
    `visitor` is the node whose visit it is or was last (storage.folder).
    `domain` and `address` are the keys of the turns it shares, as of its last visit.
    `probe_*` is what it answered to an address that cannot exist (model.Probe).
    `served_at` is when it last served a new article, or was first known.
    """

    __tablename__ = "host"

    key: str = Field(primary_key=True)
    free_at: datetime = Field(index=True)
    fence: int = 0
    visiting_until: datetime | None = None
    visitor: str = Field(default="", sa_column_kwargs={"server_default": ""})
    failures: int = 0
    response_ms: float | None = None
    robots_url: str | None = None
    robots_status: int | None = None
    robots_body: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    robots_at: datetime | None = None
    domain: str | None = Field(default=None, index=True)
    address: str | None = Field(default=None, index=True)
    probe_url: str | None = Field(default=None, sa_column=Column(Text))
    probe_status: int | None = None
    probe_verdict: str | None = None
    probe_text: str | None = Field(default=None, sa_column=Column(Text))
    probe_at: datetime | None = None
    served_at: datetime | None = None


class TurnRow(SQLModel, table=True):
    """The turn at a domain or an address, shared by all hosts there.

    `host` is whose visit has it, `until` when it may be taken over from a dead
    visit; the next begins at `free_at`.
    """

    __tablename__ = "turn"

    key: str = Field(primary_key=True)
    free_at: datetime
    host: str | None = Field(default=None, index=True)
    until: datetime | None = None


class LinkRow(SQLModel, table=True):
    """A URL seen and everything known about it: ledger and frontier in one.

    `kind` is a LinkKind, `state` a LinkState. `blurb` is what the feed said of it
    besides; `ways` holds the kinds of all lists that named it (Way), where
    `found_on` is only the first; of an image or a style it is the page or style
    that alone shows it. `alias_of` is the link under which the same
    article is archived. `guid` stands for what its feed calls it for good: 16 hex
    digits of a SHA-256, so that it is short.

    `next_run` is when it is due; None means never again by itself. `haste` says why
    an archived article is due before its time (Haste). `failures`
    is the never-die back-off score; `full_at` the last GET without validators,
    `validators_lied_at` when they were last found to deny news.
    `rhythm` is what is known of a watched link's news (crawler.timing.rates), or of an
    archived article's changes (crawler.timing.looks); `pull` how strongly news asks for
    readings, a column of its own because all are summed. `withheld` is the Depth to
    which what is kept of it was taken down (storage.sql.takedowns).
    """

    __tablename__ = "link"
    __table_args__ = (
        Index("ix_link_due", "host", "next_run"),
        Index("ix_link_next_run", "next_run", "source_id"),
        Index("ix_link_state", "state", "source_id"),
        Index("ix_link_standing", "state", "id"),
        Index(
            "ix_link_overdue",
            "source_id",
            "next_run",
            sqlite_where=text("kind <> 'asset' AND next_run IS NOT NULL"),
            postgresql_where=text("kind <> 'asset' AND next_run IS NOT NULL"),
        ),
        Index(
            "ix_link_fetched",
            "source_id",
            "fetched_at",
            "status",
            sqlite_where=text("kind <> 'asset'"),
            postgresql_where=text("kind <> 'asset'"),
        ),
        Index(
            "ix_link_list",
            "source_id",
            sqlite_where=text(IS_LIST),
            postgresql_where=text(IS_LIST),
        ),
        Index(
            "ix_link_pull",
            "pull",
            sqlite_where=text("pull IS NOT NULL"),
            postgresql_where=text("pull IS NOT NULL"),
        ),
        Index(
            "ix_link_sitemap",
            "source_id",
            sqlite_where=text("kind = 'sitemap'"),
            postgresql_where=text("kind = 'sitemap'"),
        ),
        Index(
            "ix_link_guid",
            "source_id",
            "guid",
            sqlite_where=text("guid IS NOT NULL"),
            postgresql_where=text("guid IS NOT NULL"),
        ),
        Index(
            "ix_link_asset",
            "found_on",
            sqlite_where=text("kind = 'asset'"),
            postgresql_where=text("kind = 'asset'"),
        ),
        Index(
            "ix_link_withheld",
            "withheld",
            sqlite_where=text("withheld IS NOT NULL"),
            postgresql_where=text("withheld IS NOT NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    source_id: int | None = Field(default=None, foreign_key="source.id", index=True)
    host: str = Field(foreign_key="host.key")
    url: str = Field(sa_column=Column(Text, nullable=False))
    key: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    kind: str
    state: str
    reason: str = ""
    robots_line: str | None = None
    found_on: int | None = None
    found_at: datetime
    title: str | None = None
    published: datetime | None = None
    blurb: dict[str, Any] | None = Field(
        default=None, sa_column=Column(JSON(none_as_null=True))
    )
    ways: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    alias_of: int | None = Field(default=None, foreign_key="link.id", index=True)
    guid: str | None = None
    next_run: datetime | None = None
    haste: str | None = None
    interval_s: float | None = None
    rhythm: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    pull: float | None = None
    attempts: int = 0
    failures: float = 0.0
    status: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    full_at: datetime | None = None
    validators_lied_at: datetime | None = None
    fetched_at: datetime | None = None
    withheld: str | None = None


class SubscriptionRow(SQLModel, table=True):
    """That a hub is to tell us of a feed's news; the names are model.Subscription's.

    `path` is looked up for every request to the callback, `next_run` at every tick.
    """

    __tablename__ = "subscription"

    link: int = Field(primary_key=True, foreign_key="link.id")
    hub: str = Field(sa_column=Column(Text, nullable=False))
    endpoint: str = Field(sa_column=Column(Text, nullable=False))
    host: str = Field(foreign_key="host.key")
    topic: str = Field(sa_column=Column(Text, nullable=False))
    callback: str = Field(sa_column=Column(Text, nullable=False))
    path: str = Field(unique=True)
    secret: str
    announced_at: datetime
    is_private: bool = False
    hops: int = 0
    asking: str | None = None
    asked_at: datetime | None = None
    until: datetime | None = None
    is_denied: bool = False
    failures: float = 0.0
    reason: str = Field(default="", sa_column=Column(Text, nullable=False))
    next_run: datetime | None = Field(default=None, index=True)
    delivered_at: datetime | None = None
    deliveries: int = 0
    rejected: int = 0
    hint_at: datetime | None = None
    hinted_at: datetime | None = None
    missed_at: datetime | None = None
    idle: int = 0


class SegmentRow(SQLModel, table=True):
    """A WARC file; `open` by one process, then `sealed` for ever.

    It stands in the data folder of `node`; `uploaded` is a sealed one that the object
    store has, byte for byte. Its records up to `days_to` are in days' files
    (storage.days).
    """

    __tablename__ = "segment"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    node: str = Field(default="", sa_column_kwargs={"server_default": ""})
    state: str = "open"
    opened_at: datetime
    sealed_at: datetime | None = None
    size: int | None = Field(default=None, sa_column=Column(BigInteger))
    sha256: str | None = None
    days_to: int = Field(
        default=0, sa_column=Column(BigInteger, nullable=False, server_default="0")
    )


class ObjectRow(SQLModel, table=True):
    """A file that is put into the object store, or was.

    `name` is its place below the data folder, `key` its place in the store. It is
    `begun` before its first byte goes, and `uploaded` once the store was seen to have
    what `sha256` and `size` say; `version` is the store's own, where it keeps versions.
    """

    __tablename__ = "object"

    name: str = Field(primary_key=True)
    key: str = Field(unique=True)
    state: str = "begun"
    begun_at: datetime
    uploaded_at: datetime | None = None
    size: int | None = Field(default=None, sa_column=Column(BigInteger))
    sha256: str | None = None
    version: str | None = None


class DayRow(SQLModel, table=True):
    """A day's root, as its file below `fixity/` states it (storage.days.files.Day).

    Each node has a chain of its own.
    """

    __tablename__ = "day"

    node: str = Field(default="", primary_key=True)
    day: str = Field(primary_key=True)
    leaves: int
    tree: str
    previous_day: str | None = None
    previous: str
    root: str


def key_of_capture(url: str, status: int, rendered_from: int | None) -> str:
    """Return the key under which a capture is looked up, empty for under none."""
    return surt(url) if status and rendered_from is None else ""


def _key_of_capture(context: DefaultExecutionContext) -> str:
    said = context.get_current_parameters()  # type: ignore[no-untyped-call]
    return key_of_capture(said["url"], said["status"], said.get("rendered_from"))


class CaptureRow(SQLModel, table=True):
    """One HTTP exchange kept in a WARC file.

    `extracted_at` is None until the capture was read (extraction or discovery);
    what start-up finds so is read again. `record_sha256` is over the response's
    gzip member as it stands in the file, `request_sha256` over the request's; None where
    an older Kliping kept it, as is `record_id`, the response's. `revisit_of` is the capture that holds what
    this one repeats: its record is a revisit. That one is never a revisit itself.

    `imported_from` names the WARC file that it was imported from, if it was.

    `surt` is its key in the indexes of archives, empty for what stands in none (a
    rendering, what was no HTTP), None where an older Kliping kept it and it is still
    to be made; `digest` is the record's payload digest, None where only the record says.

    With `rendered_from` it is no exchange but the document that a browser made of
    that capture: a conversion record, without a request. `page_link_id` is the link of
    the page whose scripts asked for it in a browser; it has no `link_id` then. None
    for all else, and for what an older Kliping kept.
    """

    __tablename__ = "capture"
    __table_args__ = (
        Index("ix_capture_link", "link_id", "id"),
        Index("ix_capture_surt", "surt", "fetched_at"),
        Index("ix_capture_segment", "segment", "length", "request_length"),
        Index(
            "ix_capture_page_link",
            "page_link_id",
            sqlite_where=text("page_link_id IS NOT NULL"),
            postgresql_where=text("page_link_id IS NOT NULL"),
        ),
    )

    id: int | None = Field(default=None, sa_column=Column(_ROWID, primary_key=True))
    link_id: int | None = Field(default=None, foreign_key="link.id")
    url: str = Field(sa_column=Column(Text, nullable=False))
    fetched_at: datetime = Field(index=True)
    elapsed_ms: int
    segment: str = Field(foreign_key="segment.name")
    offset: int = Field(sa_column=Column(BigInteger, nullable=False))
    length: int
    request_offset: int = Field(sa_column=Column(BigInteger, nullable=False))
    request_length: int
    record_sha256: str
    request_sha256: str | None = None
    record_id: str | None = None
    payload_sha256: str = Field(index=True)
    status: int
    content_type: str | None = None
    ip: str | None = None
    truncated: str | None = None
    decode_error: str | None = None
    rendered_from: int | None = Field(
        default=None, sa_column=Column(_ROWID, ForeignKey("capture.id"))
    )
    extracted_at: datetime | None = Field(default=None, index=True)
    verdict: str | None = None
    evidence: list[str] | None = Field(default=None, sa_column=Column(JSON))
    revisit_of: int | None = Field(
        default=None, sa_column=Column(_ROWID, ForeignKey("capture.id"), index=True)
    )
    imported_from: str | None = Field(default=None, sa_column=Column(Text))
    surt: str | None = Field(
        default=None, sa_column=Column(BYTEWISE, default=_key_of_capture)
    )
    digest: str | None = None
    page_link_id: int | None = Field(default=None, foreign_key="link.id")
    original: Optional["CaptureRow"] = Relationship(
        sa_relationship_kwargs={
            "lazy": "selectin",
            "join_depth": 1,
            "foreign_keys": "CaptureRow.revisit_of",
            "remote_side": "CaptureRow.id",
            "viewonly": True,
        }
    )
    page: Optional["CaptureRow"] = Relationship(
        sa_relationship_kwargs={
            "lazy": "selectin",
            "join_depth": 1,
            "foreign_keys": "CaptureRow.rendered_from",
            "remote_side": "CaptureRow.id",
            "viewonly": True,
        }
    )


class RecordRow(SQLModel, table=True):
    """A WARC record that is no capture's request or answer.

    `kind` is a RecordKind. A note holds what is known of `link_id`,
    and all of the version `version_id`; a stray came with `capture_id`. So whoever
    erases a link finds every record that says something of it.
    """

    __tablename__ = "record"

    id: int | None = Field(default=None, primary_key=True)
    segment: str = Field(foreign_key="segment.name", index=True)
    offset: int = Field(sa_column=Column(BigInteger, nullable=False))
    length: int
    sha256: str
    kind: str
    link_id: int | None = Field(default=None, foreign_key="link.id", index=True)
    capture_id: int | None = Field(
        default=None, sa_column=Column(_ROWID, ForeignKey("capture.id"))
    )
    version_id: int | None = Field(
        default=None, sa_column=Column(_ROWID, ForeignKey("version.id"))
    )


class ArticleRow(SQLModel, table=True):
    """A story under one canonical URL, as its newest version has it.

    `published_at` is UTC and None where no witness gave a usable date; where lists go
    by dates, `first_seen` stands for it (storage.sql.dated). `gone_at` is when
    the page was first missed; None while `state` is present. `first_link` is the link
    under which it was archived first, of an article that moved (storage.sql.moves).
    """

    __tablename__ = "article"
    __table_args__ = (
        Index("ix_article_source", "source_id", "id"),
        Index(
            "ix_article_seen",
            "source_id",
            "first_seen",
            sqlite_where=text("state <> 'erased'"),
            postgresql_where=text("state <> 'erased'"),
        ),
        Index(
            "ix_article_gone",
            "gone_at",
            sqlite_where=text("gone_at IS NOT NULL"),
            postgresql_where=text("gone_at IS NOT NULL"),
        ),
        Index("ix_article_date", text(_DATE), "id"),
        Index("ix_article_source_date", "source_id", text(_DATE), "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    link_id: int = Field(foreign_key="link.id", unique=True)
    first_link: int | None = None
    source_id: int | None = Field(default=None, foreign_key="source.id")
    key: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    url: str = Field(sa_column=Column(Text, nullable=False))
    title: str = Field(sa_column=Column(Text, nullable=False))
    site: str | None = None
    authors: list[str] = Field(sa_column=Column(JSON, nullable=False))
    language: str | None = Field(default=None, index=True)
    published_at: datetime | None = None
    first_seen: datetime = Field(index=True)
    last_seen: datetime
    versions: int = 1
    state: str = "present"
    gone_at: datetime | None = None


class VersionRow(SQLModel, table=True):
    """An article as it stood at one capture; `document` is the whole Article."""

    __tablename__ = "version"
    __table_args__ = (
        Index("ix_version_article", "article_id", "captured_at", "number"),
        Index("ix_version_story", "story_sha256"),
        Index("ix_version_captured", "captured_at", "article_id"),
    )

    id: int | None = Field(default=None, sa_column=Column(_ROWID, primary_key=True))
    article_id: int = Field(foreign_key="article.id")
    number: int
    capture_id: int | None = Field(
        default=None, sa_column=Column(_ROWID, ForeignKey("capture.id"), index=True)
    )
    captured_at: datetime
    change: str
    title: str = Field(sa_column=Column(Text, nullable=False))
    text: str = Field(sa_column=Column(Text, nullable=False))
    story_sha256: str
    extractor: str
    document: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class CensusRow(SQLModel, table=True):
    """How many rows a table has of a source, in a state, of a kind.

    Triggers of the database count, in the transaction that changes the rows: of
    `link`s, of `article`s, whose kind is their language, and of `capture`s and
    `version`s as a whole. What is of no source is of 0, and no language is "".

    The number is the sum over `shard`s, of which one may be below 0: PostgreSQL's
    connections have one each, or all processes would wait for the same row.
    """

    __tablename__ = "census"

    what: str = Field(primary_key=True)
    source_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    state: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    shard: int = Field(
        default=0,
        primary_key=True,
        sa_column_kwargs={"autoincrement": False, "server_default": "0"},
    )
    number: int = Field(sa_column=Column(BigInteger, nullable=False))


class PartRow(SQLModel, table=True):
    """A capture that a version was joined from, beside its first page's."""

    __tablename__ = "version_part"

    version_id: int = Field(
        sa_column=Column(_ROWID, ForeignKey("version.id"), primary_key=True)
    )
    number: int = Field(primary_key=True)
    capture_id: int = Field(
        sa_column=Column(_ROWID, ForeignKey("capture.id"), nullable=False, index=True)
    )


class FingerprintRow(SQLModel, table=True):
    """What tells an article's standing text from others, and whose copy it is.

    `signature` is storage.neardup's of `algorithm`; None for a text too short to tell.
    `anchor_id` is the article that its cluster was begun with, itself for that one; None
    where there is no other like it.
    """

    __tablename__ = "fingerprint"

    article_id: int = Field(primary_key=True, foreign_key="article.id")
    algorithm: int
    signature: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    anchor_id: int | None = Field(default=None, foreign_key="article.id", index=True)


class BandRow(SQLModel, table=True):
    """A band of an article's fingerprint, to find those that have it too.

    No foreign key: erasing an article would look through all rows for its own.
    """

    __tablename__ = "fingerprint_band"
    __table_args__ = ({"sqlite_with_rowid": False},)

    hash: int = Field(sa_column=Column(BigInteger, primary_key=True))
    article_id: int = Field(primary_key=True)


class SearchRow(SQLModel, table=True):
    """The tokens of an article as it stands, words joined by blanks.

    `title` has the headlines that it had before as well.
    """

    __tablename__ = "search_text"

    article_id: int = Field(primary_key=True, foreign_key="article.id")
    title: str = Field(sa_column=Column(Text, nullable=False))
    body: str = Field(sa_column=Column(Text, nullable=False))
    authors: str = Field(sa_column=Column(Text, nullable=False))
    section: str = Field(
        default="", sa_column=Column(Text, nullable=False, server_default="")
    )
    tags: str = Field(
        default="", sa_column=Column(Text, nullable=False, server_default="")
    )


class TemplateRow(SQLModel, table=True):
    """What the pages of a site have in common, as far as they were counted.

    `site` is a host, or a tenant of one (crawler.knowledge); `language` is
    its source's, as configured, or nothing. `generation` grows with a redesign.
    `title_suffixes` and `title_prefixes` are no part of its headlines; `day_first`
    says how its numeric dates are meant.
    """

    __tablename__ = "host_template"
    __table_args__ = (Index("ix_host_template_site", "site", "language", unique=True),)

    id: int | None = Field(default=None, primary_key=True)
    site: str
    language: str = ""
    pages: int = 0
    generation: int = 1
    learned_at: datetime
    title_suffixes: list[str] = Field(
        default_factory=list,
        sa_column=Column(JSON, nullable=False, server_default="[]"),
    )
    title_prefixes: list[str] = Field(
        default_factory=list,
        sa_column=Column(JSON, nullable=False, server_default="[]"),
    )
    day_first: bool | None = None


class TemplateBlockRow(SQLModel, table=True):
    """On how many of a site's counted pages one block was seen.

    `key` is a hash of the block's text, `linked` whether that was a link; `df`
    counts pages, `df_days` days. `sample` is how its text begins, kept once two
    pages have it: what one page alone says is nobody's template.
    """

    __tablename__ = "host_block"

    template_id: int = Field(primary_key=True, foreign_key="host_template.id")
    key: int = Field(sa_column=Column(BigInteger, primary_key=True))
    linked: bool
    df: int
    df_days: int
    first_seen: datetime
    last_seen: datetime
    sample: str = Field(default="", sa_column=Column(Text, nullable=False))


class TemplatePageRow(SQLModel, table=True):
    """A page counted in a site's template; `keys` and `kept` are packed keys.

    `kept` are those of its text, `others` and `neighbours` the pages that were
    known when it was read, and those of them that were of its day. `title` is its
    `<title>`, `dates` what it gives as dates, a line each.
    """

    __tablename__ = "host_page"

    template_id: int = Field(primary_key=True, foreign_key="host_template.id")
    link_id: int = Field(primary_key=True, foreign_key="link.id")
    place: int
    capture_id: int = Field(
        sa_column=Column(_ROWID, ForeignKey("capture.id"), nullable=False)
    )
    seen_at: datetime
    keys: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    kept: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    others: int
    neighbours: int
    title: str = Field(
        default="", sa_column=Column(Text, nullable=False, server_default="")
    )
    dates: str = Field(
        default="", sa_column=Column(Text, nullable=False, server_default="")
    )


class ReextractionRow(SQLModel, table=True):
    """A run whose new readings were put in the place of the old ones."""

    __tablename__ = "reextraction"

    name: str = Field(primary_key=True)
    promoted_at: datetime
    rolled_back_at: datetime | None = None
    versions: int


class FormerVersionRow(SQLModel, table=True):
    """A version as it was before a run was promoted.

    `promoted_sha256` is that of the document which took its place, or stayed there.
    """

    __tablename__ = "former_version"

    run: str = Field(primary_key=True, foreign_key="reextraction.name")
    version_id: int = Field(
        sa_column=Column(_ROWID, ForeignKey("version.id"), primary_key=True, index=True)
    )
    change: str
    title: str = Field(sa_column=Column(Text, nullable=False))
    text: str = Field(sa_column=Column(Text, nullable=False))
    story_sha256: str
    extractor: str
    document: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    promoted_sha256: str


class TakedownRow(SQLModel, table=True):
    """A takedown: how deep, why, who asked, and where it stands.

    `depth` is a Depth, `ground` a Ground, `state` a TakedownState.
    `note` and `asked_by` are the operator's words; of an erasure they should not
    repeat what was erased. With `everywhere` an erasure reaches into captures of
    lists that quote the article. `report` says what went, without content.
    """

    __tablename__ = "takedown"

    name: str = Field(primary_key=True)
    depth: str
    ground: str
    state: str = Field(index=True)
    note: str = Field(default="", sa_column=Column(Text, nullable=False))
    asked_by: str = Field(default="", sa_column=Column(Text, nullable=False))
    everywhere: bool = False
    requested_at: datetime
    finished_at: datetime | None = None
    lifted_at: datetime | None = None
    report: dict[str, Any] | None = Field(
        default=None, sa_column=Column(JSON(none_as_null=True))
    )


class TakedownTargetRow(SQLModel, table=True):
    """An address that a takedown is about, by the hash of its identity.

    `link_id` is its line in the ledger, None where there is none; `prior_state` where
    that stood before. While `is_barred`, the address is not asked for, and `refused`
    counts how often it was found again. `is_done` says that nothing is left to erase.
    """

    __tablename__ = "takedown_target"
    __table_args__ = (
        Index(
            "ix_takedown_target_barred",
            "key_sha256",
            sqlite_where=text("is_barred"),
            postgresql_where=text("is_barred"),
        ),
    )

    takedown: str = Field(primary_key=True, foreign_key="takedown.name")
    key_sha256: str = Field(primary_key=True)
    link_id: int | None = Field(default=None, foreign_key="link.id", index=True)
    prior_state: str | None = None
    is_barred: bool
    is_done: bool
    refused: int = 0


class ErasureRow(SQLModel, table=True):
    """A record that a tombstone takes the place of, entered before it is written.

    `erased_at` is None until it is on disk. Whoever looks for the record's own digest
    (`former_sha256`) finds that of the tombstone there.
    """

    __tablename__ = "erasure"

    segment: str = Field(primary_key=True, foreign_key="segment.name")
    offset: int = Field(sa_column=Column(BigInteger, primary_key=True))
    length: int
    takedown: str = Field(foreign_key="takedown.name", index=True)
    key_sha256: str | None = None
    former_sha256: str
    tombstone_sha256: str
    erased_at: datetime | None = None


class SourceDayRow(SQLModel, table=True):
    """What a source brought on a day; the names are SourceDay's (storage.source_day)."""

    __tablename__ = "source_day"
    __table_args__ = (
        Index("ix_source_day", "day", "source_id", "new", "asked", "walls", "read"),
    )

    source_id: int = Field(primary_key=True, foreign_key="source.id")
    day: date = Field(primary_key=True)
    found: int = 0
    asked: int = 0
    walls: int = 0
    missing: int = 0
    broken: int = 0
    read: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    hours: list[int] = Field(sa_column=Column(JSON, nullable=False))
    fields: dict[str, int] = Field(sa_column=Column(JSON, nullable=False))
    lengths: dict[str, int] = Field(sa_column=Column(JSON, nullable=False))
    kept: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    removed: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))


class CountedRow(SQLModel, table=True):
    """Up to which row of a table the days of sources are counted."""

    __tablename__ = "counted"

    what: str = Field(primary_key=True)
    last_id: int = Field(sa_column=Column(_ROWID, nullable=False))


class AlertRow(SQLModel, table=True):
    """An alert, or the suspicion of one; the names are Alert's (storage.alerts)."""

    __tablename__ = "alert"
    __table_args__ = (
        Index(
            "ix_alert_standing",
            "source_id",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    source_id: int | None = Field(default=None, foreign_key="source.id")
    loss: str
    kind: str | None = None
    why: str = Field(sa_column=Column(Text, nullable=False))
    bad_since: datetime
    opened_at: datetime | None = Field(default=None, index=True)
    fine_since: datetime | None = None
    closed_at: datetime | None = None
    is_told: bool = False
    lost: float = 0.0


class EventRow(SQLModel, table=True):
    """Something that others are told of, as it is sent to them (crawler.health.telling).

    `next_try` is when it is sent, again if it was before; None for no more. `link_id`
    is the link of the article that it is about, if it is about one. No foreign key: a
    column with one would have SQLite copy the table.
    """

    __tablename__ = "event"
    __table_args__ = (
        Index(
            "ix_event_due",
            "next_try",
            sqlite_where=text("next_try IS NOT NULL"),
            postgresql_where=text("next_try IS NOT NULL"),
        ),
        Index(
            "ix_event_link",
            "link_id",
            sqlite_where=text("link_id IS NOT NULL"),
            postgresql_where=text("link_id IS NOT NULL"),
        ),
    )

    id: int | None = Field(default=None, sa_column=Column(_ROWID, primary_key=True))
    at: datetime
    type: str
    link_id: int | None = None
    data: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    sent_at: datetime | None = None
    tries: int = 0
    next_try: datetime | None = None
    why: str = Field(default="", sa_column=Column(Text, nullable=False))


class TokenRow(SQLModel, table=True):
    """Somebody who may ask: a token that was given out, or a browser's login.

    `digest` is the SHA-256 of the token, in hexadecimal; the token itself is nowhere.
    A login ends with its parent, the token that it was made with.
    """

    __tablename__ = "token"

    id: int | None = Field(default=None, primary_key=True)
    name: str
    scope: str
    digest: str = Field(unique=True)
    is_login: bool = False
    parent_id: int | None = Field(
        default=None, foreign_key="token.id", ondelete="CASCADE"
    )
    created_at: datetime
    expires_at: datetime | None = None


class JobRow(SQLModel, table=True):
    """Work that was asked for and takes long; the names are Job's (storage.sql.jobs)."""

    __tablename__ = "job"
    __table_args__ = (
        Index(
            "ix_job_open",
            "id",
            sqlite_where=text("finished_at IS NULL"),
            postgresql_where=text("finished_at IS NULL"),
        ),
        {"sqlite_autoincrement": True},  # no number is given twice
    )

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    state: str
    owner: str = ""
    wanted: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = Field(default=None, index=True)
    tries: int = 0
    done: int = 0
    total: int | None = None
    result: dict[str, Any] | None = Field(
        default=None, sa_column=Column(JSON(none_as_null=True))
    )
    problem: dict[str, Any] | None = Field(
        default=None, sa_column=Column(JSON(none_as_null=True))
    )
    file: str | None = None
    size: int | None = Field(default=None, sa_column=Column(BigInteger))


class AnswerRow(SQLModel, table=True):
    """What a request with an idempotency key was answered, to be answered so again.

    `key_sha256` is over the key, `asked_sha256` over what was asked with it; `status`
    is None while the request is still worked at.
    """

    __tablename__ = "answer"

    owner: str = Field(primary_key=True)
    key_sha256: str = Field(primary_key=True)
    path: str
    asked_sha256: str
    at: datetime = Field(index=True)
    status: int | None = None
    headers: dict[str, str] | None = Field(
        default=None, sa_column=Column(JSON(none_as_null=True))
    )
    body: bytes | None = Field(default=None, sa_column=Column(LargeBinary))


class DigestRow(SQLModel, table=True):
    """The digest of a day, entered before it is sent; none is sent twice.

    `state` is a DigestState (storage.sql.digests). It tells of what was until `until`.
    """

    __tablename__ = "digest"

    day: date = Field(primary_key=True)
    until: datetime
    state: str
    tries: int = 0
    next_try: datetime | None = None
    sent_at: datetime | None = None
    why: str = Field(default="", sa_column=Column(Text, nullable=False))


def table_of(row: type[SQLModel]) -> Table:
    """Return the table of a class of rows, for statements that each page costs.

    Made once and run on the session's connection, such a statement takes a third of
    the time of one that the session has to look at; it sees only what was flushed.
    """
    return SQLModel.metadata.tables[str(row.__tablename__)]
