"""Sources as they are watched: from config.yaml and from commands into the ledger."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from crawler.config import Config, Source, plan_for
from crawler.errors import UsageError
from crawler.means import Market, Watch
from crawler.scope import enter
from crawler.timing.pacing import price_of
from crawler.urls import fetch_url, host_key, url_key
from storage.model import FoundLink, LinkKind, NewLink
from storage.sql.ledger import add_links, claim_entries, pulls_of_watched
from storage.sql.sources import (
    FROM_COMMAND,
    FROM_CONFIG,
    SourceEntry,
    follow_rename,
    list_sources,
    lists_due,
    put_source,
    remove_others,
)
from storage.sql.tables import ACTIVE, SourceRow

#: The longest boost: four weeks.
MOST_BOOST_HOURS = 672
#: Readings a day for each watched page, where `polls_per_day` does not say.
_POLLS_A_PAGE = 24


def put_sources(session: Session, config: Config, now: datetime) -> list[str]:
    """Enter config.yaml's sources; return the names of those it no longer lists."""
    names = [source.name for source in config.sources]
    listed = frozenset(names)
    for source in config.sources:
        follow_rename(session, source.name, source.home, listed)
    removed = remove_others(session, names, now)  # first: they let go of their links
    for source in config.sources:
        _put(session, source, config, origin=FROM_CONFIG, now=now)
    return removed


def add_source(
    session: Session, source: Source, config: Config, now: datetime
) -> SourceRow:
    """Enter a source given by command; config.yaml stays as it is."""
    return _put(session, source, config, origin=FROM_COMMAND, now=now)


def read_now(session: Session, row: SourceRow, now: datetime) -> int:
    """Make all lists of a source due now; return how many there are.

    Raises:
        UsageError: it is not active.
    """
    if row.state != ACTIVE:
        raise UsageError(f"source {row.name!r} is {row.state}; resume it first")
    return lists_due(session, row, now)


def boost(
    session: Session, row: SourceRow, length: timedelta, now: datetime
) -> datetime | None:
    """Read a source as often as may be for a time; return until when, if at all.

    Its lists are due at once, so that a later reading is not waited for. A boost
    of no length ends an earlier one.

    Raises:
        UsageError: it is not active.
    """
    read_now(session, row, now)
    row.boost_until = now + length if length else None
    return row.boost_until


def load_watches(session: Session, config: Config) -> dict[int, Watch]:
    """Return all sources by id, with the manners that hold for each."""
    watches = {}
    for row in list_sources(session):
        source = Source.model_validate(row.settings)
        watches[int(row.id or 0)] = Watch(
            id=int(row.id or 0),
            source=source,
            plan=plan_for(source, config),
            boost_until=row.boost_until,
        )
    return watches


def market_of(session: Session, config: Config) -> Market:
    """Return what a reading must be worth for the day's readings to be enough."""
    pulls = pulls_of_watched(session)
    if not pulls:
        return Market()
    readings = config.service.polls_per_day or _POLLS_A_PAGE * len(pulls)
    price = price_of(pulls, readings)
    return Market(price=price, pages=len(pulls), readings=readings)


def entry_points(source: Source) -> Iterator[tuple[str, LinkKind]]:
    """Yield the URLs a source is watched at; its home page when it names none."""
    yield from ((url, LinkKind.FEED) for url in source.feeds)
    yield from ((url, LinkKind.SITEMAP) for url in source.sitemaps)
    yield from ((url, LinkKind.SECTION) for url in source.sections)
    if not (source.feeds or source.sitemaps or source.sections):
        yield source.home, LinkKind.SECTION


def _put(
    session: Session, source: Source, config: Config, *, origin: str, now: datetime
) -> SourceRow:
    row = put_source(
        session,
        SourceEntry(
            name=source.name,
            home=source.home,
            language=plan_for(source, config).language,
            state=source.state,
            settings=source.model_dump(mode="json"),
        ),
        origin=origin,
        now=now,
    )
    due = now if row.state == ACTIVE else None
    links = _links(source, due)
    add_links(session, links, source=row.id, found_on=None, now=now)
    claim_entries(session, int(row.id or 0), links)
    return row


def _links(source: Source, due: datetime | None) -> Sequence[NewLink]:
    return [
        NewLink(
            url=fetch_url(url),
            key=url_key(url),
            host=host_key(url),
            kind=kind,
            next_run=due,
        )
        for url, kind in entry_points(source)
    ]


def named_sitemaps(urls: Sequence[str], watch: Watch, now: datetime) -> list[NewLink]:
    """Return robots.txt's sitemaps, for a source that names no list itself."""
    if watch.source.feeds or watch.source.sitemaps:
        return []
    found = (FoundLink(url=url, kind=LinkKind.SITEMAP) for url in urls)
    home = watch.source.home
    return list(
        enter(found, home=home, max_age=watch.plan.max_age, now=now, any_site=False)
    )
