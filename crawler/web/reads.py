"""What more than one route reads from the archive. All blocking."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import HTTPException
from sqlmodel import Session, col

from crawler.kept.reader import Reader
from crawler.service.pulse import Pulse
from crawler.sources.wellness import why_ours
from storage.model.takedown import Depth
from storage.sql.alerts import outages_since
from storage.sql.health import SourceHealth, Totals
from storage.sql.shown import withheld
from storage.sql.sources import REMOVED, find_source
from storage.sql.summaries import ArticleSummary, summaries, summary_of
from storage.sql.tables import ArticleRow, SourceRow, VersionRow
from storage.sql.takedowns import takedown_of
from storage.sql.versions import version


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How the service fares.

    Attributes:
        ticked_at: When the clockwork last looked for due links.
        visiting: The hosts being visited now.
        disk_full: Whether the disk floor stops fetching.
        disk_free: Bytes free where the archive is.
        disk_floor: Bytes that are to stay free.
        totals: What the archive holds.
        outage: Why nearly all sources seem to fail at once, which is our own failure or
            our connection's; None where they do not.
    """

    ticked_at: datetime | None
    visiting: tuple[str, ...]
    disk_full: bool
    disk_free: int
    disk_floor: int
    totals: Totals
    outage: str | None


def health(
    service: Reader, pulse: Pulse, held: Totals, outage: str | None = None
) -> Health:
    """Return how the service fares now, with what the archive holds."""
    return Health(
        ticked_at=pulse.ticked_at,
        visiting=tuple(sorted(pulse.visiting)),
        disk_full=pulse.disk_full,
        disk_free=service.folder.free_bytes(),
        disk_floor=service.config.storage.disk_floor,
        totals=held,
        outage=outage,
    )


def outage_of(
    session: Session, sources: Sequence[SourceHealth], now: datetime
) -> str | None:
    """Return why nearly all sources seem to fail at once, if they do.

    As an open alert says; else, for it needs a week of days, as their last answers do.
    """
    known = [one.why for one in outages_since(session, now) if one.closed_at is None]
    return next(iter(known), None) or why_ours(sources, now) or None


def article_or_404(session: Session, article_id: int) -> ArticleSummary:
    """Return an article; answer 404 when there is none, 451 when it is hidden."""
    row = session.execute(summaries().where(col(ArticleRow.id) == article_id)).first()
    depth = withheld(session, row[0].link_id) if row is not None else None
    if depth is Depth.HIDE:
        found = takedown_of(session, row[0].link_id) if row else None
        name = f" ({found.name})" if found else ""
        raise HTTPException(451, f"Article {article_id} was taken down{name}.")
    if row is None or depth is not None:
        raise HTTPException(404, f"There is no article {article_id}.")
    return summary_of(row[0], row[1])


def version_or_404(session: Session, article_id: int, number: int | None) -> VersionRow:
    """Return a version, the standing one for None; answer 404 when there is none."""
    row = version(session, article_id, number)
    if row is None:
        raise HTTPException(404, f"Article {article_id} has no such version.")
    return row


def source_or_404(session: Session, name: str) -> SourceRow:
    """Return a source that was not removed; answer 404 when there is none."""
    row = known_source_or_404(session, name)
    if row.state == REMOVED:
        raise HTTPException(404, f"The source {name!r} was removed.")
    return row


def known_source_or_404(session: Session, name: str) -> SourceRow:
    """Return a source, a removed one too: what it brought is still archived."""
    row = find_source(session, name)
    if row is None:
        raise HTTPException(404, f"There is no source {name!r}.")
    return row
