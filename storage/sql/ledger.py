"""The ledger: every URL seen, where it stands, and why.

Every function takes the session of one transaction and does not commit.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from pydantic import TypeAdapter
from sqlalchemy import Row, bindparam, func, insert, update
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from storage.looks import NO_LOOKS, Tally
from storage.model.article import Blurb
from storage.model.link import Added, Haste, Link, NewLink, Settlement
from storage.model.link_kind import WATCHED_KINDS, LinkKind, Way
from storage.model.link_state import LinkState
from storage.model.websub import Subscription
from storage.notes.saying import say_found
from storage.notes.watching import note_found
from storage.sql.bars import barred, refuse
from storage.sql.looks import note_look, tally_of
from storage.sql.subscriptions import note_heed, subscription_of
from storage.sql.tables import (
    ACTIVE,
    ArticleRow,
    HostRow,
    LinkRow,
    SourceRow,
    table_of,
)

_KEYS_AT_ONCE = 500
_NEWEST = 2_000
_JUDGED = ("url", "state", "kind", "alias_of")
_BLURB = TypeAdapter(Blurb | None)
_SOURCES = table_of(SourceRow)
_STATE = sql_select(_SOURCES.c.state).where(_SOURCES.c.id == bindparam("source"))
#: Links that cost no request.
_NEVER_DUE = (
    LinkState.SCOPE,
    LinkState.TOO_OLD,
    LinkState.BUDGET,
    LinkState.TRAP,
)
#: Links that are found again by reading their list once more.
_FOUND_AGAIN = (LinkState.SCOPE, LinkState.TOO_OLD, LinkState.TRAP)
#: An archived article is not renewed sooner than this after its last fetch.
RENEW_AFTER = timedelta(minutes=30)
#: Some lists state the time of asking as every page's date: as new says nothing.
JUST_NOW = timedelta(minutes=2)


def add_links(
    session: Session,
    found: Iterable[NewLink],
    *,
    source: int | None,
    found_on: int | None,
    now: datetime,
    way: Way = Way.NONE,
) -> Added:
    """Enter links into the ledger; those known stay as they are.

    Both note the way by which they were named now.

    A known article whose stated modification is later than its last fetch
    becomes due at once. Nothing becomes due for a source that is not active: it
    may have been paused while its page was read. What was taken down is not entered.
    """
    links: dict[str, NewLink] = {}
    for link in found:
        links.setdefault(link.key, link)
    for key in _refused(session, links):
        del links[key]
    known = _known(session, list(links))
    guids, left = (
        _guids(session, source, links, known) if way is Way.FEED else ({}, frozenset())
    )
    is_active = is_asked(session, source)
    add_hosts(session, {link.host for link in links.values()}, now)
    new = [
        _new_row(link, source, now)
        | {
            "found_on": found_on,
            "guid": guids.get(key),
            "ways": way,
            "next_run": link.next_run if is_active else None,
        }
        for key, link in links.items()
        if key not in known
    ]
    if new:  # as rows, not objects: a sitemap of 50,000 must not hold the writer
        session.execute(insert(LinkRow), new)
        _note(
            session,
            [link for key, link in links.items() if key not in known],
            found_on,
            way,
            now,
            source,
        )
    changed = [
        row.id
        for key, row in known.items()
        if is_active and _is_changed(row, links[key], now)
    ]
    _update(session, changed, next_run=now, haste=Haste.STATED)
    told = [
        {"id": row.id, "guid": guids[key]} for key, row in known.items() if key in guids
    ]
    if told:
        session.execute(update(LinkRow), told)
    named = way & ~Way.HAND  # a known link may be news, whoever asks for it
    unnoted = [row.id for row in known.values() if named & ~row.ways]
    _update(session, unnoted, ways=col(LinkRow.ways).op("|")(int(named)))
    news = (link for key, link in links.items() if key not in known and _is_news(link))
    stated = tuple(
        link.modified if link.kind is LinkKind.SITEMAP else link.published
        for link in news
    )
    readdressed = sum(row["guid"] in left for row in new)
    return Added(
        new=len(new), renewed=len(changed), readdressed=readdressed, stated=stated
    )


def add_entries(
    session: Session, entries: Sequence[tuple[int, NewLink]], now: datetime
) -> None:
    """Enter the entry points of new sources, each by its source's id.

    None of them is known (`known_keys`), and each stands there once.
    """
    add_hosts(session, {link.host for _, link in entries}, now)
    rows = [_new_row(link, source, now) for source, link in entries]
    if rows:
        session.execute(insert(LinkRow), rows)


def _new_row(link: NewLink, source: int | None, now: datetime) -> dict[str, Any]:
    return {
        "source_id": source,
        "host": link.host,
        "url": link.url,
        "key": link.key,
        "kind": link.kind,
        "state": link.state,
        "reason": link.reason,
        "found_on": None,
        "found_at": now,
        "title": link.title,
        "published": link.published,
        "blurb": asdict(link.blurb) if link.blurb else None,
        "guid": None,
        "ways": Way.NONE,
        "next_run": link.next_run,
        "attempts": 0,
        "failures": 0.0,
    }


def _guids(
    session: Session,
    source: int | None,
    links: Mapping[str, NewLink],
    known: Mapping[str, "_Known"],
) -> tuple[dict[str, str], frozenset[str]]:
    """Return the GUIDs that a feed gives its links now, where they are not noted yet.

    One is left out that belongs to another address which this reading names as well:
    nothing moved from there.

    Returns:
        The GUIDs, and those of all that another address has, which is not named now.
    """
    news = {
        key: link.guid
        for key, link in links.items()
        if link.guid and (key not in known or known[key].guid != link.guid)
    }
    held: set[str] = set()
    left: set[str] = set()
    for guid, key in _holders(session, source, sorted(set(news.values()))):
        (held if key in links else left).add(guid)
    return (
        {key: guid for key, guid in news.items() if guid not in held},
        frozenset(left - held),
    )


def _holders(
    session: Session, source: int | None, guids: Sequence[str]
) -> Iterator[Row[str, str]]:
    """Yield GUIDs that are noted, and the key of the link that has each."""
    for start in range(0, len(guids), _KEYS_AT_ONCE):
        part = col(LinkRow.guid).in_(guids[start : start + _KEYS_AT_ONCE])
        holders = sql_select(col(LinkRow.guid), col(LinkRow.key)).where(
            col(LinkRow.source_id) == source, part
        )
        yield from session.execute(holders)


def _refused(session: Session, keys: Collection[str]) -> frozenset[str]:
    """Return the keys of what was taken down; counts that it was found again."""
    found = barred(session, keys)
    refuse(session, found)
    return found


def _note(
    session: Session,
    new: Sequence[NewLink],
    found_on: int | None,
    way: Way,
    now: datetime,
    source: int | None,
) -> None:
    """Have it noted which links are due; entry points are in the settings.

    Of what a list named, the source is that of the list.
    """
    by_hand = session.get(SourceRow, source) if source and found_on is None else None
    name = by_hand.name if by_hand else None
    due = [
        say_found(link, way, now, name)
        for link in new
        if link.state not in _FOUND_AGAIN
        and (found_on is not None or not link.kind.is_watched)
    ]
    if due:
        note_found(session, found_on, due)


def _is_news(link: NewLink) -> bool:
    """Tell whether a new link counts for its list's rhythm: an index's are sitemaps."""
    if link.kind is LinkKind.SITEMAP:
        return link.state is LinkState.WAITING
    return link.kind is LinkKind.ARTICLE and link.state is not LinkState.SCOPE


def _update(session: Session, links: Sequence[int], **values: object) -> None:
    for start in range(0, len(links), _KEYS_AT_ONCE):
        part = col(LinkRow.id).in_(links[start : start + _KEYS_AT_ONCE])
        session.exec(update(LinkRow).where(part).values(**values))


def known_keys(session: Session, keys: Sequence[str]) -> frozenset[str]:
    """Return those of the keys that are in the ledger, or were taken down."""
    return frozenset(_known(session, keys)) | barred(session, keys)


def known_guids(
    session: Session, source: int | None, guids: Sequence[str]
) -> frozenset[str]:
    """Return those of the GUIDs that a source's feeds gave to a link before."""
    return frozenset(guid for guid, _ in _holders(session, source, guids))


