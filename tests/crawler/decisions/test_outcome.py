from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawler.config.plan import plan_for
from crawler.config.tree import Config, Source
from crawler.decisions.outcome import (
    after_article,
    after_error,
    after_move,
    after_part,
    after_partial,
    after_poll,
    after_status,
    after_unreadable,
    is_article,
)
from crawler.errors import (
    ConnectFailed,
    FetchError,
    HttpError,
    NameNotResolved,
    RefusedDestination,
    RobotsRefused,
    RobotsUnreachable,
)
from crawler.timing.pacing import Terms, pull
from crawler.timing.rates import Rhythm, read_rhythm, rhythm_document
from storage.model.change import Change
from storage.model.exchange import Exchange, Truncated
from storage.model.link import Added, Link, Settlement
from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState
from storage.model.verdict import Verdict, VerdictKind
from storage.model.websub import Heed, Subscription

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
URL = "https://a.example/story"
PLAN = plan_for(
    Source.model_validate({"name": "A", "home": "https://a.example"}),
    Config.model_validate({"identity": {"contact": "a@b.example"}}),
)
NEW = Link(
    id=1,
    source=1,
    host="a.example",
    url=URL,
    key="//a.example/story",
    kind=LinkKind.ARTICLE,
    state=LinkState.WAITING,
    found_at=NOW,
    first_seen=NOW,
)
ARCHIVED = replace(NEW, state=LinkState.ARCHIVED, archived=True)
FEED = replace(NEW, kind=LinkKind.FEED)
TERMS = Terms(poll=PLAN.poll)


def answer(status: int, **more: object) -> Exchange:
    return Exchange(
        url=URL,
        started_at=NOW,
        elapsed=timedelta(seconds=1),
        request=b"",
        response=b"",
        status=status,
        body=b"",
        **{"headers": (), **more},  # type: ignore[arg-type]
    )


def by_status(link: Link, status: int, **more: object) -> Settlement | None:
    return after_status(
        link, answer(status, **more), PLAN, now=NOW, jitter=0.5, retry_after=None
    )


def by_error(link: Link, error: FetchError) -> Settlement:
    return after_error(link, error, PLAN, NOW, 0.5)


def test_a_whole_answer_is_to_be_read() -> None:
    assert by_status(NEW, 200) is None


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (404, LinkState.GONE),
        (410, LinkState.GONE),
        (401, LinkState.BLOCKED),
        (403, LinkState.BLOCKED),
        (451, LinkState.BLOCKED),
        (500, LinkState.ERROR),
        (429, LinkState.ERROR),
    ],
)
def test_a_refusal_is_a_state_of_its_own(status: int, state: LinkState) -> None:
    settlement = by_status(NEW, status)

    assert settlement is not None
    assert (settlement.state, settlement.reason) == (state, f"HTTP {status}")


@pytest.mark.parametrize(
    ("failures", "pause"),
    [
        (0.0, timedelta(minutes=15)),
        (1.0, timedelta(hours=2)),
        (2.0, timedelta(hours=16)),
        (3.0, timedelta(days=3)),
        (4.0, None),
    ],
)
def test_a_listed_page_that_is_not_there_yet_is_asked_for_a_few_times(
    failures: float, pause: timedelta | None
) -> None:
    settlement = by_status(replace(NEW, failures=failures), 404)

    assert settlement is not None
    assert settlement.next_run == (None if pause is None else NOW + pause)


def test_an_article_of_which_nothing_came_is_asked_for_again() -> None:
    empty = Verdict(kind=VerdictKind.ERROR, evidence=("empty body",))

    settlement = after_article(NEW, empty, None, PLAN, NOW)

    assert settlement.state is LinkState.ERROR
    assert settlement.next_run == NOW + timedelta(minutes=15)


@pytest.mark.parametrize("status", [403, 503, 429])
def test_a_challenge_blocks_whatever_its_status(status: int) -> None:
    settlement = by_status(NEW, status, headers=(("CF-Mitigated", "challenge"),))

    assert settlement is not None
    assert settlement.state is LinkState.BLOCKED
    assert settlement.reason == f"HTTP {status}, cf-mitigated: challenge"


