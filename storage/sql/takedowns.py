"""Takedowns: what each reaches, and where it stands.

A takedown names addresses; it reaches all under which the same article is archived, the
pages it was joined from, and whatever is found under them later. Hiding and excluding
are marks on the ledger's lines and can be lifted. Erasing begins like excluding, and is
then carried out by storage.takedown.erasing.

Every function takes the session of one transaction and does not commit.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, func, or_, update
from sqlalchemy import select as sql_select
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from storage.errors import WrongTakedown
from storage.model.link_kind import WATCHED_KINDS
from storage.model.link_state import LinkState
from storage.model.takedown import RETENTION, Depth, Ground, TakedownState
from storage.sql.assets import own_images
from storage.sql.bars import erased_key, key_sha256
from storage.sql.counting import total
from storage.sql.tables import (
    ArticleRow,
    CaptureRow,
    HostRow,
    LinkRow,
    PartRow,
    TakedownRow,
    TakedownTargetRow,
    TurnRow,
    VersionRow,
    table_of,
)

_AT_ONCE = 500
_DEPTHS = (Depth.HIDE, Depth.EXCLUDE, Depth.ERASE)
_ENDS = {Depth.EXCLUDE: LinkState.EXCLUDED, Depth.ERASE: LinkState.ERASED}
#: States from which an excluded link goes on by itself once that is lifted.
_GOES_ON = frozenset(
    {
        LinkState.WAITING,
        LinkState.CAPTURED,
        LinkState.BUDGET,
        LinkState.ARCHIVED,
        LinkState.KEPT,
        LinkState.GONE,
        LinkState.ERROR,
    }
)
#: What a host is owed whose visit was ended from outside: its last request is unknown.
_REST = timedelta(minutes=1)
_TAKEDOWNS, _TARGETS = table_of(TakedownRow), table_of(TakedownTargetRow)
_BARRING = (
    sql_select(_TAKEDOWNS.c.name)
    .join(_TARGETS, _TARGETS.c.takedown == _TAKEDOWNS.c.name)
    .where(_TARGETS.c.is_barred, _TARGETS.c.key_sha256 == bindparam("key_sha256"))
    .order_by(
        case((_TAKEDOWNS.c.depth == Depth.ERASE, 0), else_=1),
        _TAKEDOWNS.c.requested_at.desc(),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody asks for.

    Attributes:
        depth: How deep.
        ground: The class of the reason.
        note: The reason in the operator's words.
        asked_by: Who asked.
        everywhere: Erase captures of lists as well that quote what is erased.
    """

    depth: Depth
    ground: Ground = Ground.OTHER
    note: str = ""
    asked_by: str = ""
    everywhere: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What a takedown reaches: links by id, and identities of no link of their own.

    `unseen` are those among the identities under which nothing is known at all.
    """

    links: tuple[int, ...]
    keys: tuple[str, ...]
    unseen: tuple[str, ...] = ()


def reach(session: Session, keys: Collection[str]) -> Reach:
    """Return all that belongs to some addresses: every name, every page of theirs.

    Images that no other page shows belong to them as well.

    Raises:
        WrongTakedown: One is a list that a source is watched at, not an article.
    """
    asked = [*keys, *map(erased_key, keys)]  # its lists may quote what is erased
    known = dict(_links_by_key(session, asked))
    lists = [url for _, url, kind, _ in known.values() if kind in WATCHED_KINDS]
    if lists:
        raise WrongTakedown(f"{lists[0]} is a list of a source, not an article")
    links = {link for link, _, _, _ in known.values()}
    links |= {owner for _, _, _, owner in known.values() if owner is not None}
    archived = dict(_articles_by_key(session, asked))
    links |= set(archived.values())
    links |= set(_in(session, LinkRow.id, col(LinkRow.alias_of), list(links)))
    links |= _links_of_parts(session, links)
    links |= own_images(session, links)
    named = set(_in(session, ArticleRow.key, col(ArticleRow.link_id), list(links)))
    own = set(_in(session, LinkRow.key, col(LinkRow.id), list(links)))
    return Reach(
        links=tuple(sorted(links)),
        keys=tuple(sorted((named | set(keys)) - own)),
        unseen=tuple(
            key for key in keys if not {key, erased_key(key)} & {*known, *archived}
        ),
    )


def keys_below(session: Session, prefix: str) -> list[str]:
    """Return the identities of all addresses that begin so, those of lists aside."""
    begins = or_(
        col(LinkRow.url).startswith(prefix, autoescape=True),
        col(LinkRow.key).startswith(prefix, autoescape=True),
    )
    found = select(LinkRow.key).where(begins, col(LinkRow.kind).not_in(WATCHED_KINDS))
    return list(session.exec(found.order_by(col(LinkRow.id))))


def take_down(
    session: Session, name: str, wanted: Wanted, reached: Reach, now: datetime
) -> None:
    """Enter a takedown; what it reaches is withheld from here on.

    Visits under way at its hosts are ended, unless it only hides: what they hold of it
    is not kept.
    """
    is_erasing = wanted.depth is Depth.ERASE
    state = TakedownState.ERASING if is_erasing else TakedownState.STANDING
    session.add(
        TakedownRow(
            name=name,
            depth=wanted.depth,
            ground=wanted.ground,
            state=state,
            note=wanted.note,
            asked_by=wanted.asked_by,
            everywhere=wanted.everywhere,
            requested_at=now,
        )
    )
    session.flush()
    add_targets(session, name, wanted.depth, reached, now)


def add_targets(
    session: Session, name: str, depth: Depth, reached: Reach, now: datetime
) -> None:
    """Add to what a takedown reaches."""
    hosts: set[str] = set()
    is_barred, is_erasing = depth is not Depth.HIDE, depth is Depth.ERASE
    for part in _parts(reached.links):
        for link in session.exec(select(LinkRow).where(col(LinkRow.id).in_(part))):
            _enter(
                session,
                TakedownTargetRow(
                    takedown=name,
                    key_sha256=key_sha256(link.key),
                    link_id=link.id,
                    prior_state=_prior_state(session, link),
                    is_barred=is_barred,
                    is_done=not is_erasing,
                ),
            )
            _withhold(link, depth, name)
            hosts.add(link.host)
    for key in reached.keys:
        row = TakedownTargetRow(
            takedown=name,
            key_sha256=key_sha256(key),
            is_barred=is_barred,
            is_done=not is_erasing,
        )
        if is_barred:
            _enter(session, row)
    session.flush()
    if is_barred:
        _end_visits(session, hosts, now)


def catch(session: Session, link_id: int, key: str, now: datetime) -> bool:
    """Take a link down whose page turned out to be one that was taken down.

    It may come under another address, and say so by its canonical URL. Of several
    takedowns it is the deepest one's, the newest of these.

    Returns:
        Whether that identity was excluded or erased.
    """
    asked = {"key_sha256": key_sha256(key)}
    name = session.connection().execute(_BARRING, asked).scalars().first()
    if name is None:
        return False
    found = session.get_one(TakedownRow, name)
    if found.depth == Depth.ERASE:
        found.state = TakedownState.ERASING
    reached = Reach(links=(link_id,), keys=())
    add_targets(session, found.name, Depth(found.depth), reached, now)
    return True


def lift(session: Session, name: str, now: datetime) -> None:
    """Show again what a takedown withheld, as far as no other withholds it.

    Raises:
        WrongTakedown: There is none of this name, or it does not stand.
    """
    row = session.get(TakedownRow, name)
    if row is None:
        raise WrongTakedown(f"no takedown is named {name!r}")
    if row.state != TakedownState.STANDING:
        raise WrongTakedown(f"{name} is {row.state}; only what stands can be lifted")
    row.state, row.lifted_at = TakedownState.LIFTED, now
    of_it = select(TakedownTargetRow).where(TakedownTargetRow.takedown == name)
    targets = list(session.exec(of_it))
    for target in targets:
        target.is_barred = False
    session.flush()
    for target in targets:
        if target.link_id is not None:
            _show_again(session, target.link_id, target, now)
    session.flush()


def takedown_of(session: Session, link_id: int) -> TakedownRow | None:
    """Return the newest takedown that withholds what belongs to a link."""
    query = (
        select(TakedownRow)
        .join(
            TakedownTargetRow, col(TakedownTargetRow.takedown) == col(TakedownRow.name)
        )
        .where(
            TakedownTargetRow.link_id == link_id,
            TakedownRow.state != TakedownState.LIFTED,
        )
        .order_by(col(TakedownRow.requested_at).desc())
    )
    return session.exec(query).first()


def last_takedown(session: Session) -> datetime | None:
    """Return when something was taken down the last time; retention is no takedown."""
    asked_for = col(TakedownRow.ground) != RETENTION
    query = select(func.max(TakedownRow.requested_at)).where(asked_for)
    return session.exec(query).one()


def takedown_named(session: Session, name: str) -> TakedownRow:
    """Return a takedown by its name.

    Raises:
        WrongTakedown: There is none.
    """
    row = session.get(TakedownRow, name)
    if row is None:
        raise WrongTakedown(f"no takedown is named {name!r}")
    return row


def list_takedowns(session: Session) -> list[tuple[TakedownRow, int, int]]:
    """Return all takedowns, newest first.

    With each, how many addresses it is about, and how often those that it bars were
    found again.
    """
    target = TakedownTargetRow
    query = (
        select(
            TakedownRow,
            func.count(col(target.key_sha256)),
            total(target.refused),
        )
        .outerjoin(target, col(target.takedown) == col(TakedownRow.name))
        .where(TakedownRow.ground != RETENTION)
        .group_by(col(TakedownRow.name))
        .order_by(col(TakedownRow.requested_at).desc(), col(TakedownRow.name))
    )
    return [(row, int(many), int(again)) for row, many, again in session.exec(query)]


def _links_by_key(
    session: Session, keys: Collection[str]
) -> Iterable[tuple[str, tuple[int, str, str, int | None]]]:
    names = ("key", "id", "url", "kind", "alias_of")
    columns = [getattr(LinkRow, name) for name in names]
    for part in _parts(list(keys)):
        rows = session.execute(sql_select(*columns).where(col(LinkRow.key).in_(part)))
        yield from ((row[0], (row[1], row[2], row[3], row[4])) for row in rows)


def _articles_by_key(
    session: Session, keys: Collection[str]
) -> Iterable[tuple[str, int]]:
    for part in _parts(list(keys)):
        columns = col(ArticleRow.key), col(ArticleRow.link_id)
        rows = session.execute(sql_select(*columns).where(columns[0].in_(part)))
        yield from ((key, link) for key, link in rows)


def _links_of_parts(session: Session, links: Collection[int]) -> set[int]:
    """Return the links of the further pages of links' articles."""
    found: set[int] = set()
    for part in _parts(list(links)):
        rows = (
            select(CaptureRow.link_id)
            .join(PartRow, col(PartRow.capture_id) == col(CaptureRow.id))
            .join(VersionRow, col(VersionRow.id) == col(PartRow.version_id))
            .join(ArticleRow, col(ArticleRow.id) == col(VersionRow.article_id))
            .where(col(ArticleRow.link_id).in_(part))
        )
        found.update(link for link in session.exec(rows) if link is not None)
    return found


