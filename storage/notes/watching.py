"""What a transaction changes, as far as notes speak of it.

The session itself says which rows were flushed, so that whoever changes a version
or an article need not think of notes, and cannot forget them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import UOWTransaction
from sqlalchemy.orm.attributes import History, get_history
from sqlalchemy.orm.base import PassiveFlag
from sqlmodel import Session

from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState
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
)

_TOUCHED = "touched"
_HELD = 64
_ON_THE_WAY = LinkState.CAPTURED
#: What of a source somebody decided.
_SETTLED = {"home", "language", "state", "origin", "settings"}


@dataclass(slots=True)
class Touched:
    """Rows that a transaction added or changed, by their keys.

    `found` has what was said of links that were entered, by the link they were found
    on, None for by hand; `left` the link that an article went on from; `sources` the name that each had before, if that is another.
    `held` keeps the first of the rows that were loaded or written: a session forgets
    a row that nobody holds, and asks for it again.
    """

    captures: set[int] = field(default_factory=set)
    links: set[int] = field(default_factory=set)
    articles: set[int] = field(default_factory=set)
    versions: set[int] = field(default_factory=set)
    formers: set[tuple[str, int]] = field(default_factory=set)
    runs: set[str] = field(default_factory=set)
    takedowns: set[str] = field(default_factory=set)
    targets: set[tuple[str, str]] = field(default_factory=set)
    erasures: set[tuple[str, int]] = field(default_factory=set)
    sources: dict[int, str | None] = field(default_factory=dict)
    left: dict[int, int] = field(default_factory=dict)
    found: dict[int | None, list[Mapping[str, Any]]] = field(default_factory=dict)
    held: list[object] = field(default_factory=list)


class WatchedSession(Session):
    """A session that remembers what it changed; see `touched`."""


def touched(session: Session) -> Touched:
    """Return what a session changed so far; of one that is not watched, nothing."""
    known: Touched = session.info.setdefault(_TOUCHED, Touched())
    return known


def note_found(
    session: Session, found_on: int | None, said: Iterable[Mapping[str, Any]]
) -> None:
    """Remember links that were entered as rows, which no session sees."""
    if isinstance(session, WatchedSession):
        touched(session).found.setdefault(found_on, []).extend(said)


def _notice(session: Session, _context: UOWTransaction) -> None:
    known = touched(session)
    for row in session.new:
        _touch(known, row)
    for row in session.dirty:
        if session.is_modified(row):
            _touch_changed(known, row)
    if len(known.held) < _HELD:
        known.held += (*session.new, *session.dirty)


def _hold(session: Session, row: object) -> None:
    held = touched(session).held
    if len(held) < _HELD:
        held.append(row)


def _touch(known: Touched, row: object) -> None:
    match row:
        case ArticleRow(id=int(key)):
            known.articles.add(key)
        case VersionRow(id=int(key)) | PartRow(version_id=int(key)):
            known.versions.add(key)
        case FormerVersionRow():
            known.formers.add((row.run, row.version_id))
        case ReextractionRow():
            known.runs.add(row.name)
        case SourceRow(id=int(key), origin="command"):
            known.sources.setdefault(key, None)
        case _:
            _touch_takedown(known, row)


def _touch_takedown(known: Touched, row: object) -> None:
    match row:
        case TakedownRow():
            known.takedowns.add(row.name)
        case TakedownTargetRow():
            known.targets.add((row.takedown, row.key_sha256))
        case ErasureRow():
            known.erasures.add((row.segment, row.offset))
        case _:
            pass


def _touch_changed(known: Touched, row: Any) -> None:  # noqa: ANN401 -- any row
    match row:
        case CaptureRow(id=int(key), verdict=verdict, evidence=evidence):
            if verdict or evidence:
                known.captures.add(key)
        case LinkRow(id=int(key)):
            if _is_told(row):
                known.links.add(key)
        case SourceRow(id=int(key)):
            _touch_source(known, row, key)
        case ArticleRow(id=int(key)):
            known.articles.add(key)
            for link_id in _history(row, "link_id").deleted:
                known.left.setdefault(key, link_id)
        case _:
            _touch(known, row)


def _is_told(row: LinkRow) -> bool:
    """Tell a change of a link that is noted."""
    is_moved = _history(row, "state").has_changes() and row.state != _ON_THE_WAY
    is_shared = row.kind == LinkKind.ASSET and _history(row, "found_on").has_changes()
    return is_moved or is_shared or _history(row, "withheld").has_changes()


def _history(row: object, name: str) -> History:
    """Return what a column was and is.

    `inspect(row).attrs` tells it too, and leaves a circle of objects around the row,
    with all that it holds, until garbage is collected.
    """
    return get_history(row, name, PassiveFlag.PASSIVE_NO_INITIALIZE)


def _touch_source(known: Touched, row: SourceRow, key: int) -> None:
    """Note a source's own settings, not its tally; of config.yaml's, its new name."""
    name = _history(row, "name")
    if name.has_changes():
        known.sources[key] = next(iter(name.deleted))
    elif row.origin == "command" and any(
        _history(row, column).has_changes() for column in _SETTLED
    ):
        known.sources.setdefault(key, None)


event.listen(WatchedSession, "after_flush", _notice)
event.listen(WatchedSession, "loaded_as_persistent", _hold)
