"""The sums of a source's looks."""

from datetime import UTC, datetime, timedelta

import pytest

from storage.looks import (
    CLASSES,
    FIRST_REQUESTS,
    NO_LOOKS,
    Look,
    Tally,
    read_tally,
    spans,
    tally_document,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def look(begin: float, end: float, *, changed: bool, stated: bool = False) -> Look:
    return Look(begin=begin, end=end, changed=changed, stated=stated, at=NOW)


def test_a_time_is_parted_into_age_classes() -> None:
    assert list(spans(0.25, 3.0)) == [(0, 0.25), (1, 0.5), (2, 1.0), (3, 1.0)]


def test_the_last_class_has_no_end() -> None:
    assert list(spans(100.0, 1000.0)) == [(7, 68.0), (8, 832.0)]


def test_an_empty_time_has_no_parts() -> None:
    assert list(spans(2.0, 2.0)) == []


def test_a_look_adds_its_hours_and_one_change() -> None:
    tally = NO_LOOKS.seen(look(0, 1, changed=True)).seen(look(0, 1, changed=False))

    assert tally.hours[:3] == (1.0, 1.0, 0.0)
    assert sum(tally.changes) == pytest.approx(1)
    assert tally.changes[0] > tally.changes[1] > 0


def test_stated_changes_are_counted_by_whether_they_were_any() -> None:
    tally = NO_LOOKS.seen(look(0, 1, changed=True, stated=True))
    tally = tally.seen(look(1, 2, changed=False, stated=True))

    assert (tally.stated, tally.confirmed) == (2, 1)


def test_what_was_spent_fades_in_days_what_was_learned_in_weeks() -> None:
    tally = NO_LOOKS.seen(look(0, 1, changed=False)).asked(NOW, looks=10, others=70)

    later = tally.faded(NOW + 2 * DAY)

    assert later.spent == pytest.approx(10 / 2.718, rel=0.01)
    assert later.others == pytest.approx((70 + FIRST_REQUESTS) / 2.718, rel=0.01)
    assert later.hours[0] > 0.95 * tally.hours[0]


def test_a_clock_that_steps_back_changes_no_sum() -> None:
    tally = NO_LOOKS.asked(NOW, looks=10)

    assert tally.faded(NOW - DAY) == tally


def test_sums_survive_as_a_document() -> None:
    tally = NO_LOOKS.seen(look(0, 1, changed=True)).asked(NOW, looks=3, others=4)

    again = read_tally(tally_document(tally))

    assert again.spent == tally.spent
    assert again.changes == pytest.approx(tally.changes, abs=1e-4)
    assert again.at == NOW


@pytest.mark.parametrize(
    "document", [None, {}, {"hours": [1.0]}], ids=["none", "empty", "other classes"]
)
def test_what_cannot_be_read_is_no_knowledge(document: dict[str, object]) -> None:
    assert read_tally(document) == NO_LOOKS


def test_a_new_source_has_some_requests_to_its_credit() -> None:
    assert read_tally(tally_document(NO_LOOKS)) == Tally()
    assert len(NO_LOOKS.hours) == CLASSES
