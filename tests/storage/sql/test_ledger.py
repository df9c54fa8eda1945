from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from storage.model.article import Blurb
from storage.model.link import Added, NewLink, Settlement
from storage.model.link_kind import LinkKind, Way
from storage.model.link_state import LinkState
from storage.sql.ledger import (
    add_links,
    due_now,
    find_link,
    link_of,
    links_found_since,
    list_links,
    note_alias,
    pulls_of_watched,
    settle,
)
from storage.sql.sources import (
    FROM_CONFIG,
    PAUSED,
    REMOVED,
    SourceEntry,
    find_source,
    list_sources,
    put_source,
    remove_source,
    set_state,
)
from storage.sql.tables import ACTIVE, ArticleRow, HostRow, LinkRow, SourceRow

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def new_link(path: str, **more: object) -> NewLink:
    return NewLink(
        url=f"https://a.example{path}",
        key=f"//a.example{path}",
        host="a.example",
        **{"kind": LinkKind.ARTICLE, "next_run": NOW, **more},  # type: ignore[arg-type]
    )


def add(
    session: Session,
    *links: NewLink,
    source: int | None = None,
    way: Way = Way.NONE,
) -> Added:
    return add_links(session, links, source=source, found_on=None, now=NOW, way=way)


def row(session: Session, path: str) -> LinkRow:
    found = find_link(session, f"//a.example{path}")
    assert found is not None
    return found


def entry(state: str = ACTIVE, name: str = "A") -> SourceEntry:
    return SourceEntry(
        name=name,
        home="https://a.example/",
        language=None,
        state=state,
        settings={"name": name, "state": state},
    )


def put(session: Session, given: SourceEntry) -> SourceRow:
    return put_source(session, given, origin=FROM_CONFIG, now=NOW)


def test_new_links_are_counted_and_their_host_is_known(session: Session) -> None:
    added = add(session, new_link("/1"), new_link("/2"))

    assert added == Added(new=2, renewed=0, stated=(None, None))
    assert "a.example" in session.exec(select(HostRow.key)).all()


def test_a_known_link_stays_as_it_is(session: Session) -> None:
    add(session, new_link("/1", title="first"))

    assert add(session, new_link("/1", title="second")) == Added(new=0, renewed=0)
    assert row(session, "/1").title == "first"


def test_all_the_ways_a_link_was_named_are_noted(session: Session) -> None:
    for way in (Way.SITEMAP, Way.FEED, Way.FEED):
        add_links(
            session, [new_link("/1")], source=None, found_on=None, now=NOW, way=way
        )
    add(session, new_link("/2"))

    session.expire_all()
    assert row(session, "/1").ways == Way.FEED | Way.SITEMAP
    assert row(session, "/2").ways == Way.NONE


def test_a_blurb_is_what_a_visit_is_told(session: Session) -> None:
    blurb = Blurb(authors=("Ani",), summary="The mill.", tags=("mills",))

    add(session, new_link("/1", blurb=blurb), new_link("/2"))

    assert link_of(session, row(session, "/1").id or 0).blurb == blurb
    assert link_of(session, row(session, "/2").id or 0).blurb is None


def test_an_alias_follows_its_owner_to_another(session: Session) -> None:
    add(session, new_link("/moved"), new_link("/amp"), new_link("/story"))
    moved, amp, story = (row(session, p).id or 0 for p in ("/moved", "/amp", "/story"))

    note_alias(session, moved, amp)
    note_alias(session, amp, story)

    session.expire_all()
    assert [row(session, p).alias_of for p in ("/moved", "/amp", "/story")] == [
        story,
        story,
        None,
    ]


def test_what_becomes_an_article_of_its_own_is_no_alias(session: Session) -> None:
    add(session, new_link("/amp"), new_link("/story"))
    amp, story = (row(session, p).id or 0 for p in ("/amp", "/story"))
    note_alias(session, amp, story)

    note_alias(session, amp, None)

    session.expire_all()
    assert row(session, "/amp").alias_of is None


def test_more_links_than_a_query_can_name_are_entered(session: Session) -> None:
    links = [new_link(f"/{n}") for n in range(1200)]
    add(session, *links)

    assert add(session, *links).new == 0


def test_an_archived_article_that_was_modified_is_due_again(session: Session) -> None:
    add(session, new_link("/1"))
    known = row(session, "/1")
    known.state, known.fetched_at, known.next_run = LinkState.ARCHIVED, NOW, None
    session.flush()

    added = add_links(
        session,
        [new_link("/1", modified=NOW + timedelta(minutes=5))],
        source=None,
        found_on=None,
        now=LATER,
    )

    assert (added.renewed, row(session, "/1").next_run) == (1, LATER)


