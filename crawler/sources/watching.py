"""Sources as they are watched: from config.yaml and from commands into the ledger."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from crawler.config.plan import Plan, plan_for
from crawler.config.tree import Config, Source
from crawler.decisions.scope import enter
from crawler.errors import UsageError
from crawler.means import Market, Watch
from crawler.timing.pacing import price_of
from crawler.urls import fetch_url, host_key, same_site, url_key
from storage.model.link import FoundLink, NewLink
from storage.model.link_kind import LinkKind
from storage.sql.ledger import (
    add_entries,
    add_links,
    claim_entries,
    known_keys,
    pulls_of_watched,
    who_reads,
)
from storage.sql.sources import (
    FROM_COMMAND,
    FROM_CONFIG,
    SourceEntry,
    Standing,
    configured,
    find_source,
    list_sources,
    lists_due,
    names_taken,
    put_new_sources,
    put_source,
    remove_source,
    rename_source,
    set_state,
    source_names,
    watched_links,
)
from storage.sql.tables import ACTIVE, SourceRow
from storage.sql.visits import resting

#: So many new sources share statements.
_AT_ONCE = 500
#: Readings a day for each watched page, where `polls_per_day` does not say.
_POLLS_A_PAGE = 24


def put_sources(session: Session, config: Config, now: datetime) -> list[str]:
    """Enter config.yaml's sources; return the names of those it no longer lists.

    What stands as it is listed is left alone: of 10,000 sources few change at once.
    """
    listed = {source.name for source in config.sources}
    standing = configured(session)
    for before, name in _renamed(session, config, standing):
        rename_source(session, before, name)
        del standing[before]
    removed = [name for name in standing if name not in listed]
    for name in removed:  # first: they let go of their links
        remove_source(session, name, now)
    changed = [
        source
        for source in config.sources
        if not _stands(source, config, standing.get(source.name))
    ]
    fresh = _fresh(session, changed)
    _put_fresh(session, list(fresh.values()), config, origin=FROM_CONFIG, now=now)
    for place, source in enumerate(changed):
        if place not in fresh:
            _put(session, source, config, origin=FROM_CONFIG, now=now)
    return removed


def _renamed(
    session: Session, config: Config, standing: Mapping[str, Standing]
) -> list[tuple[str, str]]:
    """Return the old and new names of sources whose home stands under another name."""
    listed = {source.name for source in config.sources}
    left: dict[str, list[str]] = defaultdict(list)
    for name, known in standing.items():
        if name not in listed:
            left[known.entry.home].append(name)
    return [
        (left[source.home].pop(), source.name)
        for source in config.sources
        if len(left.get(source.home, ())) == 1
        and find_source(session, source.name) is None
    ]


def _stands(source: Source, config: Config, known: Standing | None) -> bool:
    """Tell whether a source is active and all of it stands as it is listed."""
    if known is None:
        return False
    wanted = {(url_key(url), str(kind)) for url, kind in entry_points(source)}
    return known.lists == wanted and known.entry == _entry(source, config)


def add_source(
    session: Session, source: Source, config: Config, now: datetime
) -> SourceRow:
    """Enter a source given by command; config.yaml stays as it is.

    Raises:
        UsageError: others read all of its lists already: it would bring nothing.
    """
    row = _put(session, source, config, origin=FROM_COMMAND, now=now)
    readers = who_reads(session, _links(source, None))
    if readers and row.id not in readers:
        names = source_names(session)
        known = " and ".join(sorted(repr(names[number]) for number in readers))
        raise UsageError(
            f"source {source.name!r} would bring nothing: {known} reads its lists already"
        )
    return row


def add_sources(
    session: Session, sources: Sequence[Source], config: Config, now: datetime
) -> list[SourceRow]:
    """Enter sources given by command, in few statements where they are new.

    Raises:
        UsageError: as `add_source`.
    """
    fresh = _fresh(session, sources)
    rows = _put_fresh(
        session, list(fresh.values()), config, origin=FROM_COMMAND, now=now
    )
    entered = dict(zip(fresh, rows, strict=True))
    return [
        entered.get(place) or add_source(session, source, config, now)
        for place, source in enumerate(sources)
    ]


def _fresh(session: Session, sources: Sequence[Source]) -> dict[int, Source]:
    """Return sources of which nothing is known yet, by name or by a list, by place.

    Of those that share a list, or a name, none but the first; none that names one twice.
    """
    taken = names_taken(session, [source.name for source in sources])
    keys = [[url_key(url) for url, _ in entry_points(one)] for one in sources]
    known = known_keys(session, list({key for its in keys for key in its}))
    names, seen = set(taken), set(known)
    fresh = {}
    for place, (source, its) in enumerate(zip(sources, keys, strict=True)):
        is_unknown = source.name not in names and seen.isdisjoint(its)
        if is_unknown and len(set(its)) == len(its):
            fresh[place] = source
        names.add(source.name)
        seen.update(its)
    return fresh


def _put_fresh(
    session: Session,
    sources: Sequence[Source],
    config: Config,
    *,
    origin: str,
    now: datetime,
) -> list[SourceRow]:
    """Enter sources of which nothing is known, some hundreds at once."""
    rows: list[SourceRow] = []
    for start in range(0, len(sources), _AT_ONCE):
        part = sources[start : start + _AT_ONCE]
        entries = (_entry(source, config) for source in part)
        new = put_new_sources(session, entries, origin=origin, now=now)
        links = [
            (int(row.id or 0), link)
            for row, source in zip(new, part, strict=True)
            for link in _links(source, now if row.state == ACTIVE else None)
        ]
        add_entries(session, links, now)
        rows += new
    return rows


def shared_lists(sources: Iterable[Source]) -> list[str]:
    """Return which lists more than one source names, http and https being one; for people.

    A list is read once, for the source that is first.
    """
    first: dict[str, Source] = {}
    shared = []
    for source in sources:
        for url, _ in entry_points(source):
            owner = first.setdefault(url_key(url), source)
            if owner is not source:
                shared.append(
                    f"{url}: {owner.name!r} names this list already, and alone gets "
                    f"what it brings; {source.name!r} does not"
                )
    return shared


def read_now(session: Session, row: SourceRow, now: datetime) -> int:
    """Make all lists of a source due now; return how many there are.

    Raises:
        UsageError: it is not active.
    """
    if row.state != ACTIVE:
        raise UsageError(f"source {row.name!r} is {row.state}; resume it first")
    return lists_due(session, row, now)


def put_state(
    session: Session, row: SourceRow, state: str, config: Config, now: datetime
) -> None:
    """Activate, pause or remove a source, by the manners that hold for it."""
    plan = plan_for(Source.model_validate(row.settings), config)
    set_state(session, row, state, now, daily_links=plan.daily_links)


def lists_rest_until(
    session: Session, row: SourceRow, now: datetime
) -> datetime | None:
    """Return until when hosts of a source's lists are left alone; None if none is."""
    hosts = {link.host for link in watched_links(session, row)}
    return max(resting(session, hosts, now).values(), default=None)


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
    """Return all sources by id, with the manners that hold for each.

    What is equal is one object: of 10,000 sources most stand as config.yaml has them,
    and have the manners of all.
    """
    listed = {source.name: source for source in config.sources}
    plans: dict[Plan, Plan] = {}
    watches = {}
    for row in list_sources(session):
        source = Source.model_validate(row.settings)
        as_listed = listed.get(source.name)
        plan = plan_for(source, config)
        watches[int(row.id or 0)] = Watch(
            id=int(row.id or 0),
            source=as_listed if as_listed == source else source,
            plan=plans.setdefault(plan, plan),
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
    row = put_source(session, _entry(source, config), origin=origin, now=now)
    due = now if row.state == ACTIVE else None
    links = _links(source, due)
    add_links(session, links, source=row.id, found_on=None, now=now)
    claim_entries(session, int(row.id or 0), links)
    return row


def _entry(source: Source, config: Config) -> SourceEntry:
    plan = plan_for(source, config)
    return SourceEntry(
        name=source.name,
        home=source.home,
        language=plan.language,
        state=source.state,
        settings=source.model_dump(mode="json"),
        daily_links=plan.daily_links,
    )


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


def named_sitemaps(
    urls: Sequence[str], host: str, watch: Watch, now: datetime
) -> list[NewLink]:
    """Return the sitemaps of a host's robots.txt, for a source that names no list itself.

    That of the source's own site may name some that are kept elsewhere (sitemaps.org).
    """
    if watch.source.feeds or watch.source.sitemaps:
        return []
    found = (FoundLink(url=url, kind=LinkKind.SITEMAP) for url in urls)
    home, max_age = watch.source.home, watch.plan.max_age
    any_site = (LinkKind.SITEMAP,) if same_site(f"https://{host}/", home) else ()
    return list(
        enter(found, sites=(home,), max_age=max_age, now=now, any_site=any_site)
    )
