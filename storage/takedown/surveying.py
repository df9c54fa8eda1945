"""Survey what an erasure comes to: all of this reads, and changes nothing."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlmodel import Session, col, select

from storage.exports import exports_with
from storage.folder import DataFolder
from storage.sql.forgetting import Said, said_by
from storage.sql.tables import CaptureRow
from storage.takedown.graves import (
    Place,
    Renewed,
    Retold,
    hashes_of_keys,
    notes_retold,
    places_beside,
    places_of,
    renewed,
)

#: Shorter lines of a text stand in others as well.
_TELLING = 20

#: Returns the captures of others that quote what links are known to have said.
Quoting = Callable[[Session, Said, list[int]], Collection[int]]


def quote_nothing(_session: Session, _said: Said, _links: list[int]) -> list[int]:
    """Return no captures: lists are left as they are."""
    return []


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """What is erased in one commit.

    Attributes:
        links: Ids of links.
        said: What they are known to have said, and their captures; those of others
            that quote it too.
        lists: Which of the captures are of others: lists, and what scripts asked for,
            as far as an older Kliping kept it.
        places: The records that go, each with the hash of its link's identity.
        renewed: Captures of other links that are kept anew.
        retold: Notes of other links that are written anew.
    """

    links: tuple[int, ...]
    said: Said
    lists: tuple[int, ...]
    places: tuple[tuple[Place, str | None], ...]
    renewed: tuple[Renewed, ...]
    retold: tuple[Retold, ...]


def survey(
    folder: DataFolder,
    session: Session,
    links: Sequence[int],
    ours: set[int],
    quoting: Quoting,
    entered: Collection[int] = (),
) -> Chunk:
    """Return what erasing some links comes to; changes nothing.

    Args:
        folder: The archive.
        session: For reading.
        links: The links.
        ours: All links that the takedown reaches.
        quoting: Finds captures of others that quote it.
        entered: Captures that were found before, and may not be readable any more.
    """
    said = said_by(session, links)
    own = {row.id or 0 for row in said.captures}
    quoted = _families(session, {*quoting(session, said, list(links))} - own)
    lists = _with(session, quoted, set(entered) - own)
    rows = (*said.captures, *lists)
    hashes = hashes_of_keys(session, links)
    places = tuple(
        (place, hashes.get(row.link_id or row.page_link_id or 0))
        for row in rows
        for place in places_of(folder, row)
    )
    ids = {row.id or 0 for row in rows}
    beside = [(place, None) for place in places_beside(session, links, ids)]
    return Chunk(
        links=tuple(links),
        said=replace(said, captures=rows),
        lists=tuple(row.id or 0 for row in lists),
        places=(*places, *beside),
        renewed=tuple(renewed(folder, session, ids, ours)),
        retold=tuple(notes_retold(folder, session, links, said.urls)),
    )


def _with(
    session: Session, rows: Sequence[CaptureRow], ids: set[int]
) -> tuple[CaptureRow, ...]:
    """Return captures with those of some ids, each once."""
    found = {row.id: row for row in rows}
    for row in session.exec(select(CaptureRow).where(col(CaptureRow.id).in_(ids))):
        found[row.id] = row
    return tuple(found.values())


def _families(session: Session, captures: Collection[int]) -> tuple[CaptureRow, ...]:
    """Return captures with those that hold or repeat the same payload."""
    found = session.exec(
        select(CaptureRow).where(col(CaptureRow.id).in_(sorted(captures)))
    )
    roots = sorted({row.revisit_of or row.id or 0 for row in found})
    of_them = col(CaptureRow.id).in_(roots) | col(CaptureRow.revisit_of).in_(roots)
    query = select(CaptureRow).where(of_them).order_by(col(CaptureRow.id))
    return tuple(session.exec(query))


def told(folder: DataFolder, chunk: Chunk) -> dict[str, Any]:
    """Return what a survey found, for who decides; names no content."""
    places = [place for place, _ in chunk.places]
    places += [place for one in chunk.renewed for place in one.old]
    places += [one.old for one in chunk.retold]
    return {
        "articles": list(chunk.said.articles),
        "versions": len(chunk.said.versions),
        "captures": len(chunk.said.captures) - len(chunk.lists),
        "lists": len(chunk.lists),
        "kept_anew": len(chunk.renewed),
        "retold": len(chunk.retold),
        "records": [asdict(place) for place in places],
        "bytes": sum(place.length for place in places),
        "exports": exports_of(folder, chunk),
    }


def exports_of(folder: DataFolder, chunk: Chunk) -> list[dict[str, str]]:
    """Return which exports hold the articles; a note that cannot be read says so."""
    try:
        return [
            {"made_at": one.made_at.isoformat(), "form": one.form, "path": one.path}
            for one in exports_with(folder, chunk.said.articles)
        ]
    except ValueError as error:
        return [{"made_at": "", "form": "", "path": str(error)}]


def mentions(said: Said) -> Callable[[bytes], bool]:
    """Return what tells whether bytes name an address of links, or hold their text."""
    lines = (line.strip() for text in said.texts for line in text.splitlines())
    needles = {*said.urls, *(line for line in lines if len(line) >= _TELLING)}
    sought = [needle.encode() for needle in needles]
    return lambda data: any(needle in data for needle in sought)