class _Known(NamedTuple):
    """What a link that is seen again has to be asked."""

    key: str
    id: int
    state: str
    fetched_at: datetime | None
    next_run: datetime | None
    ways: int
    guid: str | None


def _known(session: Session, keys: Sequence[str]) -> dict[str, _Known]:
    columns = [getattr(LinkRow, name) for name in _Known._fields]
    known: dict[str, _Known] = {}
    for start in range(0, len(keys), _KEYS_AT_ONCE):
        part = keys[start : start + _KEYS_AT_ONCE]
        rows = session.execute(sql_select(*columns).where(col(LinkRow.key).in_(part)))
        known.update((row.key, _Known(*row)) for row in rows)
    return known


def _is_changed(row: _Known, link: NewLink, now: datetime) -> bool:
    return (
        link.modified is not None
        and row.fetched_at is not None
        and row.fetched_at < link.modified <= now - JUST_NOW
        and now - row.fetched_at >= RENEW_AFTER
        and row.state in {LinkState.ARCHIVED, LinkState.GONE}
        and (row.next_run is None or row.next_run > now)
    )


def is_asked(session: Session, source: int | None) -> bool:
    """Tell whether a source is active; so are links of none."""
    if source is None:
        return True
    state = session.connection().execute(_STATE, {"source": source}).scalar()
    return bool(state == ACTIVE)