def test_a_modification_before_the_last_fetch_changes_nothing(session: Session) -> None:
    add(session, new_link("/1"))
    known = row(session, "/1")
    known.state, known.fetched_at, known.next_run = LinkState.ARCHIVED, NOW, None
    session.flush()

    assert add(session, new_link("/1", modified=NOW - timedelta(days=1))).renewed == 0


def test_a_settlement_is_written_whole(session: Session) -> None:
    add(session, new_link("/1"))
    link = link_of(session, int(row(session, "/1").id or 0))

    settle(
        session,
        link.id,
        Settlement(
            state=LinkState.ERROR,
            reason="HTTP 500",
            next_run=LATER,
            failures=1.0,
            interval=timedelta(hours=2),
            rhythm={"news": 1},
            pull=0.5,
        ),
    )

    after = link_of(session, link.id)
    assert (after.state, after.failures, after.rhythm) == (
        LinkState.ERROR,
        1.0,
        {"news": 1},
    )
    assert row(session, "/1").interval_s == 7200
    assert pulls_of_watched(session) == [0.5]
    assert (row(session, "/1").attempts, row(session, "/1").reason) == (1, "HTTP 500")


def test_a_link_can_be_made_due(session: Session) -> None:
    add(session, new_link("/1", next_run=None))

    due_now(session, int(row(session, "/1").id or 0), LATER)

    session.expire_all()
    assert row(session, "/1").next_run == LATER


def test_links_are_listed_newest_first_by_source_and_state(session: Session) -> None:
    source = put(session, entry()).id
    add(session, new_link("/1"), new_link("/2"), new_link("/3"), source=source)
    row(session, "/2").state = LinkState.GONE
    session.flush()

    waiting = list_links(session, source=source, state="waiting")
    older = list_links(session, before=row(session, "/2").id)

    assert [link.url[-2:] for link in waiting] == ["/3", "/1"]
    assert [link.url[-2:] for link in older] == ["/1"]


def test_found_articles_are_counted_for_the_budget(session: Session) -> None:
    source = int(put(session, entry()).id or 0)
    add(session, new_link("/1"), new_link("/feed", kind=LinkKind.FEED), source=source)

    assert links_found_since(session, source, NOW) == 1
    assert links_found_since(session, source, LATER) == 0


def test_a_paused_source_has_no_due_links(session: Session) -> None:
    source = put(session, entry())
    add(session, new_link("/1"), source=source.id)

    set_state(session, source, PAUSED, NOW)

    session.expire_all()
    assert row(session, "/1").next_run is None


def test_a_resumed_source_is_due_at_once(session: Session) -> None:
    source = put(session, entry())
    add(session, new_link("/1"), source=source.id)
    set_state(session, source, PAUSED, NOW)

    set_state(session, source, ACTIVE, LATER)

    session.expire_all()
    assert row(session, "/1").next_run == LATER


def test_a_pause_by_command_outlives_a_restart(session: Session) -> None:
    set_state(session, put(session, entry()), PAUSED, NOW)

    assert put(session, entry()).state == PAUSED


def test_a_state_changed_in_the_file_counts(session: Session) -> None:
    put(session, entry(PAUSED))

    assert put(session, entry(ACTIVE)).state == ACTIVE


def test_a_source_that_left_the_file_is_removed_not_forgotten(session: Session) -> None:
    put(session, entry())

    remove_source(session, "A", NOW)

    assert list_sources(session) == []
    assert find_source(session, "A") is not None


def test_a_source_that_came_back_is_active_again(session: Session) -> None:
    put(session, entry())
    remove_source(session, "A", NOW)

    assert put(session, entry()).state == ACTIVE
    assert find_source(session, "none") is None
    assert REMOVED not in {s.state for s in list_sources(session)}


def test_a_link_of_a_paused_source_does_not_become_due(session: Session) -> None:
    source = put(session, entry())
    add(session, new_link("/1"), source=source.id)
    link = link_of(session, int(row(session, "/1").id or 0))
    set_state(session, source, PAUSED, NOW)

    settle(
        session,
        link.id,
        Settlement(state=LinkState.ARCHIVED, reason="article", next_run=LATER),
    )

    assert row(session, "/1").next_run is None


