"""Digests that were sent, and what they are made of.

A digest is entered as being sent before it is. What a dead process left so may have
been sent, and is not sent again: one a day at most is promised, not one at least.

Every function takes the session of one transaction and does not commit.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Session, col, func, select

from storage.model.change import Change
from storage.sql.bars import ERASED
from storage.sql.sources import list_sources
from storage.sql.tables import ArticleRow, DigestRow, VersionRow


class DigestState(StrEnum):
    """What became of a day's digest."""

    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNSURE = "unsure"
    NOTHING = "nothing to say"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the archive has: articles, sources that were not removed; what came since."""

    articles: int
    sources: int
    new: int
    changed: int


def digest_of(session: Session, day: date) -> DigestRow | None:
    """Return what became of a day's digest; None where there was none yet."""
    return session.get(DigestRow, day)


def last_digest(session: Session) -> DigestRow | None:
    """Return what became of the newest digest; None where there was none yet."""
    return session.exec(select(DigestRow).order_by(col(DigestRow.day).desc())).first()


def told_until(session: Session) -> datetime | None:
    """Return until when digests told of what was; None before the first."""
    told = col(DigestRow.state) != DigestState.FAILED
    return session.exec(select(func.max(DigestRow.until)).where(told)).one()


def enter_digest(
    session: Session, day: date, state: DigestState, until: datetime
) -> None:
    """Enter that a day's digest is being sent, or that there was nothing to say."""
    row = session.get(DigestRow, day) or DigestRow(day=day, until=until, state=state)
    row.state, row.until, row.next_try, row.why = state, until, None, ""
    row.tries += state is DigestState.SENDING
    session.add(row)
    session.flush()


def note_digest(
    session: Session,
    day: date,
    state: DigestState,
    *,
    sent_at: datetime | None = None,
    next_try: datetime | None = None,
    why: str = "",
) -> None:
    """Note what became of a digest that was being sent."""
    row = session.get_one(DigestRow, day)
    row.state, row.sent_at, row.next_try, row.why = state, sent_at, next_try, why
    session.flush()


def figures(session: Session, since: datetime) -> Figures:
    """Return what the archive has, and what came since a time."""
    is_kept = ArticleRow.state != ERASED
    articles = select(func.count()).select_from(ArticleRow).where(is_kept)
    lately = (
        select(VersionRow.change, func.count())
        .where(VersionRow.captured_at >= since)
        .group_by(VersionRow.change)
    )
    came = dict(session.exec(lately).all())
    new = came.pop(Change.FIRST, 0)
    return Figures(
        articles=session.exec(articles).one(),
        sources=len(list_sources(session)),
        new=new,
        changed=sum(came.values()),
    )