def add_hosts(session: Session, hosts: set[str], now: datetime) -> None:
    """Enter hosts that are not known yet; they may be visited at once."""
    known = set(session.exec(select(HostRow.key).where(col(HostRow.key).in_(hosts))))
    session.add_all(
        HostRow(key=host, free_at=now, served_at=now) for host in hosts - known
    )
    session.flush()


def find_link(session: Session, key: str) -> LinkRow | None:
    """Return the ledger's row for a URL key."""
    return session.exec(select(LinkRow).where(LinkRow.key == key)).first()


def due_now(session: Session, link_id: int, now: datetime) -> None:
    """Make a link due at once, whatever it may cost: somebody asks for it."""
    _update(session, [link_id], next_run=now, haste=Haste.BY_HAND)


def hint(session: Session, link_id: int, at: datetime) -> None:
    """Make a link due at a time, if it is due at all and would be later."""
    later = update(LinkRow).where(
        col(LinkRow.id) == link_id, col(LinkRow.next_run) > at
    )
    session.exec(later.values(next_run=at))


def way_led(session: Session, link_id: int) -> Way:
    """Return the way of what a link leads to: no list names it, and it is news as the link is."""
    is_by_hand = session.get_one(LinkRow, link_id).ways == Way.HAND
    return Way.HAND if is_by_hand else Way.NONE


def note_alias(session: Session, link_id: int, owner: int | None) -> None:
    """Note under which link a link's article is archived; None is under its own.

    Those that led to this link lead to its owner with it.
    """
    if owner is None and session.get_one(LinkRow, link_id).alias_of is None:
        return
    own, led = col(LinkRow.id) == link_id, col(LinkRow.alias_of) == link_id
    if owner is not None:
        own = (own | led) & (col(LinkRow.id) != owner)
    session.exec(update(LinkRow).where(own).values(alias_of=owner))


def note_robots(session: Session, link_id: int, line: str) -> None:
    """Note the line of robots.txt that decided about a link."""
    session.get_one(LinkRow, link_id).robots_line = line