def test_a_pause_during_a_visit_holds(session: Session) -> None:
    source = put(session, entry())
    add(session, new_link("/feed", kind=LinkKind.FEED), source=source.id)
    feed = row(session, "/feed")

    set_state(session, source, PAUSED, NOW)
    settle(
        session,
        int(feed.id or 0),
        Settlement(state=LinkState.WATCHED, reason="1 new", next_run=LATER),
    )
    add(session, new_link("/1"), source=source.id)

    assert (row(session, "/feed").next_run, row(session, "/1").next_run) == (None, None)


def test_nothing_is_renewed_for_a_paused_source(session: Session) -> None:
    source = put(session, entry())
    add(session, new_link("/1"), source=source.id)
    known = row(session, "/1")
    known.state, known.fetched_at = LinkState.ARCHIVED, NOW - timedelta(hours=2)
    set_state(session, source, PAUSED, NOW)

    modified = new_link("/1", modified=NOW - timedelta(hours=1))

    assert add(session, modified, source=source.id).renewed == 0


@pytest.mark.parametrize("state", ["waiting", "captured", "blocked", "budget", "error"])
def test_a_resumed_source_goes_on_with_what_was_unfinished(
    session: Session, state: str
) -> None:
    source = put(session, entry())
    add(session, new_link("/1", state=LinkState(state)), source=source.id)
    set_state(session, source, PAUSED, NOW)

    set_state(session, source, ACTIVE, LATER)
    session.expire_all()

    assert row(session, "/1").next_run == LATER


def test_a_resumed_source_keeps_to_its_daily_links(session: Session) -> None:
    """What its budget had put off waits for days with room, as before the pause."""
    source = put(session, entry())
    add(session, new_link("/today"), source=source.id)
    put_off = [f"/{number}" for number in range(6)]
    for path in put_off:
        add(session, new_link(path, state=LinkState.BUDGET), source=source.id)
    set_state(session, source, PAUSED, NOW)

    set_state(session, source, ACTIVE, NOW, daily_links=2)
    session.expire_all()

    waits = [row(session, path).next_run - NOW for path in put_off]  # type: ignore[operator]
    assert [wait.days for wait in waits] == [0, 1, 1, 2, 2, 3]


def test_what_is_asked_for_by_hand_takes_no_room_of_news(session: Session) -> None:
    source = put(session, entry()).id or 0
    day = NOW - timedelta(days=1)
    add(session, new_link("/asked"), source=source, way=Way.HAND)
    before = links_found_since(session, source, day)
    add(session, new_link("/asked"), source=source, way=Way.FEED)

    assert (before, links_found_since(session, source, day)) == (0, 1)


def test_a_source_resumed_in_the_file_keeps_to_its_daily_links(
    session: Session,
) -> None:
    source = put(session, entry())
    for path in ("/1", "/2"):
        add(session, new_link(path, state=LinkState.BUDGET), source=source.id)
    put(session, entry(PAUSED))

    put(session, replace(entry(), daily_links=1))
    session.expire_all()

    runs = [row(session, path).next_run for path in ("/1", "/2")]
    assert runs == [NOW, NOW + timedelta(days=1)]


def test_a_resumed_source_revisits_its_articles(session: Session) -> None:
    source = put(session, entry())
    for path, state in (("/1", LinkState.GONE), ("/2", LinkState.GONE)):
        add(session, new_link(path, state=state), source=source.id)
    session.add(
        ArticleRow(
            link_id=int(row(session, "/1").id or 0),
            key="k",
            url="https://a.example/1",
            title="Kali meluap",
            authors=[],
            first_seen=NOW,
            last_seen=NOW,
        )
    )
    row(session, "/2").failures = 4.0  # given up
    set_state(session, source, PAUSED, NOW)

    set_state(session, source, ACTIVE, LATER)
    session.expire_all()

    assert (row(session, "/1").next_run, row(session, "/2").next_run) == (LATER, None)


def test_a_new_sub_sitemap_is_news_of_its_index(session: Session) -> None:
    """By its `lastmod`; one that is not read says nothing."""
    old = new_link("/old", kind=LinkKind.SITEMAP, state=LinkState.TOO_OLD)
    child = new_link("/child", kind=LinkKind.SITEMAP, modified=NOW)

    assert add(session, old, child).stated == (NOW,)


def test_new_articles_are_told_with_their_stated_times(session: Session) -> None:
    add(session, new_link("/known"))

    added = add(
        session,
        new_link("/known", published=NOW),
        new_link("/dated", published=NOW),
        new_link("/undated"),
        new_link("/elsewhere", state=LinkState.SCOPE),
        new_link("/list", kind=LinkKind.FEED),
    )

    assert added.stated == (NOW, None)