def test_a_login_is_named_in_the_reason() -> None:
    settlement = by_status(NEW, 401, headers=(("WWW-Authenticate", "Basic realm=x"),))

    assert settlement is not None
    assert settlement.reason == "HTTP 401, www-authenticate: Basic"


def test_a_refused_article_is_asked_for_again_the_next_day() -> None:
    settlement = by_status(NEW, 403)

    assert settlement is not None
    assert settlement.next_run == NOW + timedelta(days=1)


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_feed_that_cannot_be_had_is_asked_for_again_soon(status: int) -> None:
    """A release of a site may take it away for minutes, and what it drops is lost."""
    settlement = by_status(FEED, status)

    assert settlement is not None
    assert settlement.next_run == NOW + timedelta(minutes=15)


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_feed_that_stays_away_is_asked_for_once_a_day(status: int) -> None:
    settlement = by_status(replace(FEED, failures=7.0), status)

    assert settlement is not None
    assert settlement.next_run == NOW + timedelta(days=1)


def test_an_archived_article_stays_archived_behind_a_refusal() -> None:
    settlement = by_status(ARCHIVED, 403)

    assert settlement is not None
    assert (settlement.state, settlement.reason) == (LinkState.ARCHIVED, "HTTP 403")


def test_an_unreachable_robots_txt_ends_no_article() -> None:
    error = RobotsUnreachable(URL, "robots.txt unreachable (503)")

    settlement = by_error(NEW, error)

    assert settlement.state is LinkState.ERROR
    assert settlement.next_run is not None


def test_an_archived_article_that_went_is_asked_again() -> None:
    settlement = by_status(ARCHIVED, 404)

    assert settlement is not None
    assert settlement.next_run == NOW + timedelta(minutes=15)


def test_an_archived_article_stays_archived_while_its_server_fails() -> None:
    settlement = by_status(ARCHIVED, 500)

    assert settlement is not None
    assert settlement.state is LinkState.ARCHIVED


def test_a_feed_not_modified_teaches_that_nothing_came() -> None:
    busy = Rhythm(at=NOW - timedelta(hours=6), news=60.0, days=3.0)
    feed = replace(FEED, rhythm=rhythm_document(busy))

    settlement = by_status(feed, 304)

    assert settlement is not None
    assert settlement.rhythm is not None
    assert settlement.pull is not None
    assert read_rhythm(settlement.rhythm).level < busy.level
    assert settlement.pull < pull(busy, UTC)
    assert settlement.rhythm["why"] == "expected news"


def test_an_article_not_modified_keeps_its_state() -> None:
    settlement = by_status(ARCHIVED, 304)

    assert settlement is not None
    assert (settlement.state, settlement.reason) == (LinkState.ARCHIVED, "not modified")


def test_an_article_that_was_gone_and_is_not_modified_is_back() -> None:
    settlement = by_status(replace(ARCHIVED, state=LinkState.GONE), 304)

    assert settlement is not None
    assert settlement.state is LinkState.ARCHIVED


def test_a_look_is_counted_unless_a_wall_was_all_that_was_seen() -> None:
    same, wall = by_status(ARCHIVED, 304), by_status(ARCHIVED, 403)

    assert same is not None
    assert same.look is not None
    assert same.rhythm is not None
    assert wall is not None
    assert wall.look is None
    assert wall.fault is LinkState.BLOCKED


@pytest.mark.parametrize("asked", [timedelta(hours=5), timedelta(minutes=1)])
def test_an_archived_article_is_not_asked_for_before_its_failing_server_allows(
    asked: timedelta,
) -> None:
    """Nor sooner than if nothing had failed."""
    settlement = after_status(
        ARCHIVED, answer(503), PLAN, now=NOW, jitter=0.5, retry_after=asked
    )
    unfailing = by_status(ARCHIVED, 304)

    assert settlement is not None
    assert unfailing is not None
    assert unfailing.next_run is not None
    assert NOW + timedelta(minutes=1) < unfailing.next_run < NOW + timedelta(hours=5)
    assert settlement.next_run == max(NOW + asked, unfailing.next_run)


