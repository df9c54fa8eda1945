"""Take articles down, and lift that: what commands, the API and the pages share.

Whoever asks names articles by id, by any address they are known under, or by how
addresses begin (`https://news.example/2024/*`).
"""

import asyncio
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlmodel import Session, col, select

from crawler.config.limits import fetch_limits
from crawler.errors import BadUrl, UsageError
from crawler.kept.quoting import captures_asked_for, captures_quoting
from crawler.kept.reader import Reader
from crawler.urls import linked_url, url_key
from storage.model.takedown import Depth, Ground, TakedownState
from storage.sql.articles import find_article
from storage.sql.listed import erasure_of
from storage.sql.tables import LinkRow, TakedownRow
from storage.sql.takedowns import (
    Reach,
    Wanted,
    keys_below,
    lift,
    list_takedowns,
    reach,
    take_down,
    takedown_named,
)
from storage.takedown.surveying import survey, told

if TYPE_CHECKING:
    from crawler.service.service import Service

_DIGITS = 19


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A takedown as it stands; no more of it than may be told to everybody.

    Attributes:
        name: Its name.
        depth: How deep.
        state: Where it stands.
        ground: The class of the reason.
        note: The reason in the operator's words.
        asked_by: Who asked.
        requested_at: When.
        finished_at: When an erasure was done.
        lifted_at: When it was lifted.
        addresses: How many addresses it is about.
        refused: How often those that it bars were found again, and not asked for.
        report: What an erasure took away, by kinds and hashes; None before it is done.
    """

    name: str
    depth: Depth
    state: TakedownState
    ground: Ground
    note: str
    asked_by: str
    requested_at: datetime
    finished_at: datetime | None
    lifted_at: datetime | None
    addresses: int
    refused: int
    report: dict[str, Any] | None = None


def reach_of(session: Session, references: Sequence[str], depth: Depth) -> Reach:
    """Return what a takedown of these articles and addresses reaches.

    Raises:
        BadUrl: one is no URL.
        UsageError: there is no article of an id, no address that begins so, or
            nothing to hide at an address.
        WrongTakedown: one is a list that a source is watched at.
    """
    named = dict.fromkeys(one.strip() for one in references)
    keys = [key for one in named for key in _keys(session, one)]
    reached = reach(session, list(dict.fromkeys(keys)))
    if reached.unseen and depth is Depth.HIDE:
        raise UsageError(
            f"{reached.unseen[0]}: nothing is known under this address, so nothing "
            "is hidden; exclude keeps it from being asked for"
        )
    return reached


def _keys(session: Session, reference: str) -> Iterable[str]:
    if reference.isascii() and reference.isdigit() and len(reference) < _DIGITS:
        article = find_article(session, reference)
        if article is None:
            raise UsageError(f"{reference}: no such article")
        return [session.get_one(LinkRow, article.link_id).key]
    if reference.endswith("*"):
        found = keys_below(session, reference[:-1])
        if not found:
            raise UsageError(f"{reference}: no address begins so")
        return found
    if "://" not in reference:
        raise BadUrl(reference, "neither an article's id nor a URL")
    return [url_key(linked_url(reference))]


async def begin_takedown(
    service: "Service", references: Sequence[str], wanted: Wanted
) -> Taken:
    """Take articles down; they are withheld from the first commit on.

    An erasure is carried out before this returns.

    Raises:
        BadUrl, UsageError, WrongTakedown: as `reach_of`.
        StorageError: the erasure cannot be carried out now; it is tried again.
    """
    now = service.means.now()
    name = f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"

    def begin() -> Reach:
        with service.session() as session:
            return reach_of(session, references, wanted.depth)

    reached = await asyncio.to_thread(begin)
    await service.means.writer.run(
        lambda tx: take_down(tx.session, name, wanted, reached, now)
    )
    if wanted.depth is Depth.ERASE:
        await service.finish_erasures()
    return await asyncio.to_thread(taken_named, service, name)


def preview(
    reader: Reader, references: Sequence[str], wanted: Wanted
) -> dict[str, Any]:
    """Return what a takedown would reach, and an erasure overwrite; changes nothing.

    Raises:
        BadUrl, UsageError, WrongTakedown: as `reach_of`.
    """
    with reader.session() as session:
        reached = reach_of(session, references, wanted.depth)
        links = session.exec(
            select(LinkRow.url).where(col(LinkRow.id).in_(reached.links))
        )
        found: dict[str, Any] = {"addresses": sorted({*links, *reached.keys})}
        if wanted.depth is not Depth.ERASE:
            return found
        find = captures_quoting if wanted.everywhere else captures_asked_for
        quoting = partial(find, reader.folder, fetch_limits(reader.config))
        chunk = survey(
            reader.folder,
            session,
            reached.links,
            set(reached.links),
            quoting,
        )
        return found | told(reader.folder, chunk)


async def lift_takedown(service: "Service", name: str) -> Taken:
    """Show again what a takedown withheld.

    Raises:
        WrongTakedown: there is none of this name, or it cannot be lifted.
    """
    now = service.means.now()
    await service.means.writer.run(lambda tx: lift(tx.session, name, now))
    return await asyncio.to_thread(taken_named, service, name)


def taken_named(service: "Service", name: str) -> Taken:
    """Return a takedown by its name.

    Raises:
        WrongTakedown: there is none.
    """
    with service.session() as session:
        takedown_named(session, name)
        return next(one for one in all_taken(session) if one.name == name)


def full_report(session: Session, name: str) -> dict[str, Any]:
    """Return a takedown with each record that it erased: places and hashes alone.

    Raises:
        WrongTakedown: there is none.
    """
    takedown_named(session, name)
    taken = next(one for one in all_taken(session) if one.name == name)
    return asdict(taken) | {"erasure": asdict(erasure_of(session, name))}


def all_taken(session: Session) -> list[Taken]:
    """Return all takedowns, newest first."""
    return [_taken(*one) for one in list_takedowns(session)]


def _taken(row: TakedownRow, addresses: int, refused: int) -> Taken:
    return Taken(
        name=row.name,
        depth=Depth(row.depth),
        state=TakedownState(row.state),
        ground=Ground(row.ground),
        note=row.note,
        asked_by=row.asked_by,
        requested_at=row.requested_at,
        finished_at=row.finished_at,
        lifted_at=row.lifted_at,
        addresses=addresses,
        refused=refused,
        report=row.report,
    )
