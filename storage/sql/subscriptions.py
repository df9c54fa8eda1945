"""Subscriptions: which hub tells us of which feed's news, and how that stands.

Every function takes the session of one transaction and does not commit.
"""

from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, false, or_, update
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState
from storage.model.websub import Asking, Heed, Subscription
from storage.sql.tables import HostRow, LinkRow, SubscriptionRow
from storage.sql.turns import is_resting, is_taken

_NAMES = tuple(field.name for field in fields(Subscription))


def subscription_of(session: Session, link_id: int) -> Subscription | None:
    """Return the subscription of a feed, if a hub was ever named."""
    return _noun(session.get(SubscriptionRow, link_id))


def subscription_at(session: Session, path: str) -> Subscription | None:
    """Return the subscription that is reached at a path of the callback."""
    named = select(SubscriptionRow).where(SubscriptionRow.path == path)
    return _noun(session.exec(named).first())


def subscriptions_of(session: Session, links: Sequence[int]) -> dict[int, Subscription]:
    """Return those of some feeds, by the feeds' ids."""
    if not links:
        return {}
    named = select(SubscriptionRow).where(col(SubscriptionRow.link).in_(links))
    return {row.link: _made(row) for row in session.exec(named)}


def feeds_with_hubs(
    session: Session, source: int | None = None
) -> list[tuple[str, Subscription | None]]:
    """Return the feeds of a source, or of all, that are read; each with its hub."""
    feeds = (
        select(LinkRow.url, SubscriptionRow)
        .outerjoin(SubscriptionRow, col(SubscriptionRow.link) == LinkRow.id)
        .where(LinkRow.kind == LinkKind.FEED, col(LinkRow.next_run).is_not(None))
        .order_by(col(LinkRow.id))
    )
    if source is not None:
        feeds = feeds.where(LinkRow.source_id == source)
    return [(url, _noun(row)) for url, row in session.exec(feeds)]


def put_subscription(session: Session, subscription: Subscription) -> None:
    """Enter a subscription, in the place of the feed's earlier one."""
    session.merge(SubscriptionRow(**asdict(subscription)))
    session.flush()


def forget_subscription(session: Session, link_id: int) -> None:
    """Delete a feed's subscription."""
    row = session.get(SubscriptionRow, link_id)
    if row is not None:
        session.delete(row)
        session.flush()


def due_hubs(session: Session, now: datetime, limit: int) -> list[str]:
    """Return the hosts of hubs to be asked for something, as far as they are free."""
    left = col(HostRow.visiting_until)
    is_free = and_(col(HostRow.free_at) <= now, or_(left.is_(None), left <= now))
    due = (
        sql_select(col(HostRow.key))
        .where(
            col(HostRow.key).in_(
                sql_select(col(SubscriptionRow.host)).where(_is_due(now))
            ),
            is_free,
            ~is_resting(now),
            ~is_taken(now),
        )
        .order_by(col(HostRow.free_at))
        .limit(limit)
    )
    return list(session.execute(due).scalars())


def due_subscriptions(
    session: Session, host: str, now: datetime, limit: int
) -> list[Subscription]:
    """Return those about which a hub's host is to be asked now, longest due first."""
    due = (
        select(SubscriptionRow)
        .where(SubscriptionRow.host == host, _is_due(now))
        .order_by(col(SubscriptionRow.next_run))
        .limit(limit)
    )
    return [_made(row) for row in session.exec(due)]


def is_wanted(session: Session, subscription: Subscription, base: str | None) -> bool:
    """Tell whether a feed is still read, and hubs reach us where this one does."""
    found = select(SubscriptionRow.link).where(
        SubscriptionRow.link == subscription.link, ~_is_unwanted(base)
    )
    return session.exec(found).first() is not None


def give_up_unwanted(session: Session, base: str | None, now: datetime) -> int:
    """Make those due that are not wanted any more; return how many.

    Args:
        session: Of one transaction.
        base: Where hubs reach us; None where they do not.
        now: Current time, UTC.
    """
    asking = col(SubscriptionRow.asking)
    is_left = asking == Asking.UNSUBSCRIBE
    given = (
        update(SubscriptionRow)
        .where(_is_unwanted(base), or_(asking.is_(None), ~is_left))
        .values(next_run=now)
    )
    return int(session.exec(given).rowcount)


def callbacks(session: Session) -> list[str]:
    """Return every callback that a hub may know."""
    return list(session.exec(select(SubscriptionRow.callback)))


def note_heed(session: Session, link: LinkRow, heed: Heed) -> datetime | None:
    """Note what a reading of a feed taught; return when a hint asks for the next.

    A delivery that came meanwhile may be of what was read, or of later news: then
    the reading teaches nothing. One that came after its request has its hint stand.
    """
    row, read_at = session.get(SubscriptionRow, link.id), link.fetched_at
    if row is None or read_at is None:
        return None
    hint_at = row.hint_at
    if hint_at is not None:
        row.hinted_at = read_at
    if hint_at is not None and row.delivered_at and row.delivered_at > read_at:
        row.hint_at = max(hint_at, read_at + heed.pause)
        return row.hint_at
    row.hint_at = None
    if row.delivered_at == heed.told_at:
        row.missed_at, row.idle = heed.missed_at, heed.idle
    return None


def _is_due(now: datetime) -> ColumnElement[bool]:
    return col(SubscriptionRow.next_run) <= now


def _is_unwanted(base: str | None) -> ColumnElement[bool]:
    unread = sql_select(col(LinkRow.id)).where(
        col(LinkRow.id) == SubscriptionRow.link,
        or_(col(LinkRow.next_run).is_(None), col(LinkRow.state) == LinkState.DUPLICATE),
    )
    is_ours = (
        col(SubscriptionRow.callback) == f"{base}/" + col(SubscriptionRow.path)
        if base
        else false()
    )
    return or_(unread.exists(), ~is_ours)


def _noun(row: SubscriptionRow | None) -> Subscription | None:
    return None if row is None else _made(row)


def _made(row: SubscriptionRow) -> Subscription:
    made = Subscription(**{name: getattr(row, name) for name in _NAMES})
    return replace(made, asking=Asking(made.asking)) if made.asking else made