def _in(
    session: Session,
    column: Any,  # noqa: ANN401  # a mapped column
    within: Mapped[Any],
    values: Sequence[Any],
) -> Iterable[Any]:
    for part in _parts(values):
        yield from session.exec(select(column).where(within.in_(part)))


def _parts(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]


def _enter(session: Session, target: TakedownTargetRow) -> None:
    if session.get(TakedownTargetRow, (target.takedown, target.key_sha256)) is None:
        session.add(target)
        session.flush()


def _withhold(link: LinkRow, depth: Depth, name: str) -> None:
    deepest = max(_DEPTHS.index(depth), _depth(link))
    link.withheld = _DEPTHS[deepest]
    if depth in _ENDS and link.state != LinkState.ERASED:
        link.state, link.reason = _ENDS[depth], f"takedown {name}"
        link.next_run = link.haste = None


def _depth(link: LinkRow) -> int:
    return _DEPTHS.index(Depth(link.withheld)) if link.withheld else 0


def _prior_state(session: Session, link: LinkRow) -> str:
    """Return where a link stood before it was taken down, the last time that it was not."""
    if link.state != LinkState.EXCLUDED:
        return link.state
    earlier = (
        select(TakedownTargetRow.prior_state)
        .join(TakedownRow, col(TakedownRow.name) == col(TakedownTargetRow.takedown))
        .where(
            TakedownTargetRow.link_id == link.id,
            TakedownTargetRow.prior_state != LinkState.EXCLUDED,
        )
        .order_by(col(TakedownRow.requested_at).desc(), col(TakedownRow.name))
    )
    return session.exec(earlier).first() or link.state


