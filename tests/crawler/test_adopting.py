"""When another node may take on what one left."""

from datetime import UTC, datetime, timedelta

import pytest

from crawler.adopting import why_not
from storage.sql.fleet import Standing

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def standing(*, visiting: int = 0, silent: timedelta = timedelta(hours=1)) -> Standing:
    return Standing(
        node="a",
        segments=2,
        uploaded=1,
        unread=3,
        unread_uploaded=1,
        visiting=visiting,
        kept_at=NOW - silent,
    )


def test_what_is_silent_may_be_adopted() -> None:
    assert why_not(standing(), "b", NOW) is None


@pytest.mark.parametrize(
    ("found", "own", "why"),
    [
        (standing(), "", "a file's"),
        (None, "b", "no such node"),
        (standing(), "a", "this node"),
        (standing(visiting=2), "b", "visits 2 hosts"),
        (standing(silent=timedelta(minutes=9)), "b", "kept something at 11:51:00"),
    ],
    ids=["on a file", "unknown", "itself", "visiting", "keeping"],
)
def test_who_is_there_or_seems_to_be_is_not(
    found: Standing | None, own: str, why: str
) -> None:
    assert why in (why_not(found, own, NOW) or "")
