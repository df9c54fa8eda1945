"""What deliveries are worth, and how far a hub is trusted: decisions alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawler.timing.pacing import Terms, Why, pace
from crawler.timing.rates import Rhythm
from crawler.websub.deliveries import (
    LATE,
    LATELY,
    Signature,
    delivered,
    heed_reading,
    hint_pause,
    is_trusted,
)
from storage.model.link import Link
from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState
from storage.model.websub import Asking, Heed, Subscription
from tests.crawler.hub import sign
from tests.crawler.subscriptions import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    SAID,
    asked,
    subscription,
    verified,
)

# ---- deliveries ----------------------------------------------------------------


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_every_digest_of_the_recommendation_is_checked(method: str) -> None:
    signature = Signature("word", sign("word", b"<feed/>", method)["X-Hub-Signature"])
    for part in (b"<fe", b"", b"ed/>"):
        signature.feed(part)

    assert signature.is_right()


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "sha256",
        "sha256=",
        "md5=" + "0" * 32,
        "sha256=" + "0" * 64,
        "sha256=ünicode",
        sign("other", b"<feed/>")["X-Hub-Signature"],
        sign("word", b"<feed />")["X-Hub-Signature"],
        sign("word", b"<feed/>")["X-Hub-Signature"].replace("sha256", "sha1"),
        sign("word", b"<feed/>")["X-Hub-Signature"].replace("=", " "),
    ],
)
def test_no_other_signature_is_right(header: str | None) -> None:
    signature = Signature("word", header)
    signature.feed(b"<feed/>")

    assert not signature.is_right()


def test_a_delivery_makes_the_feed_due_at_once() -> None:
    assert delivered(verified(), 0.0, NOW).hint_at == NOW


def test_a_feed_is_read_for_a_hub_once_a_minute() -> None:
    known = verified(hinted_at=NOW - timedelta(seconds=10))

    assert delivered(known, 0.0, NOW).hint_at == NOW + timedelta(seconds=50)


def test_deliveries_of_nothing_are_read_for_less_and_less_often() -> None:
    assert [hint_pause(n) / MINUTE for n in range(6)] == [1, 2, 4, 8, 10, 10]
    assert hint_pause(10**9) == 10 * MINUTE


def test_a_feed_that_fails_is_not_read_sooner() -> None:
    assert delivered(verified(), 0.5, NOW).hint_at is None


def test_a_hub_that_is_left_has_no_feed_read() -> None:
    assert delivered(asked(Asking.UNSUBSCRIBE), 0.0, NOW).hint_at is None


# ---- trust ---------------------------------------------------------------------


def feed(push: Subscription | None, read_at: datetime = NOW - HOUR) -> Link:
    return Link(
        id=7,
        source=1,
        host="town.example",
        url=SAID.topic,
        key="town.example/feed",
        kind=LinkKind.FEED,
        state=LinkState.WATCHED,
        found_at=NOW - 9 * DAY,
        first_seen=NOW - 9 * DAY,
        fetched_at=read_at,
        push=push,
    )


def trusted(push: Subscription, news: int, now: datetime = NOW) -> bool:
    link = feed(push)
    return is_trusted(push, heed_reading(link, news, now), now)


TOLD = {"delivered_at": NOW - MINUTE}


def test_a_hub_that_told_of_the_news_is_trusted() -> None:
    assert trusted(verified(**TOLD), news=2)


def test_a_quiet_feed_of_a_hub_that_told_before_stays_trusted() -> None:
    assert trusted(verified(delivered_at=NOW - DAY), news=0)


@pytest.mark.parametrize(
    "push",
    [
        subscription(**TOLD),
        replace(verified(**TOLD), until=NOW),
        verified(),
        verified(delivered_at=NOW - LATELY - MINUTE),
    ],
    ids=["not verified", "lapsed", "never delivered", "not lately"],
)
def test_no_other_hub_is_trusted(push: Subscription) -> None:
    assert not trusted(push, news=0)


def test_news_that_a_hub_did_not_tell_of_end_the_trust() -> None:
    push = verified(delivered_at=NOW - DAY)
    heed = heed_reading(feed(push), 1, NOW)

    assert heed is not None
    assert heed.missed_at == NOW
    assert not is_trusted(push, heed, NOW)


@pytest.mark.parametrize(("late", "forgiven"), [(LATE, True), (LATE + MINUTE, False)])
def test_a_hub_may_be_late_by_ten_minutes(late: timedelta, forgiven: bool) -> None:
    push = delivered(verified(missed_at=NOW), 0.0, NOW + late)

    assert (push.missed_at is None) is forgiven


def test_trust_comes_back_with_news_that_were_told() -> None:
    assert trusted(verified(missed_at=NOW - DAY, **TOLD), news=1)


def test_a_delivery_that_brought_nothing_ends_the_trust() -> None:
    """A cache may still serve the feed of before; its news are read soon."""
    push = verified(**TOLD)
    heed = heed_reading(feed(push), 0, NOW)

    assert heed == Heed(
        told_at=push.delivered_at, missed_at=None, idle=1, pause=2 * MINUTE
    )
    assert not is_trusted(push, heed, NOW)


def test_news_before_the_verification_are_nobodys_fault() -> None:
    heed = heed_reading(feed(asked()), 5, NOW)

    assert heed is not None
    assert heed.missed_at is None


def test_a_feed_without_a_hub_teaches_nothing() -> None:
    assert heed_reading(feed(None), 5, NOW) is None
    assert not is_trusted(None, None, NOW)


def steady(each_day: float, **more: object) -> Rhythm:
    rhythm = Rhythm(
        at=NOW,
        news=each_day * 1000,
        days=1000.0,
        hours=(each_day,) * 24,
        weekdays=(each_day * 24 / 7,) * 7,
    )
    return replace(rhythm, **more)  # type: ignore[arg-type]


USUAL = Terms(poll=30 * MINUTE)
PUSHED = replace(USUAL, pushed=True)


def test_a_feed_whose_hub_tells_is_read_a_quarter_as_often() -> None:
    usual = pace(steady(20), USUAL, UTC).interval
    pushed = pace(steady(20), PUSHED, UTC)

    assert pushed.interval / usual == pytest.approx(4, rel=0.05)
    assert pushed.why is Why.PUSHED


def test_no_feed_is_read_less_than_four_times_a_day_for_its_hub() -> None:
    assert pace(steady(2), PUSHED, UTC).interval == 6 * HOUR


def test_a_feed_that_is_read_seldom_is_read_as_seldom_with_a_hub() -> None:
    assert pace(steady(0.05), PUSHED, UTC) == pace(steady(0.05), USUAL, UTC)


def test_a_list_is_read_before_it_fills_up_whatever_its_hub_tells() -> None:
    assert pace(steady(200, listed=10), PUSHED, UTC).interval < 40 * MINUTE