def _show_again(
    session: Session, link_id: int, target: TakedownTargetRow, now: datetime
) -> None:
    link = session.get_one(LinkRow, link_id)
    others = (
        select(TakedownRow.depth)
        .join(
            TakedownTargetRow, col(TakedownTargetRow.takedown) == col(TakedownRow.name)
        )
        .where(
            TakedownTargetRow.link_id == link_id,
            TakedownRow.state != TakedownState.LIFTED,
        )
    )
    left = [Depth(depth) for depth in session.exec(others)]
    link.withheld = max(left, key=_DEPTHS.index) if left else None
    if link.state != LinkState.EXCLUDED or Depth.EXCLUDE in left:
        return
    link.state = target.prior_state or LinkState.WAITING
    link.reason = f"takedown {target.takedown} lifted"
    link.next_run = now if link.state in _GOES_ON else None


def _end_visits(session: Session, hosts: Collection[str], now: datetime) -> None:
    """Let visits under way lose their fence, and their hosts rest."""
    rested = now + _REST
    for part in _parts(sorted(hosts)):
        free_at = col(HostRow.free_at)
        session.exec(
            update(HostRow)
            .where(col(HostRow.key).in_(part), col(HostRow.visiting_until).is_not(None))
            .values(
                fence=HostRow.fence + 1,
                visiting_until=None,
                free_at=case((free_at < rested, rested), else_=free_at),
            )
        )
        session.exec(
            update(TurnRow)
            .where(col(TurnRow.host).in_(part))
            .values(host=None, until=None, free_at=rested)
        )