def test_an_image_that_is_gone_is_not_asked_for_again() -> None:
    settlement = by_status(replace(NEW, kind=LinkKind.ASSET), 404)

    assert settlement is not None
    assert settlement.next_run is None


def test_an_article_never_read_is_asked_for_again_after_a_304_to_no_question() -> None:
    settlement = by_status(NEW, 304)

    assert settlement is not None
    assert (settlement.state, settlement.reason) == (LinkState.ERROR, "HTTP 304")
    assert settlement.next_run is not None


@pytest.mark.parametrize(
    ("status", "weight"), [(429, 0.5), (503, 0.5), (500, 1.0), (404, 1.0)]
)
def test_a_host_that_asks_for_a_rest_weighs_half_an_error(
    status: int, weight: float
) -> None:
    settlement = by_status(NEW, status)

    assert settlement is not None
    assert settlement.failures == weight


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (timedelta(minutes=59), "HTTP 503"),
        (timedelta(hours=1), "HTTP 503; to be left alone for 1h, as it asked"),
    ],
)
def test_a_link_is_left_alone_as_long_as_its_server_asks(
    asked: timedelta, reason: str
) -> None:
    settlement = after_status(
        NEW, answer(503), PLAN, now=NOW, jitter=0.5, retry_after=asked
    )

    assert settlement is not None
    assert (settlement.next_run, settlement.reason) == (NOW + asked, reason)


@pytest.mark.parametrize("status", [204, 206])
def test_what_is_no_whole_page_is_not_read(status: int) -> None:
    settlement = by_status(NEW, status)

    assert settlement is not None
    assert settlement.state is LinkState.ERROR


def test_an_answer_cut_short_is_not_read() -> None:
    settlement = by_status(NEW, 200, truncated=Truncated.LENGTH)

    assert settlement is not None
    assert settlement.reason == "HTTP 200, cut short (length)"


def test_a_body_that_cannot_be_decoded_is_not_read() -> None:
    settlement = by_status(NEW, 200, decode_error="gzip: ratio over 100")

    assert settlement is not None
    assert settlement.reason == "HTTP 200, gzip: ratio over 100"


def test_an_article_that_fails_again_and_again_is_given_up() -> None:
    settlement = by_status(replace(NEW, failures=11.5), 500)

    assert settlement is not None
    assert (settlement.state, settlement.next_run) == (LinkState.ERROR, None)


def test_a_feed_never_gives_up() -> None:
    settlement = by_status(replace(FEED, failures=29.5), 500)

    assert settlement is not None
    assert (settlement.state, settlement.next_run) == (
        LinkState.DEAD,
        NOW + timedelta(days=7),
    )


def test_a_robots_refusal_names_its_line() -> None:
    settlement = by_error(NEW, RobotsRefused(URL, "Disallow: /"))

    assert (settlement.state, settlement.reason, settlement.next_run) == (
        LinkState.ROBOTS,
        "robots.txt says Disallow: /",
        NOW + timedelta(days=1),
    )


def test_a_robots_refusal_is_final_after_three_days() -> None:
    last = replace(NEW, state=LinkState.ROBOTS, failures=2.0)

    assert by_error(last, RobotsRefused(URL, "Disallow: /")).next_run is None


def test_a_refused_destination_is_a_state_of_its_own() -> None:
    settlement = by_error(NEW, RefusedDestination(URL, "10.0.0.1 is private"))

    assert settlement.state is LinkState.REFUSED


@pytest.mark.parametrize(
    ("error", "weight"),
    [(NameNotResolved(URL, "no such name"), 0.25), (ConnectFailed(URL, "reset"), 0.5)],
)
def test_a_hiccup_weighs_less_than_a_failure(error: FetchError, weight: float) -> None:
    assert by_error(FEED, error).failures == weight


def test_a_poll_starts_over_after_failures() -> None:
    failing = replace(FEED, failures=9.0)

    settlement = after_poll(
        failing, Added(new=2, renewed=1), PLAN, TERMS, now=NOW, jitter=0.5
    )

    assert (settlement.state, settlement.failures, settlement.reason) == (
        LinkState.WATCHED,
        0.0,
        "2 new, 1 changed; again in 30m: until its rate is known",
    )


