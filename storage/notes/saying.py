"""What rows say, as the JSON values of a note. `storage.notes.replay` reads them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlmodel import Session

from storage.model.link import NewLink
from storage.model.link_kind import Way
from storage.notes.record import stated
from storage.sql.nodes import node_of
from storage.sql.tables import (
    ArticleRow,
    CaptureRow,
    ErasureRow,
    FormerVersionRow,
    LinkRow,
    PartRow,
    ReextractionRow,
    SourceRow,
    TakedownRow,
    TakedownTargetRow,
    VersionRow,
    table_of,
)

Said = dict[str, Any]
_LINKS, _PARTS = table_of(LinkRow), table_of(PartRow)
_CAPTURES = table_of(CaptureRow)
_FOUND_ON, _OWNER, _SOURCES = _LINKS.alias(), _LINKS.alias(), table_of(SourceRow)
_LINK = (
    select(
        _LINKS,
        _SOURCES.c.name.label("source"),
        _FOUND_ON.c.key.label("found_on_key"),
        _OWNER.c.key.label("owner_key"),
    )
    .outerjoin(_SOURCES, _SOURCES.c.id == _LINKS.c.source_id)
    .outerjoin(_FOUND_ON, _FOUND_ON.c.id == _LINKS.c.found_on)
    .outerjoin(_OWNER, _OWNER.c.id == _LINKS.c.alias_of)
    .where(_LINKS.c.id == bindparam("id"))
)
_NAME = select(_SOURCES.c.name).where(_SOURCES.c.id == bindparam("id"))
_PARTS_OF = (
    select(_CAPTURES.c.segment, _CAPTURES.c.offset)
    .join(_PARTS, _PARTS.c.capture_id == _CAPTURES.c.id)
    .where(_PARTS.c.version_id == bindparam("version"))
    .order_by(_PARTS.c.number)
)


def say_link(session: Session, link: LinkRow) -> Said:
    """Return what the ledger knows of a link; other links by their keys.

    Read anew: not all is changed through the session, nor by this node.
    """
    row = session.connection().execute(_LINK, {"id": link.id}).one()
    return {
        "id": row.id,
        "key": row.key,
        "url": row.url,
        "host": row.host,
        "kind": row.kind,
        "state": row.state,
        "reason": row.reason,
        "source": row.source,
        "found_on": row.found_on_key,
        "found_at": stated(row.found_at),
        "title": row.title,
        "published": stated(row.published),
        "blurb": row.blurb,
        "guid": row.guid,
        "ways": row.ways,
        "alias_of": row.owner_key,
        "withheld": row.withheld,
    }


def say_found(
    link: NewLink, way: Way, now: datetime, source: str | None = None
) -> Said:
    """Return a due link as a list named it, or somebody did, of the source he meant.

    Its headline is left out: this stands in the list's note, where nobody who erases
    the article would look for it.
    """
    return {
        "key": link.key,
        "url": link.url,
        "host": link.host,
        "kind": link.kind,
        "state": link.state,
        "reason": link.reason,
        "found_at": stated(now),
        "published": stated(link.published),
        "ways": way,
        **({"source": source} if source is not None else {}),
    }


def say_capture(row: CaptureRow) -> Said:
    """Return how a capture was read; it is named by its place."""
    return {
        "segment": row.segment,
        "offset": row.offset,
        "elapsed_ms": row.elapsed_ms,
        "verdict": row.verdict,
        "evidence": row.evidence,
        "read_at": stated(row.extracted_at),
    }


def say_article(session: Session, row: ArticleRow, left: int | None) -> Said:
    """Return what no version of an article says; read anew where others write too.

    `left` is the link that it went on from in this transaction, or None.
    """
    if node_of(session):
        session.refresh(row)
    moved = {"moved_from": _key_of(session, left)} if left is not None else {}
    return {
        "id": row.id,
        "key": row.key,
        **moved,
        "source": _source_name(session, row.source_id),
        "first_seen": stated(row.first_seen),
        "last_seen": stated(row.last_seen),
        "state": row.state,
        "gone_at": stated(row.gone_at),
    }


def say_version(session: Session, row: VersionRow) -> Said:
    """Return a version whole; its title and text are in the document."""
    parts = session.connection().execute(_PARTS_OF, {"version": row.id})
    return {
        "number": row.number,
        "change": row.change,
        "captured_at": stated(row.captured_at),
        "capture": _place(session, row.capture_id),
        "parts": [list(place) for place in parts],
        "story_sha256": row.story_sha256,
        "extractor": row.extractor,
        "document": row.document,
    }


def say_former(session: Session, row: FormerVersionRow) -> Said:
    """Return a version as it was before a run was promoted."""
    version = session.get_one(VersionRow, row.version_id)
    return {
        "run": row.run,
        "number": version.number,
        "change": row.change,
        "story_sha256": row.story_sha256,
        "extractor": row.extractor,
        "promoted_sha256": row.promoted_sha256,
        "document": row.document,
    }


def say_takedown(
    takedowns: Iterable[TakedownRow],
    targets: Iterable[TakedownTargetRow],
    erasures: Iterable[ErasureRow],
) -> Said:
    """Return rows of a takedown; addresses are hashes there, and links have no ids."""
    return {
        "takedowns": [row.model_dump(mode="json") for row in takedowns],
        "targets": [
            row.model_dump(mode="json", exclude={"link_id"}) for row in targets
        ],
        "erasures": [row.model_dump(mode="json") for row in erasures],
    }


def say_run(row: ReextractionRow) -> Said:
    """Return that a run was promoted, or rolled back."""
    return {
        "name": row.name,
        "promoted_at": stated(row.promoted_at),
        "rolled_back_at": stated(row.rolled_back_at),
        "versions": row.versions,
    }


def say_source(row: SourceRow, name_before: str | None) -> Said:
    """Return a source as it was configured."""
    return {
        "name": row.name,
        "was": name_before,
        "home": row.home,
        "language": row.language,
        "state": row.state,
        "origin": row.origin,
        "settings": row.settings,
        "created_at": stated(row.created_at),
    }


def _key_of(session: Session, link_id: int) -> str:
    return session.get_one(LinkRow, link_id).key


def _source_name(session: Session, source_id: int | None) -> str | None:
    """Return a source's name, which outlives its id."""
    if source_id is None:
        return None
    name: str | None = session.connection().execute(_NAME, {"id": source_id}).scalar()
    return name


def _place(session: Session, capture_id: int | None) -> list[Any] | None:
    row = session.get(CaptureRow, capture_id) if capture_id is not None else None
    return None if row is None else [row.segment, row.offset]
