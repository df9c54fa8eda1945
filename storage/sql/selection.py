"""All articles that a query asks for, and what is told of each; one moment's view.

The ids come first, eight bytes each, so that what follows needs no more memory for a
million articles than for a hundred.
"""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, select
from sqlmodel import Session, col

from storage.search.query import (
    Question,
    SearchField,
    Term,
    read_query,
    refuse_no_language,
    refuse_no_time,
)
from storage.sql.matching import matching
from storage.sql.summaries import standing_of
from storage.sql.tables import (
    ArticleRow,
    CaptureRow,
    FingerprintRow,
    LinkRow,
    SourceRow,
    VersionRow,
)

_ROWS_AT_ONCE = 100
_IDS_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which articles are asked for; nothing said asks for all.

    Attributes:
        query: In the language of `storage.search.query`, or nothing.
        source: Only this source's, by name.
        language: Only those in it, regional ones included.
        since: Only those published since; first seen, where they say nothing.
        until: Only those published before.
    """

    query: str = ""
    source: str | None = None
    language: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class Told(NamedTuple):
    """One version of an article, with all that is told of it.

    `url` is what was asked for; the article's own is in the document. What begins with
    `warc` says where the bytes are that it was read from; None where none are kept.
    `cluster` is the article that its copies are gathered around; None where it has none.
    """

    id: int
    version: int
    versions: int
    change: str
    state: str
    url: str
    title: str
    text: str
    document: dict[str, Any]
    source: str | None
    first_seen: datetime
    last_seen: datetime
    captured_at: datetime
    gone_at: datetime | None
    extractor: str
    link_id: int
    version_id: int
    capture_id: int | None
    status: int | None
    warc_file: str | None
    warc_offset: int | None
    warc_length: int | None
    warc_sha256: str | None
    payload_sha256: str | None
    cluster: int | None


def hold_moment(session: Session) -> None:
    """Let a session see one moment from now on, whatever is written meanwhile."""
    if session.get_bind().dialect.name == "sqlite":
        session.connection().exec_driver_sql("BEGIN")  # sqlite3 begins none to read
    else:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    session.execute(select(1).select_from(ArticleRow).limit(1))  # the moment is now


def refuse_unmeant(session: Session, wanted: Wanted) -> None:
    """Refuse what nothing can be found by, before it is looked for.

    Raises:
        BadQuery: As `wanted_ids`.
        StorageError: As `wanted_ids`.
    """
    matching(session, _question(wanted))


def wanted_ids(session: Session, wanted: Wanted) -> "array[int]":
    """Return the ids of all articles that are asked for, in order.

    Raises:
        BadQuery: the query asks for nothing, or too much; there is no such source, the
            language is none, or no time lies between the two.
        StorageError: the database is not one that can be searched.
    """
    found = matching(session, _question(wanted))
    query = found.query.order_by(found.id)
    rows = session.execute(query.execution_options(yield_per=_IDS_AT_ONCE))
    return array("q", (row[0] for row in rows))


def standing(session: Session, ids: Sequence[int]) -> Iterator[Told]:
    """Yield articles as they stand, in the order of their ids."""
    for some in _parts(ids):
        at = standing_of(some)
        found = _told().join(at, at.c.version_id == col(VersionRow.id))
        yield from (Told(*row) for row in session.execute(found))


def all_versions(session: Session, ids: Sequence[int]) -> Iterator[Told]:
    """Yield every version of articles, in the order of their captures."""
    for some in _parts(ids):
        found = _told().where(col(ArticleRow.id).in_(some))
        yield from (Told(*row) for row in session.execute(found))


def _question(wanted: Wanted) -> Question:
    asked = read_query(wanted.query) if wanted.query else Question()
    if wanted.language is not None:
        refuse_no_language(wanted.language)
    after = max(filter(None, (asked.after, wanted.since)), default=None)
    before = min(filter(None, (asked.before, wanted.until)), default=None)
    refuse_no_time(after, before)
    named = ((SearchField.SOURCE, wanted.source), (SearchField.LANG, wanted.language))
    return replace(
        asked,
        groups=(
            *asked.groups,
            *((Term(raw=raw, field=field),) for field, raw in named if raw is not None),
        ),
        after=after,
        before=before,
    )


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _ROWS_AT_ONCE):
        yield ids[start : start + _ROWS_AT_ONCE]


def _told() -> Select[Any]:
    return (
        select(*_columns())
        .join(VersionRow, col(VersionRow.article_id) == col(ArticleRow.id))
        .join(LinkRow, col(LinkRow.id) == col(ArticleRow.link_id))
        .outerjoin(SourceRow, col(SourceRow.id) == ArticleRow.source_id)
        .outerjoin(CaptureRow, col(CaptureRow.id) == VersionRow.capture_id)
        .outerjoin(FingerprintRow, col(FingerprintRow.article_id) == ArticleRow.id)
        .order_by(
            col(ArticleRow.id), col(VersionRow.captured_at), col(VersionRow.number)
        )
    )


def _columns() -> list[Any]:
    """Return what is told, in the order of Told's members."""
    of = {
        "version": col(VersionRow.number),
        "url": col(LinkRow.url),
        "source": col(SourceRow.name),
        "version_id": col(VersionRow.id),
        "capture_id": col(CaptureRow.id),
        "status": col(CaptureRow.status),
        "warc_file": col(CaptureRow.segment),
        "warc_offset": col(CaptureRow.offset),
        "warc_length": col(CaptureRow.length),
        "warc_sha256": col(CaptureRow.record_sha256),
        "payload_sha256": col(CaptureRow.payload_sha256),
        "cluster": col(FingerprintRow.anchor_id),
    }
    tables = (ArticleRow, VersionRow)
    of_version = {"change", "title", "text", "document", "captured_at", "extractor"}
    return [
        of[name] if name in of else col(getattr(tables[name in of_version], name))
        for name in Told._fields
    ]