@pytest.mark.parametrize(("jitter", "minutes"), [(0.0, 27), (1.0, 33)])
def test_jitter_moves_a_poll_by_a_tenth_at_most(jitter: float, minutes: int) -> None:
    settlement = after_poll(
        FEED, Added(new=1, renewed=0), PLAN, TERMS, now=NOW, jitter=jitter
    )

    assert settlement.next_run == NOW + timedelta(minutes=minutes)


def test_what_cannot_be_read_is_tried_again() -> None:
    settlement = after_unreadable(FEED, "no feed", PLAN, NOW, 0.5)

    assert (settlement.state, settlement.reason) == (LinkState.ERROR, "no feed")


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (VerdictKind.ARTICLE, LinkState.ARCHIVED),
        (VerdictKind.TEASER, LinkState.ARCHIVED),
        (VerdictKind.HUB, LinkState.NOT_ARTICLE),
        (VerdictKind.SOFT_404, LinkState.GONE),
        (VerdictKind.BOT_WALL, LinkState.BLOCKED),
        (VerdictKind.CONSENT, LinkState.BLOCKED),
        (VerdictKind.ERROR, LinkState.ERROR),
    ],
)
def test_a_verdict_decides_the_state(kind: VerdictKind, state: LinkState) -> None:
    verdict = Verdict(kind=kind, evidence=("so it is",))

    assert after_article(NEW, verdict, Change.FIRST, PLAN, NOW).state is state


def test_a_wall_never_replaces_an_archived_article() -> None:
    verdict = Verdict(kind=VerdictKind.BOT_WALL, evidence=("a challenge",))

    settlement = after_article(ARCHIVED, verdict, None, PLAN, NOW)

    assert (settlement.state, settlement.reason) == (
        LinkState.ARCHIVED,
        "bot_wall: a challenge",
    )


def test_a_second_address_of_an_article_is_a_duplicate() -> None:
    verdict = Verdict(kind=VerdictKind.ARTICLE, evidence=())

    settlement = after_article(NEW, verdict, None, PLAN, NOW)

    assert (settlement.state, settlement.next_run) == (LinkState.DUPLICATE, None)


def test_only_articles_and_teasers_are_kept() -> None:
    kept = {k for k in VerdictKind if is_article(Verdict(kind=k, evidence=()))}

    assert kept == {VerdictKind.ARTICLE, VerdictKind.TEASER}


def test_a_page_of_an_article_is_never_due_by_itself() -> None:
    failed = by_status(NEW, 500)

    good, bad = after_part(URL, None), after_part(URL, failed)

    assert (good.state, good.next_run) == (LinkState.DUPLICATE, None)
    assert (bad.state, bad.next_run) == (LinkState.ERROR, None)
    assert good.reason == f"part_of {URL}"
    assert bad.reason == f"part_of {URL}: HTTP 500"


def test_an_article_that_lacks_a_page_is_looked_at_again_soon() -> None:
    settled = Settlement(
        state=LinkState.ARCHIVED,
        reason="article, first",
        next_run=NOW + timedelta(days=3),
    )

    again = after_partial(ARCHIVED, settled, "page 2: HTTP 500", NOW, 0.5)

    assert again.next_run is not None
    assert again.next_run < NOW + timedelta(minutes=2)
    assert again.failures == 0.5
    assert again.reason == "article, first; partial: page 2: HTTP 500"


@pytest.mark.parametrize("later", [NOW + timedelta(days=3), None])
def test_an_article_that_lacks_a_page_for_days_has_its_ordinary_turn(
    later: datetime | None,
) -> None:
    settled = Settlement(state=LinkState.ARCHIVED, reason="article", next_run=later)
    link = replace(ARCHIVED, failures=12.0)

    assert after_partial(link, settled, "page 2", NOW, 0.5).next_run == later