def settle(session: Session, link_id: int, settlement: Settlement) -> None:
    """Write where a link stands, why, and when it runs again.

    A link of a source that was paused during the visit does not run again. One
    whose answer could not be read is asked for without validators next time.
    """
    row = session.get_one(LinkRow, link_id)
    if row.state in {LinkState.EXCLUDED, LinkState.ERASED}:
        return  # taken down while it was visited
    is_active = is_asked(session, row.source_id)
    row.state = settlement.state
    row.reason = settlement.reason
    row.next_run = settlement.next_run if is_active else None
    row.haste = None
    row.failures = settlement.failures
    row.attempts += 1
    if settlement.failures > 0 and row.status == 200:
        row.etag = row.last_modified = None  # a 304 would hide what went wrong
    if settlement.interval is not None:
        row.interval_s = settlement.interval.total_seconds()
    if settlement.rhythm is not None:
        row.rhythm, row.pull = dict(settlement.rhythm), settlement.pull
    if settlement.look is not None and row.source_id is not None:
        note_look(session, row.source_id, settlement.look)
    if settlement.heed is not None:
        hint_at = note_heed(session, row, settlement.heed)
        if row.next_run is not None and hint_at is not None:
            row.next_run = min(row.next_run, hint_at)


def put_off(
    session: Session,
    link_id: int,
    *,
    seen: datetime | None,
    until: datetime | None,
    reason: str,
    rhythm: Mapping[str, Any],
) -> None:
    """Let a look at an archived article wait, unless it became due anew meanwhile.

    `seen` is when it was due as the decision knew it.
    """
    due = col(LinkRow.next_run) == seen
    session.exec(
        update(LinkRow)
        .where(col(LinkRow.id) == link_id, due)
        .values(next_run=until, haste=None, reason=reason, rhythm=dict(rhythm))
    )


def links_found_since(session: Session, source: int, since: datetime) -> int:
    """Count the article links a source brought since a time.

    What somebody asked for, or imported, takes no room of its news.
    Links get their ids in the order they are found, so the newest of those
    before that time is looked for first, and no older one is touched.
    """
    before = (
        select(LinkRow.id)
        .where(LinkRow.source_id == source, col(LinkRow.found_at) < since)
        .order_by(col(LinkRow.id).desc())
        .limit(1)
    )
    count = select(func.count()).where(
        LinkRow.source_id == source,
        LinkRow.kind == LinkKind.ARTICLE,
        col(LinkRow.state).not_in(_NEVER_DUE),
        col(LinkRow.ways) != Way.HAND,
        col(LinkRow.id) > (session.exec(before).first() or 0),
    )
    return session.exec(count).one()


def links_put_off(session: Session, source: int, reason: str | None = None) -> int:
    """Count the article links that a source's daily budget holds back.

    All of them, or those with a reason.
    """
    held = select(func.count()).where(
        LinkRow.source_id == source,
        LinkRow.kind == LinkKind.ARTICLE,
        LinkRow.state == LinkState.BUDGET,
    )
    if reason is not None:
        held = held.where(LinkRow.reason == reason)
    return session.exec(held).one()


def judged_urls(session: Session, source: int) -> list[tuple[str, bool]]:
    """Return which of a source's newest links were articles, and which were not.

    Of its 2,000 newest; what was not read, or is gone, says nothing.
    """
    newest = (
        sql_select(*(getattr(LinkRow, name) for name in _JUDGED))
        .where(col(LinkRow.source_id) == source, col(LinkRow.kind) != LinkKind.ASSET)
        .order_by(col(LinkRow.id).desc())
        .limit(_NEWEST)
        .subquery()
    )
    is_alias = (newest.c.state == LinkState.DUPLICATE) & newest.c.alias_of.is_not(None)
    judged = newest.c.state.in_((LinkState.ARCHIVED, LinkState.NOT_ARTICLE))
    rows = session.execute(
        sql_select(newest.c.url, newest.c.state).where(
            newest.c.kind == LinkKind.ARTICLE, judged | is_alias
        )
    )
    return [(url, state != LinkState.NOT_ARTICLE) for url, state in rows]


