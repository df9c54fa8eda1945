from datetime import UTC, datetime, timedelta

import pytest

from crawler.sources.wellness import why_unwell
from storage.sql.health import SourceHealth

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def source(**facts: object) -> SourceHealth:
    return SourceHealth(
        **{
            "name": "A",
            "state": "active",
            "last_success": NOW - HOUR,
            "last_new_article": None,
            "articles": 0,
            "articles_24h": 0,
            "waiting": 0,
            "errors": 0,
            "oldest_due": None,
            **facts,
        }
    )


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({}, ()),
        ({"last_success": None}, ("never answered",)),
        ({"last_success": NOW - 25 * HOUR}, ("silent for over a day",)),
        ({"last_success": NOW - 70 * HOUR, "interval_s": 36 * 3600.0}, ()),
        (
            {"last_success": NOW - 73 * HOUR, "interval_s": 36 * 3600.0},
            ("silent for over a day",),
        ),
        ({"oldest_due": NOW - 2 * HOUR}, ("over an hour late",)),
        (
            {"last_success": NOW + HOUR},
            ("answered in the future: restart, for the clock was ahead",),
        ),
        ({"lists": 2, "lists_failing": 1}, ()),
        ({"lists": 2, "lists_failing": 2}, ("none of its lists can be read",)),
        ({"last_success": None, "state": "paused"}, ()),
        ({"errors": 2}, ()),
        (
            {"errors": 3},
            ("none of its pages became an article: `kliping source test` says why",),
        ),
        ({"errors": 3, "articles": 1}, ()),
    ],
    ids=[
        "well",
        "never",
        "silent",
        "seldom",
        "too seldom",
        "late",
        "clock set back",
        "one list of two",
        "no list",
        "paused",
        "hardly begun",
        "no article",
        "an article",
    ],
)
def test_a_source_is_unwell_for_a_reason(
    facts: dict[str, object], why: tuple[str, ...]
) -> None:
    assert why_unwell(source(**facts), NOW) == why
