"""Signs, each by days that show it and days that do not."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crawler.health.signs import Level, Sign, signs
from storage.alerts import AlertKind
from storage.source_day import SourceDay, length_step
from tests.crawler.health.material import NOON, day, past, usual


def told(
    days: list[SourceDay],
    *,
    ago: float = 1.0,
    **known: Any,  # noqa: ANN401 - of any field
) -> dict[str, Sign]:
    """Return signs by their names, of what is usual but for what else is known."""
    last_new, as_usual = NOON - timedelta(hours=ago), replace(usual(), **known)
    found = signs(as_usual, days, last_new=last_new, now=NOON)
    return {str(one.about or one.kind): one for one in found}


def levels(days: list[SourceDay], *, ago: float = 1.0) -> dict[str, Level]:
    return {name: one.level for name, one in told(days, ago=ago).items()}


def bad(days: list[SourceDay], *, ago: float = 1.0, **known: Any) -> set[str]:  # noqa: ANN401 - as told
    found = told(days, ago=ago, **known)
    return {name for name, one in found.items() if one.level is Level.BAD}


def lately(**changed: Any) -> list[SourceDay]:  # noqa: ANN401 - of any field
    """Return days of which the last five, today with them, are changed."""
    return past()[-21:-4] + [day(ago, **changed) for ago in range(4, -1, -1)]


def test_usual_days_have_no_sign() -> None:
    assert bad(lately()) == set()


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"walls": 6, "read": 4, "new": 4}, "blocked"),
        ({"missing": 9, "read": 1}, "missing"),
        ({"read": 1}, "unread"),
        ({"same": 8}, "same"),
        ({"lengths": {length_step(300): 10}}, "length"),
        ({"lengths": {length_step(20_000): 10}}, "length"),
        ({"removed": 90_000}, "boilerplate"),
        ({"fields": {"authors": 0, "published": 10}}, "authors"),
        ({"fields": {"authors": 3, "published": 10}}, "authors"),
        ({"new": 2, "hours": (0,) * 24}, "fewer"),
    ],
)
def test_a_fault_has_its_sign(changed: dict[str, Any], kind: str) -> None:
    assert kind in bad(lately(**changed))


@pytest.mark.parametrize(
    "changed",
    [
        {"walls": 1, "read": 9},
        {"missing": 2, "read": 8},
        {"read": 8},
        {"same": 1},
        {"lengths": {length_step(2_000): 10}},
        {"fields": {"authors": 7, "published": 10}},
        {"fields": {"authors": 9, "published": 10, "section": 0}},
        {"new": 7},
    ],
)
def test_small_changes_are_none(changed: dict[str, Any]) -> None:
    assert bad(lately(**changed)) == set()


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"asked": 13, "walls": 2, "read": 11}, "blocked"),
        ({"missing": 2, "read": 8}, "missing"),
        ({"read": 8}, "unread"),
        ({"same": 4}, "same"),
        ({"lengths": {length_step(1_800): 10}}, "length"),
        ({"removed": 25_000}, "boilerplate"),
        ({"fields": {"authors": 6, "published": 10}}, "authors"),
        ({"new": 7}, "fewer"),
    ],
)
def test_what_may_be_a_fault_leaves_standing_what_stood(
    changed: dict[str, Any], kind: str
) -> None:
    """Neither is an alert made of it, nor is one ended by it."""
    assert levels(lately())[kind] is Level.FINE
    assert levels(lately(**changed))[kind] is Level.UNSURE


@pytest.mark.parametrize(
    ("changed", "kind", "lost"),
    [
        ({"read": 1}, "unread", 18),
        ({"new": 2, "hours": (0,) * 24}, "fewer", 24),
        ({"new": 12}, "fewer", 0),
        ({"missing": 9, "read": 1}, "missing", 18),
    ],
)
def test_a_sign_says_what_is_lost_by_it(
    changed: dict[str, Any], kind: str, lost: float
) -> None:
    assert told(lately(**changed))[kind].lost == pytest.approx(lost)


@pytest.mark.parametrize(
    ("changed", "known", "kind"),
    [
        ({"asked": 5, "read": 2, "new": 2}, {"read": 0.9, "weight": 20}, "unread"),
        (
            {"new": 5, "fields": {"authors": 1, "published": 5}},
            {"fields": {"authors": 0.5}, "weight": 20},
            "authors",
        ),
        ({"asked": 2, "walls": 1, "read": 1}, {}, "blocked"),
        ({"asked": 3, "walls": 2, "read": 1}, {}, "blocked"),
    ],
)
def test_a_few_pages_may_be_so_by_chance(
    changed: dict[str, Any], known: dict[str, Any], kind: str
) -> None:
    days = [day(1, **changed), day(0, asked=0, read=0, new=0, fields={}, lengths={})]

    assert kind not in bad(days, **known)


def test_what_is_not_known_is_not_missed() -> None:
    days = lately(fields={})

    assert bad(days, fields={}, length=None) == set()


def test_no_pause_is_told_of_that_was_usual_before() -> None:
    """Else each holiday of a site that has them were an alert."""
    assert "silent" in bad(lately(), ago=90)
    assert "silent" not in bad(lately(), ago=90, longest=50.0)


@pytest.mark.parametrize(("new", "is_flood"), [(60, False), (61, True)])
def test_a_flood_is_fifty_more_than_usual_at_least(new: int, *, is_flood: bool) -> None:
    today = day(0, new=new)

    assert ("flood" in bad([*past()[-20:], today])) is is_flood


def test_a_slow_week_is_told_that_is_no_slow_day() -> None:
    days = [day(ago, new=5, hours=(0,) * 24) for ago in range(7, -1, -1)]
    three = [*past()[-21:-3], *days[-4:]]

    assert "fewer" in bad([*past()[-21:-7], *days])
    assert "fewer" not in bad(three)


def test_today_is_no_slow_day_before_it_is_over() -> None:
    news = [6, 6, 6, 6, 6, 6, 7, 0]
    days = [day(7 - n, new=new, hours=(0,) * 24) for n, new in enumerate(news)]

    assert "fewer" not in bad(days, evenness=1000.0)


def test_a_little_less_is_not_too_little_however_unlikely() -> None:
    days = [day(ago, new=70) for ago in range(7, -1, -1)]

    assert "fewer" not in bad(days, weekdays=(100.0,) * 7, evenness=1000.0)


def test_a_flood_is_one_of_today() -> None:
    today = day(0, new=400, fields={"authors": 360, "published": 400})

    assert bad([*past()[-20:], today]) == {"flood"}


@pytest.mark.parametrize(("back", "is_flood"), [(0, False), (1, False), (2, True)])
def test_what_waited_until_we_were_back_is_no_flood(
    back: int, *, is_flood: bool
) -> None:
    """Days before that we were out as well; news of them may come until the next day."""
    days = [*past()[-20:], day(0, new=400)]
    out = {day(ago).day for ago in range(back, back + 9)}

    found = signs(usual(), days, last_new=NOON, now=NOON, out=out)

    assert ("flood" in [one.kind for one in found]) is is_flood


@pytest.mark.parametrize(("hours", "is_silent"), [(20, False), (90, True)])
def test_silence_is_judged_by_the_source_s_own_rhythm(
    hours: float, is_silent: bool
) -> None:
    assert ("silent" in bad(lately(), ago=hours)) is is_silent


def test_days_of_our_own_outage_are_not_fewer() -> None:
    days = lately(new=0, hours=(0,) * 24)
    out = {one.day for one in days[-5:]}
    known = {"last_new": NOON, "now": NOON}

    with_them = {s.kind for s in signs(usual(), days, **known) if s.level is Level.BAD}
    found = signs(usual(), days, **known, out=out)

    assert AlertKind.FEWER in with_them
    assert AlertKind.FEWER not in {one.kind for one in found if one.level is Level.BAD}


def test_of_a_rare_source_more_days_are_judged_together() -> None:
    days = [day(ago, new=1, asked=1, read=0, walls=1) for ago in range(20, -1, -1)]

    assert "blocked" in bad(days)


def test_what_is_too_little_is_not_judged() -> None:
    days = [day(0, new=0, asked=0, read=0, hours=(0,) * 24)]

    assert set(levels(days)) == {"silent", "flood"}


def test_a_sign_says_the_figures() -> None:
    found = signs(usual(), lately(walls=6, read=4), last_new=NOON, now=NOON)

    (blocked,) = [one for one in found if one.kind is AlertKind.BLOCKED]
    assert blocked.why == "12 of 20 pages were refused, 0% is usual"
    assert blocked.lost == 12
