"""Alerts: when they open, wait, close and are told."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from crawler.health.alerts import CLEAR, CONFIRM, GRACE, Judged, step
from crawler.health.signs import Level, Sign
from storage.alerts import Alert, AlertKind, Loss
from tests.crawler.health.material import NOON

HOUR = timedelta(hours=1)


def sign(kind: AlertKind, level: Level = Level.BAD, lost: float = 0.0) -> Sign:
    return Sign(kind=kind, level=level, why=f"{kind} it is", lost=lost)


def judged(
    *signs: list[Sign], missed: float = 0.0, recent: tuple[datetime, ...] = ()
) -> Judged:
    """Return what was judged of sources 1, 2 and so on."""
    return Judged(
        signs=dict(enumerate(signs, 1)),
        last_new=NOON - 2 * HOUR,
        missed=missed,
        recent=recent,
    )


def later(
    stand: list[Alert], seen: Judged, after: timedelta, budget: int = 20
) -> list[Alert]:
    return step(stand, seen, NOON + after, budget=budget)


def opened(*signs: Sign) -> list[Alert]:
    stand = later([], judged(list(signs)), timedelta())
    return later(stand, judged(list(signs)), CONFIRM)


def test_a_sign_is_a_suspicion_first() -> None:
    (alert,) = later([], judged([sign(AlertKind.BLOCKED)]), timedelta())

    assert (alert.bad_since, alert.opened_at) == (NOON, None)


def test_a_suspicion_that_lasts_is_an_alert() -> None:
    (alert,) = opened(sign(AlertKind.BLOCKED, lost=4))

    assert (alert.source, alert.loss, alert.kind) == (
        1,
        Loss.ARTICLES,
        AlertKind.BLOCKED,
    )
    assert (alert.opened_at, alert.is_told, alert.lost) == (NOON + CONFIRM, True, 4)


def test_a_suspicion_that_passes_is_nothing() -> None:
    stand = later([], judged([sign(AlertKind.BLOCKED)]), timedelta())

    assert later(stand, judged([sign(AlertKind.BLOCKED, Level.FINE)]), CONFIRM) == []


def test_one_alert_says_all_that_loses_articles() -> None:
    (alert,) = opened(sign(AlertKind.SILENT, lost=9), sign(AlertKind.BLOCKED, lost=4))

    assert alert.kind is AlertKind.BLOCKED
    assert alert.why == "blocked it is; silent it is"
    assert alert.lost == 9


def test_what_articles_lose_is_an_alert_of_its_own() -> None:
    stand = opened(sign(AlertKind.BLOCKED), sign(AlertKind.FIELD))

    assert [one.loss for one in stand] == [Loss.ARTICLES, Loss.QUALITY]


def test_an_alert_closes_after_it_was_fine_for_a_while() -> None:
    fine = judged([sign(AlertKind.BLOCKED, Level.FINE)])
    stand = later(opened(sign(AlertKind.BLOCKED)), fine, 2 * HOUR)
    (waiting,) = stand
    (closed,) = later(stand, fine, 2 * HOUR + CLEAR)

    assert waiting.closed_at is None
    assert closed.closed_at == NOON + 2 * HOUR + CLEAR
    assert not closed.is_left


def test_silence_is_over_with_the_first_article() -> None:
    stand = opened(sign(AlertKind.SILENT))

    (closed,) = later(stand, judged([sign(AlertKind.SILENT, Level.FINE)]), 2 * HOUR)

    assert closed.closed_at == NOON + 2 * HOUR


@pytest.mark.parametrize("seen", [[], [sign(AlertKind.BLOCKED, Level.UNSURE)]])
def test_what_cannot_be_judged_stays_open(seen: list[Sign]) -> None:
    (alert,) = later(opened(sign(AlertKind.BLOCKED)), judged(seen), timedelta(days=9))

    assert (alert.closed_at, alert.fine_since) == (None, None)


def test_an_alert_of_which_a_part_cannot_be_judged_stays_open() -> None:
    """As when authors come again, and of sections nothing is known."""
    parts = [sign(AlertKind.FIELD, Level.FINE), sign(AlertKind.FIELD, Level.UNSURE)]
    stand = later(opened(sign(AlertKind.FIELD)), judged(parts), 2 * HOUR)

    (alert,) = later(stand, judged(parts), 2 * HOUR + CLEAR)

    assert alert.closed_at is None


def test_what_could_not_be_judged_meanwhile_was_not_fine() -> None:
    fine = judged([sign(AlertKind.BLOCKED, Level.FINE)])
    unsure = judged([sign(AlertKind.BLOCKED, Level.UNSURE)])
    stand = later(opened(sign(AlertKind.BLOCKED)), fine, 2 * HOUR)
    stand = later(stand, unsure, 3 * HOUR)

    (alert,) = later(stand, fine, 2 * HOUR + CLEAR)

    assert alert.closed_at is None


def test_a_suspicion_of_a_source_that_is_not_watched_any_more_is_nothing() -> None:
    stand = later([], judged([sign(AlertKind.BLOCKED)]), timedelta())

    assert later(stand, judged(), HOUR) == []


def test_alerts_of_sources_that_are_not_watched_any_more_close() -> None:
    (closed,) = later(opened(sign(AlertKind.BLOCKED)), judged(), 2 * HOUR)

    assert closed.closed_at == NOON + 2 * HOUR
    assert closed.is_left
    assert closed.why.startswith("not judged any more")
    assert closed.why.endswith("blocked it is")


def test_sources_that_died_long_ago_are_none_of_ours() -> None:
    """As when they are first judged: it is not we who fail, nor are they held back."""
    seen = judged(*[[sign(AlertKind.SILENT)]] * 6, *[[]] * 10)
    seen = replace(seen, left=frozenset(seen.signs))
    stand = later(later([], seen, timedelta()), seen, HOUR)

    assert {one.loss for one in stand if one.opened_at} == {Loss.ARTICLES}


def test_many_sources_at_once_are_one_alert_of_ours() -> None:
    seen = judged(*[[sign(AlertKind.BLOCKED)]] * 6, *[[]] * 10)
    stand = later([], seen, timedelta())
    for hour in range(1, 5):
        stand = later(stand, seen, hour * HOUR)

    (ours,) = [one for one in stand if one.opened_at is not None]
    assert (ours.source, ours.loss) == (None, Loss.OURS)
    assert (ours.bad_since, ours.opened_at) == (NOON, NOON)  # told once
    assert ours.why == "6 of 16 sources are blocked at once"


def test_few_sources_are_never_ours() -> None:
    seen = judged(*[[sign(AlertKind.BLOCKED)]] * 4)

    assert {one.loss for one in later([], seen, timedelta())} == {Loss.ARTICLES}


def test_that_nobody_brings_anything_is_ours_at_once() -> None:
    (ours,) = later([], judged(*[[]] * 5, missed=13), timedelta())

    assert (ours.loss, ours.opened_at) == (Loss.OURS, NOON)


def test_after_an_outage_of_ours_alerts_wait_a_while() -> None:
    bad = [sign(AlertKind.SILENT)]
    during = judged(bad, *[[]] * 5, missed=13)
    stand = later([], during, timedelta())
    stand = later(stand, during, HOUR)
    after = judged(bad, *[[]] * 5)
    for hour in (2, 3, 4):
        stand = later(
            [one for one in stand if one.closed_at is None], after, hour * HOUR
        )

    (own,) = [one for one in stand if one.source == 1]
    assert own.opened_at is None
    (own,) = later([own], after, 3 * HOUR + GRACE)
    assert own.opened_at is not None


def test_an_outage_of_ours_ends() -> None:
    stand = later([], judged(*[[]] * 5, missed=13), timedelta())
    stand = later(stand, judged(*[[]] * 5), HOUR)

    (ended,) = later(stand, judged(*[[]] * 5), HOUR + CONFIRM)

    assert ended.closed_at == NOON + HOUR + CONFIRM


def test_an_outage_of_ours_that_comes_again_was_not_over() -> None:
    out, fine = judged(*[[]] * 5, missed=13), judged(*[[]] * 5)
    stand = later([], out, timedelta())
    for minutes, seen in ((30, fine), (60, out)):
        stand = later(stand, seen, timedelta(minutes=minutes))

    (ours,) = later(stand, fine, timedelta(minutes=100))

    assert ours.closed_at is None


def test_a_week_s_budget_tells_of_the_greatest_losses() -> None:
    few = [sign(AlertKind.SILENT, lost=2)]
    many = [sign(AlertKind.SILENT, lost=50)]
    recent = (NOON - timedelta(days=8), NOON - timedelta(days=1))
    seen = judged(few, many, recent=recent)
    stand = later([], seen, timedelta(), budget=2)

    stand = later(stand, seen, CONFIRM, budget=2)

    assert {one.source: one.is_told for one in stand} == {1: False, 2: True}
