"""What is asked of hubs, what is believed of them: decisions alone."""

from dataclasses import replace
from datetime import timedelta

import pytest

from crawler.websub.hubs import (
    CHANGES_AFTER,
    LEASE_ASKED,
    LEASE_MOST,
    MOST_HOPS,
    Announcement,
    after_answer,
    announced,
    confirm,
    due_step,
    hub_report,
    is_path,
    standing,
)
from storage.model.exchange import Exchange
from storage.model.websub import Asking, Subscription
from tests.crawler.subscriptions import (
    DAY,
    FRESH,
    HOUR,
    MINUTE,
    NOW,
    SAID,
    asked,
    subscription,
    verified,
)


def answer(status: int, **headers: str) -> Exchange:
    return Exchange(
        url="https://hub.example/",
        started_at=NOW,
        elapsed=timedelta(),
        request=b"",
        response=b"",
        status=status,
        headers=tuple(headers.items()),
        body=b"",
    )


def question(mode: str = "subscribe", **more: str) -> dict[str, str]:
    said = {
        "hub.mode": mode,
        "hub.topic": SAID.topic,
        "hub.challenge": "word",
        "hub.lease_seconds": "864000",
    }
    return said | {f"hub.{name}": value for name, value in more.items()}


# ---- what feeds announce -------------------------------------------------------


def test_a_feed_that_names_a_hub_is_subscribed_to_at_once() -> None:
    begun = subscription()

    assert (begun.host, begun.next_run) == ("hub.example", NOW)
    assert begun.callback == f"https://kliping.example/websub/{'p' * 43}"


def test_a_feed_without_a_hub_has_no_subscription() -> None:
    assert announced(None, None, 7, FRESH, NOW) is None


def test_what_is_announced_again_keeps_its_subscription() -> None:
    known = verified()

    later = announced(known, SAID, 7, FRESH, NOW + DAY)

    assert later == replace(known, announced_at=NOW + DAY)


@pytest.mark.parametrize(
    "said",
    [
        None,
        replace(SAID, hub="https://victim.example/"),
        replace(SAID, topic="https://town.example/feed?nocache=1"),
    ],
    ids=["no hub", "another hub", "another topic"],
)
def test_another_hub_counts_only_after_a_day_without_the_known_one(
    said: Announcement | None,
) -> None:
    known = verified()

    soon = announced(known, said, 7, FRESH, NOW + CHANGES_AFTER - MINUTE)
    later = announced(known, said, 7, FRESH, NOW + CHANGES_AFTER)

    assert soon == known
    assert later is not None
    assert later.until is None


def test_another_hub_gets_another_path_and_secret() -> None:
    fresh = replace(FRESH, path="q" * 43, secret="t" * 43)
    said = replace(SAID, hub="https://new.example/")

    later = announced(verified(), said, 7, fresh, NOW + 2 * DAY)

    assert later is not None
    assert (later.path, later.secret) == ("q" * 43, "t" * 43)


# ---- what hubs are asked for ---------------------------------------------------


def test_a_hub_is_asked_for_ten_days_with_a_secret() -> None:
    step = due_step(subscription(), wanted=True, now=NOW, jitter=0.5)

    assert step.form == {
        "hub.mode": "subscribe",
        "hub.topic": SAID.topic,
        "hub.callback": f"https://kliping.example/websub/{'p' * 43}",
        "hub.secret": "s" * 43,
        "hub.lease_seconds": "864000",
    }
    assert step.subscription is not None
    assert step.subscription.asked_at == NOW


def test_a_silent_hub_has_failed_after_an_hour_and_is_asked_again() -> None:
    silent = due_step(asked(), wanted=True, now=NOW + HOUR, jitter=0.5)
    assert silent.subscription is not None
    again = due_step(silent.subscription, wanted=True, now=NOW + 2 * HOUR, jitter=0.5)

    assert silent.form is None
    assert standing(silent.subscription, NOW).startswith("failing: not verified")
    assert again.form is not None


def test_an_accepted_request_waits_for_the_hub() -> None:
    known = asked()

    assert after_answer(known, answer(202), NOW, 0.5) == known


def test_an_answer_after_the_verification_says_nothing() -> None:
    assert after_answer(verified(), answer(500), NOW, 0.5) == verified()