def test_a_feed_whose_hub_tells_of_its_news_is_read_less_often() -> None:
    rhythm = Rhythm(
        at=NOW - timedelta(hours=1),
        news=20_000.0,
        days=1000.0,
        hours=(20.0,) * 24,
        weekdays=(480 / 7,) * 7,
    )
    usual = replace(FEED, rhythm=rhythm_document(rhythm), fetched_at=NOW - DAY)
    push = Subscription(
        link=1,
        hub="https://hub.example/",
        endpoint="https://hub.example/",
        host="hub.example",
        topic=URL,
        callback="https://kliping.example/websub/path",
        path="path",
        secret="s" * 43,
        announced_at=NOW,
        until=NOW + DAY,
        delivered_at=NOW,
    )
    found = Added(new=1, renewed=0)

    alone = after_poll(usual, found, PLAN, TERMS, now=NOW, jitter=0.5)
    pushed = after_poll(
        replace(usual, push=push), found, PLAN, TERMS, now=NOW, jitter=0.5
    )

    assert alone.interval is not None
    assert pushed.interval is not None
    assert pushed.interval > 3 * alone.interval
    assert pushed.reason.endswith(": its hub tells of news")
    assert alone.heed is None
    assert pushed.heed == Heed(
        told_at=NOW, missed_at=None, idle=0, pause=timedelta(minutes=1)
    )


def test_a_sitemap_read_a_last_time_is_let_go() -> None:
    """Its index names it no more; it is not asked for again."""
    dying = replace(NEW, kind=LinkKind.SITEMAP, state=LinkState.GONE)
    added = Added(new=2, renewed=0)

    settled = after_poll(dying, added, PLAN, TERMS, now=NOW, jitter=0.5)

    assert (settled.state, settled.next_run) == (LinkState.GONE, None)
    assert settled.reason == "no longer named by its index; 2 new in its last reading"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (NameNotResolved(URL, "no DNS answer"), "no address: no DNS answer"),
        (ConnectFailed(URL, "reset"), "no connection: reset"),
        (HttpError(URL, 500), "HTTP 500"),
    ],
    ids=["DNS", "connection", "status"],
)
def test_a_reason_is_in_words(error: FetchError, reason: str) -> None:
    assert error.reason == reason


@pytest.mark.parametrize(
    ("statuses", "failures", "pause"),
    [
        ([301], 0.0, DAY),
        ([308, 301], 3.0, DAY),
        ([302], 0.0, timedelta(minutes=15)),
        ([301, 307], 1.0, timedelta(minutes=30)),
        ([302], 12.0, DAY),
    ],
    ids=["for good", "again for good", "for now", "for now, still", "for ever so"],
)
def test_a_list_that_is_led_away_for_now_is_looked_at_soon(
    statuses: list[int], failures: float, pause: timedelta
) -> None:
    """A page of maintenance elsewhere for minutes must not cost a day of its news."""
    link = replace(FEED, failures=failures)
    hops = [answer(status) for status in statuses]

    settlement = after_move(link, "https://b.example/wait", hops, NOW)

    assert settlement.state is LinkState.DUPLICATE
    assert settlement.next_run == NOW + pause
    is_for_good = set(statuses) <= {301, 308}
    assert settlement.failures == (0.0 if is_for_good else failures + 1)


@pytest.mark.parametrize(
    ("statuses", "failures", "pause"),
    [
        ([301], 0.0, None),
        ([302], 0.0, DAY),
        ([301, 303], 1.0, 3 * DAY),
        ([307], 2.0, None),
    ],
)
def test_an_article_that_is_led_away_for_now_is_asked_for_in_days(
    statuses: list[int], failures: float, pause: timedelta | None
) -> None:
    """One that moved for good is not asked for where it was."""
    hops = [answer(status) for status in statuses]
    link = replace(NEW, failures=failures)

    moved = after_move(link, "https://b.example/story", hops, NOW)

    assert moved.next_run == (None if pause is None else NOW + pause)
    is_for_good = statuses == [301]
    assert moved.failures == (failures if is_for_good else failures + 1)


def test_an_image_that_is_led_elsewhere_is_not_asked_for_again() -> None:
    image = replace(NEW, kind=LinkKind.ASSET)

    moved = after_move(image, "https://b.example/pier.jpg", [answer(302)], NOW)

    assert moved.next_run is None