def pulls_of_watched(session: Session) -> list[float]:
    """Return how strongly each watched link that runs again asks for readings."""
    due = select(LinkRow.pull).where(
        col(LinkRow.pull).is_not(None), col(LinkRow.next_run).is_not(None)
    )
    return [pull for pull in session.exec(due) if pull is not None]


def list_links(
    session: Session,
    *,
    source: int | None = None,
    state: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[LinkRow]:
    """Return links newest first, for the ledger's readers."""
    query = select(LinkRow).order_by(col(LinkRow.id).desc()).limit(limit)
    if source is not None:
        query = query.where(LinkRow.source_id == source)
    if state is not None:
        query = query.where(LinkRow.state == state)
    if before is not None:
        query = query.where(col(LinkRow.id) < before)
    return list(session.exec(query))


def link_of(session: Session, link_id: int) -> Link:
    """Return a link as a visit needs to know it."""
    row = session.get_one(LinkRow, link_id)
    seen = session.exec(
        select(ArticleRow.first_seen).where(ArticleRow.link_id == link_id)
    ).first()
    return link_noun(
        row, seen, tally_of(session, row.source_id), subscription_of(session, link_id)
    )


def link_noun(
    row: LinkRow,
    first_seen: datetime | None,
    tally: Tally = NO_LOOKS,
    push: Subscription | None = None,
) -> Link:
    """Return a row as the link a visit knows, with its source's tally and its hub."""
    return Link(
        id=int(row.id or 0),
        source=row.source_id,
        host=row.host,
        url=row.url,
        key=row.key,
        kind=LinkKind(row.kind),
        state=LinkState(row.state),
        found_at=row.found_at,
        first_seen=first_seen or row.found_at,
        archived=first_seen is not None,
        title=row.title,
        published=row.published,
        blurb=_BLURB.validate_python(row.blurb),
        rhythm=row.rhythm,
        due=row.next_run,
        haste=Haste(row.haste) if row.haste else None,
        tally=tally,
        failures=row.failures,
        etag=row.etag,
        last_modified=row.last_modified,
        full_at=row.full_at,
        validators_lied_at=row.validators_lied_at,
        status=row.status,
        fetched_at=row.fetched_at,
        push=push,
    )


def claim_entries(session: Session, source: int, entries: Sequence[NewLink]) -> None:
    """Make these a source's entry points: its own, watched, and no others.

    One may be known already: as an article, or as a removed source's. A link
    that was an entry point and is none any more is not asked for again.
    """
    keys = [entry.key for entry in entries]
    dropped = update(LinkRow).where(
        col(LinkRow.source_id) == source,
        col(LinkRow.found_on).is_(None),
        col(LinkRow.kind).in_(WATCHED_KINDS),
        col(LinkRow.key).not_in(keys),
    )
    session.exec(dropped.values(next_run=None, reason="no longer listed by its source"))
    for entry in entries:
        row = find_link(session, entry.key)
        if row is None or not _may_claim(session, row, source):
            continue
        if _is_entry(row, entry, source):
            row.next_run = row.next_run or entry.next_run
            continue
        row.source_id, row.kind, row.found_on = source, entry.kind, None
        row.next_run, row.failures = entry.next_run, 0.0
        row.etag = row.last_modified = None
    session.flush()


def who_reads(session: Session, entries: Sequence[NewLink]) -> set[int]:
    """Return the sources under which entry points stand."""
    keys = [entry.key for entry in entries]
    asked = select(LinkRow.source_id).where(col(LinkRow.key).in_(keys)).distinct()
    return {number for number in session.exec(asked) if number is not None}


def _is_entry(row: LinkRow, entry: NewLink, source: int) -> bool:
    mine = row.source_id == source and row.found_on is None
    return mine and row.kind == entry.kind


def _may_claim(session: Session, row: LinkRow, source: int) -> bool:
    """Tell whether a link is free: not watched by another active source."""
    others = row.source_id is not None and row.source_id != source
    watched = row.kind in WATCHED_KINDS and is_asked(session, row.source_id)
    return not (others and watched)