@pytest.mark.parametrize("status", [200, 202, 204])
def test_every_success_is_one(status: int) -> None:
    assert after_answer(asked(), answer(status), NOW, 0.5).failures == 0


@pytest.mark.parametrize("status", [301, 302, 303, 400, 403, 404, 429, 500, 503])
def test_a_refusal_is_asked_again_later_and_later(status: int) -> None:
    once = after_answer(asked(), answer(status), NOW, 0.5)
    often = after_answer(asked(failures=9.0), answer(status), NOW, 0.5)

    assert once.next_run == NOW + 2 * MINUTE
    assert often.next_run == NOW + 1024 * MINUTE
    assert standing(once, NOW) == f"failing: HTTP {status}"


def test_a_hub_that_asks_for_a_rest_gets_it() -> None:
    once = after_answer(asked(), answer(503), NOW, 0.5, retry_after=6 * HOUR)

    assert once.next_run == NOW + 6 * HOUR


@pytest.mark.parametrize("status", [307, 308])
def test_a_redirect_is_followed_in_the_turn_of_its_host(status: int) -> None:
    moved = after_answer(
        asked(), answer(status, location="https://new.example/x"), NOW, 0.5
    )

    assert (moved.endpoint, moved.host) == ("https://new.example/x", "new.example")
    assert moved.next_run == NOW
    assert due_step(moved, wanted=True, now=NOW, jitter=0.5).form is not None


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("http://hub.example/", "out of TLS"),
        ("https://user:word@hub.example/", "user information"),
        ("", "to nowhere"),
    ],
)
def test_a_redirect_that_gives_away_the_secret_is_refused(
    location: str, why: str
) -> None:
    moved = after_answer(asked(), answer(307, location=location), NOW, 0.5)

    assert moved.endpoint == SAID.hub
    assert why in moved.reason


def test_redirects_without_end_are_a_failure() -> None:
    known = asked()
    for _ in range(MOST_HOPS + 1):
        known = after_answer(
            replace(known, asked_at=NOW),
            answer(308, location="https://hub.example/again"),
            NOW,
            0.5,
        )

    assert known.reason == "over 5 redirects"
    assert known.endpoint == SAID.hub


# ---- what hubs ask -------------------------------------------------------------


def test_what_was_asked_for_is_verified_with_the_challenge() -> None:
    confirmed = confirm(asked(failures=3.0), question(), NOW, 0.5)

    assert confirmed is not None
    assert confirmed.challenge == "word"
    assert confirmed.subscription is not None
    assert standing(confirmed.subscription, NOW) == "verified until 2026-12-06 12:00"
    assert confirmed.subscription.next_run == NOW + 8 * DAY


@pytest.mark.parametrize(
    "said",
    [
        question(topic="https://other.example/feed"),
        question(challenge=""),
        question(challenge="x" * 2001),
        question("unsubscribe"),
        question("publish"),
        {},
    ],
    ids=["topic", "no challenge", "long challenge", "unsubscribe", "mode", "nothing"],
)
def test_what_was_not_asked_for_is_not_verified(said: dict[str, str]) -> None:
    assert confirm(asked(), said, NOW, 0.5) is None


@pytest.mark.parametrize("mode", ["subscribe", "unsubscribe"])
def test_nobody_prolongs_or_ends_what_stands(mode: str) -> None:
    """A replayed verification, and a forged parting."""
    assert confirm(verified(), question(mode), NOW, 0.5) is None


@pytest.mark.parametrize("lease", ["0", "60", "3599", "-5", "1e9", "soon", ""])
def test_a_lease_of_no_length_is_refused(lease: str) -> None:
    confirmed = confirm(asked(), question(lease_seconds=lease), NOW, 0.5)

    assert confirmed is not None
    assert confirmed.challenge is None
    assert confirmed.subscription is not None
    assert "lease" in standing(confirmed.subscription, NOW)


def test_a_short_lease_offered_again_and_again_counts_once() -> None:
    once = confirm(asked(), question(lease_seconds="0"), NOW, 0.5)
    assert once is not None
    assert once.subscription is not None

    again = confirm(once.subscription, question(lease_seconds="0"), NOW, 0.5)

    assert again == once


