"""Which archived articles are looked at again, and when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawler.config.plan import Plan, plan_for
from crawler.config.tree import Config, Source
from crawler.timing.looks import (
    LIVE_CHANGES,
    first_past,
    looked,
    next_look,
    past_document,
    past_of,
    spend,
)
from crawler.timing.worth import AT_LARGE, Past, price, rates, worth, worth_at
from storage.looks import NO_LOOKS, Look, Tally, spans
from storage.model.change import Change
from storage.model.link import Haste, Link
from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
#: Nothing spent: the price is 0. Half-way up, and all spent.
FREE = Tally(others=100, spent=10, at=NOW)
DEAR = Tally(others=100, spent=94, at=NOW)
SPENT = Tally(others=100, spent=100, at=NOW)


def plan(**manners: object) -> Plan:
    entry = {"name": "A", "home": "https://a.example", **manners}
    return plan_for(Source.model_validate(entry), Config())


def archived(
    age: timedelta = timedelta(0), *, tally: Tally = FREE, number: int = 1
) -> Link:
    return Link(
        id=number,
        source=1,
        host="a.example",
        url="https://a.example/",
        key="a",
        kind=LinkKind.ARTICLE,
        state=LinkState.ARCHIVED,
        found_at=NOW - age,
        first_seen=NOW - age,
        archived=True,
        fetched_at=NOW - age,
        tally=tally,
        due=NOW,
    )


def past(
    *, changes: float = 0, expected: float = 0, age: timedelta = timedelta(0)
) -> Past:
    return Past(changes=changes, expected=expected, since=NOW - age, seen_at=NOW - age)


def known(link: Link, what: Past, haste: Haste | None = None) -> Link:
    return replace(link, rhythm=past_document(what), haste=haste)


def a_day(tally: Tally) -> float:
    return sum(rates(tally)[n] * hours for n, hours in spans(0, 24))


def test_newsrooms_at_large_change_an_article_as_often_as_was_counted() -> None:
    """1.94 changes of 35 % of articles in their first day, see the module."""
    assert sum(AT_LARGE[n] * h for n, h in spans(0, 24)) == pytest.approx(0.68, abs=0.1)


def test_a_source_is_learned() -> None:
    """Of 200 articles watched for a day 20 change: far fewer than at large."""
    tally = NO_LOOKS
    for n in range(200):
        seen = Look(begin=0, end=24, changed=n < 20, stated=False, at=NOW)
        tally = tally.seen(seen)

    assert a_day(NO_LOOKS) == pytest.approx(0.68, abs=0.1)
    assert 0.08 < a_day(tally) < 0.2


# ---- the price -------------------------------------------------------------------


def test_looks_are_free_while_little_was_spent() -> None:
    assert price(FREE, 0.5) == 0


def test_the_price_rises_with_what_was_spent_until_nothing_is_worth_it() -> None:
    prices = [price(Tally(others=100, spent=n), 0.5) for n in (45, 75, 95, 99, 200)]

    assert prices == sorted(prices)
    assert (0 < prices[0] < 0.01, prices[-2:]) == (True, [1.0, 1.0])


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_the_share_is_a_part_of_all_requests(share: float) -> None:
    most = 1000 * share / (1 - share)

    assert price(Tally(others=1000, spent=most - 1), share) == 1
    assert price(Tally(others=1000, spent=0.9 * most), share) < 1


def test_a_source_without_a_share_is_never_looked_at() -> None:
    assert price(FREE, 0) == 1
    assert next_look(archived(), past(), plan(revisit_share=0), NOW).at is None


# ---- what a look is worth ----------------------------------------------------------


def test_an_article_that_changed_will_sooner_change_again() -> None:
    later = NOW + HOUR

    assert worth(past(changes=2, expected=0.5), FREE, later) > worth(
        past(), FREE, later
    )
    assert worth(past(expected=0.5), FREE, later) < worth(past(), FREE, later)


def test_young_articles_change_most() -> None:
    old = past(age=DAY)
    watched = replace(old, seen_at=NOW)

    assert worth(past(), FREE, NOW + HOUR) > 5 * worth(watched, FREE, NOW + HOUR)


def test_ages_are_counted_beyond_a_day() -> None:
    """diffengine asks `timedelta.seconds` for the age, which begins anew each day."""
    old = replace(past(age=49 * HOUR), seen_at=NOW)

    assert old.age(NOW) == 49
    assert worth(old, FREE, NOW + HOUR) < 0.02


def test_a_live_blog_begins_as_one_that_changes() -> None:
    live = first_past(archived(), NOW, ("live_blog",))
    ended = first_past(archived(), NOW, ("live_blog", "live_ended"))

    assert (live.changes, ended.changes) == (LIVE_CHANGES, 0)
    assert worth(live, FREE, NOW + HOUR) > 2 * worth(ended, FREE, NOW + HOUR)


def test_what_a_live_blog_showed_says_nothing_once_it_has_ended() -> None:
    link = known(archived(HOUR), past(changes=9, age=HOUR))

    after, _ = looked(link, NOW, Change.SAME, ("live_blog", "live_ended"))

    assert after.changes == 0


def test_a_change_found_late_is_worth_less() -> None:
    """All of a day old, or from the last hour: as many changes, unequal worth."""
    never_seen = past(age=30 * DAY)
    seen = replace(never_seen, seen_at=NOW - 10 * DAY)

    assert worth(never_seen, FREE, NOW) > worth(seen, FREE, NOW)
    assert worth(never_seen, FREE, NOW) < 0.5


def test_a_stated_change_is_worth_what_such_statements_turned_out_to_be() -> None:
    liar = replace(FREE, stated=100, confirmed=0)

    assert worth(past(), FREE, NOW, stated=True) == 0.8
    assert worth(past(), liar, NOW, stated=True) < 0.05


@pytest.mark.parametrize("least", [0.01, 0.05, 0.2])
@pytest.mark.parametrize("before", [past(), past(changes=3, expected=1)])
def test_the_moment_of_a_look_is_where_it_reaches_the_price(
    least: float, before: Past
) -> None:
    at = worth_at(before, FREE, least)

    assert at is not None
    assert worth(before, FREE, at) == pytest.approx(least, rel=0.05)


def test_no_article_reaches_a_price_of_one() -> None:
    assert worth_at(past(changes=100), FREE, 1.0) is None


def test_an_article_that_never_changes_is_not_worth_much() -> None:
    assert worth_at(past(expected=50), FREE, 0.5) is None


# ---- when ---------------------------------------------------------------------------


def test_while_looks_are_free_the_ladder_holds() -> None:
    link = archived(5 * HOUR)

    assert next_look(link, past(age=5 * HOUR), plan(), NOW).at == NOW + HOUR


def test_an_article_that_changed_climbs_down_the_ladder() -> None:
    link = known(archived(DAY), replace(past(age=DAY), seen_at=NOW - 30 * MINUTE))

    after, look = looked(link, NOW, Change.CORRECTION)
    unchanged, _ = looked(link, NOW, Change.SAME)

    assert look.changed
    assert next_look(link, after, plan(), NOW).at == NOW + 15 * MINUTE
    assert next_look(link, unchanged, plan(), NOW).at == NOW + 3 * HOUR


@pytest.mark.parametrize(
    ("change", "counts"),
    [
        (Change.SAME, False),
        (Change.COSMETIC, False),
        (Change.TRUNCATED, False),
        (Change.HEADLINE, True),
        (Change.REWRITE, True),
        (Change.RESTORED, True),
    ],
)
def test_a_change_is_what_a_reader_would_notice(change: Change, counts: bool) -> None:
    after, look = looked(archived(HOUR), NOW, change)

    assert (look.changed, after.changes) == (counts, counts)


def test_a_change_between_two_looks_is_taken_to_be_nearer_the_first() -> None:
    link = known(archived(20 * HOUR), past(age=20 * HOUR))

    after, _ = looked(link, NOW, Change.CORRECTION)

    assert 15 < after.age(NOW) < 19


def test_when_looks_are_dear_a_changer_is_looked_at_sooner() -> None:
    link = archived(tally=DEAR)
    changer = next_look(link, past(changes=5, expected=1), plan(), NOW).at
    still = next_look(link, past(expected=1), plan(), NOW).at

    assert changer is not None
    assert still is not None
    assert changer - NOW < (still - NOW) / 4


def test_what_is_not_worth_it_yet_is_thought_of_again_when_its_age_has_doubled() -> (
    None
):
    young = next_look(archived(HOUR, tally=SPENT), past(age=HOUR), plan(), NOW)
    old = next_look(archived(3 * DAY, tally=SPENT), past(age=3 * DAY), plan(), NOW)

    assert young.at == NOW + DAY
    assert old.at == NOW + 3 * DAY


def test_an_old_article_is_left_alone_and_says_why() -> None:
    old = next_look(archived(30 * DAY), past(age=30 * DAY), plan(), NOW)
    soon = archived(20 * DAY, tally=SPENT)

    assert (old.at, old.why) == (None, "not looked at again")
    assert next_look(soon, past(age=20 * DAY), plan(), NOW).why == (
        "no change is likely enough any more"
    )


def test_an_article_of_a_backlog_is_as_old_as_it_says() -> None:
    link = replace(archived(), published=NOW - 10 * DAY)
    fresh = replace(archived(), published=NOW - 5 * HOUR)

    assert first_past(link, NOW).since == NOW - 10 * DAY
    assert first_past(fresh, NOW).since == NOW


def test_an_article_archived_before_looks_were_kept_is_known_by_its_times() -> None:
    link = replace(archived(DAY), fetched_at=NOW - HOUR)

    assert past_of(link) == Past(
        changes=0, expected=0, since=NOW - DAY, seen_at=NOW - HOUR
    )


def test_what_is_known_survives_as_a_document() -> None:
    before = past(changes=2, expected=0.5)

    assert past_of(known(archived(), before)) == before


# ---- a visit's looks ------------------------------------------------------------------


def test_the_likeliest_changers_are_looked_at_first() -> None:
    still = known(archived(DAY, number=1), past(expected=3, age=DAY))
    changer = known(archived(DAY, number=2), past(changes=3, expected=1, age=DAY))

    made, put_off = spend([still, changer], plan(), NOW)

    assert [link.id for link in made] == [2, 1]
    assert put_off == ()


def test_each_look_makes_the_next_one_dearer() -> None:
    tally = Tally(others=100, spent=60, at=NOW)
    same = past(changes=1, age=HOUR)
    links = [known(archived(HOUR, tally=tally, number=n), same) for n in range(60)]

    made, put_off = spend(links, plan(), NOW)

    assert 20 < len(made) < 40
    assert len(made) + len(put_off) == 60


def test_a_look_that_waits_says_why_and_until_when() -> None:
    link = known(archived(DAY, tally=SPENT), past(age=DAY))

    made, (waits,) = spend([link], plan(), NOW)

    assert made == ()
    assert waits.next_look.at == NOW + DAY
    assert waits.next_look.why.startswith("a look waits: it is worth ")
    assert "revisit_share" in waits.next_look.why


def test_when_all_is_spent_not_even_a_stated_change_is_looked_at() -> None:
    stated = known(archived(DAY, tally=SPENT), past(age=DAY), Haste.STATED)
    dear = known(archived(DAY, tally=DEAR), past(age=DAY), Haste.STATED)

    assert spend([stated], plan(), NOW)[0] == ()
    assert spend([dear], plan(), NOW)[0] == (dear,)


def test_what_is_left_of_a_share_goes_to_looks_that_are_worth_it() -> None:
    still = known(archived(DAY, tally=DEAR), past(expected=50, age=DAY))

    assert spend([still], plan(), NOW)[0] == ()


def test_what_is_asked_for_by_hand_is_looked_at_whatever_it_costs() -> None:
    asked = known(archived(DAY, tally=SPENT), past(age=DAY), Haste.BY_HAND)

    assert spend([asked], plan(), NOW) == ((asked,), ())


def test_a_look_says_whether_a_list_had_stated_the_change() -> None:
    stated = known(archived(DAY), past(age=DAY), Haste.STATED)

    assert looked(stated, NOW, Change.SAME)[1].stated
    assert not looked(replace(stated, haste=None), NOW, Change.SAME)[1].stated