@pytest.mark.parametrize("lease", ["315360000", "9" * 4000])
def test_a_lease_of_ten_years_is_relied_on_for_a_month(lease: str) -> None:
    confirmed = confirm(asked(), question(lease_seconds=lease), NOW, 0.5)

    assert confirmed is not None
    assert confirmed.subscription is not None
    assert confirmed.subscription.until == NOW + LEASE_MOST


def test_a_hub_that_states_no_lease_means_what_was_asked_for() -> None:
    said = question()
    del said["hub.lease_seconds"]

    confirmed = confirm(asked(), said, NOW, 0.5)

    assert confirmed is not None
    assert confirmed.subscription is not None
    assert confirmed.subscription.until == NOW + LEASE_ASKED


def test_a_denial_is_noted_and_asked_again_after_a_week() -> None:
    confirmed = confirm(asked(), question("denied", reason="no\x1b room"), NOW, 0.5)

    assert confirmed is not None
    assert confirmed.subscription is not None
    assert standing(confirmed.subscription, NOW) == "denied: no  room"
    assert confirmed.subscription.next_run == NOW + 7 * DAY


def test_a_hub_may_deny_what_it_has_verified() -> None:
    confirmed = confirm(verified(), question("denied"), NOW, 0.5)

    assert confirmed is not None
    assert confirmed.subscription is not None
    assert standing(confirmed.subscription, NOW) == "denied: no reason given"


# ---- parting -------------------------------------------------------------------


def test_a_hub_is_asked_to_let_go_of_what_is_not_wanted() -> None:
    step = due_step(verified(), wanted=False, now=NOW, jitter=0.5)

    assert step.form is not None
    assert step.form["hub.mode"] == "unsubscribe"
    assert "hub.secret" not in step.form
    assert step.subscription is not None
    assert standing(step.subscription, NOW) == "leaving"


def test_a_verified_parting_is_forgotten() -> None:
    confirmed = confirm(asked(Asking.UNSUBSCRIBE), question("unsubscribe"), NOW, 0.5)

    assert confirmed is not None
    assert (confirmed.subscription, confirmed.challenge) == (None, "word")


def test_what_was_never_asked_for_is_forgotten_at_once() -> None:
    step = due_step(subscription(), wanted=False, now=NOW, jitter=0.5)

    assert step.subscription is None
    assert step.form is None


def test_a_hub_that_does_not_let_go_is_asked_three_times() -> None:
    known: Subscription | None = verified()
    requests, now = 0, NOW
    while known is not None:
        step = due_step(known, wanted=False, now=now, jitter=0.5)
        requests += step.form is not None
        known, now = step.subscription, now + DAY

    assert requests == 3


def test_a_parting_is_not_taken_back_by_a_hub() -> None:
    assert confirm(asked(Asking.UNSUBSCRIBE), question(), NOW, 0.5) is None
    assert confirm(asked(Asking.UNSUBSCRIBE), question("denied"), NOW, 0.5) is None


# ---- where it is reached -----------------------------------------------------


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        ("p" * 43, True),
        ("-_" + "0" * 41, True),
        ("p" * 42, False),
        ("p" * 44, False),
        ("p" * 42 + ".", False),
        ("p" * 42 + "ü", False),
        ("", False),
    ],
)
def test_a_path_is_43_letters(path: str, is_one: bool) -> None:
    assert is_path(path) is is_one


# ---- what people are told ------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (None, "none"),
        (subscription(), "none"),
        (asked(), "pending"),
        (verified(), "verified until 2026-12-06 12:00"),
        (
            verified(failures=2.0, reason="HTTP 500"),
            "verified until 2026-12-06 12:00; renewing fails: HTTP 500",
        ),
        (subscription(is_denied=True, reason="no room"), "denied: no room"),
        (asked(failures=1.0, reason="HTTP 500"), "failing: HTTP 500"),
        (asked(Asking.UNSUBSCRIBE), "leaving"),
    ],
)
def test_a_standing_is_told_in_few_words(known: Subscription | None, said: str) -> None:
    assert standing(known, NOW) == said


def test_neither_a_report_nor_a_log_holds_a_secret() -> None:
    report = f"{hub_report(SAID.topic, verified(), NOW)} {verified()!r}"

    assert report.count(SAID.hub) == 3
    assert "p" * 43 not in report
    assert "s" * 43 not in report
