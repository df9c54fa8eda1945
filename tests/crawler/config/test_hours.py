"""The hours in which a source may be asked."""

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.config.hours import is_open, opens_at, read_hours
from crawler.config.plan import plan_for
from crawler.config.tree import Config

JAKARTA, BERLIN = ZoneInfo("Asia/Jakarta"), ZoneInfo("Europe/Berlin")
OFFICE = "Mon-Fri 06:00-23:00"


def at(text: str, zone: ZoneInfo = JAKARTA) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("hours", "local", "open_"),
    [
        (OFFICE, "2026-03-02 06:00", True),
        (OFFICE, "2026-03-02 05:59", False),
        (OFFICE, "2026-03-06 22:59", True),
        (OFFICE, "2026-03-06 23:00", False),
        (OFFICE, "2026-03-07 12:00", False),
        ("08:00-09:00", "2026-03-07 08:30", True),
        ("Sat 22:00-02:00", "2026-03-08 01:59", True),
        ("Sat 22:00-02:00", "2026-03-07 01:59", False),
        ("Fri-Mon 10:00-24:00", "2026-03-09 23:59", True),
        ("mon,wed 10:00-11:00; Thu 9:00-9:30", "2026-03-05 09:15", True),
        ("mon,wed 10:00-11:00; Thu 9:00-9:30", "2026-03-03 10:15", False),
    ],
)
def test_hours_are_the_walls(hours: str, local: str, open_: bool) -> None:
    assert is_open(read_hours(hours), at(local), JAKARTA) is open_


@pytest.mark.parametrize(
    "wrong",
    ["", "always", "Mon-Fri", "25:00-26:00", "08:00-08:00", "8-9", "Mo 08:00-09:00"],
)
def test_what_is_no_hours_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"hours|times"):
        read_hours(wrong)


def test_the_same_wall_time_opens_in_summer_and_in_winter() -> None:
    spans = read_hours("06:00-23:00")

    assert opens_at(spans, at("2026-03-28 23:30", BERLIN), BERLIN) == datetime(
        2026, 3, 29, 4, tzinfo=UTC
    )
    assert opens_at(spans, at("2026-03-27 23:30", BERLIN), BERLIN) == datetime(
        2026, 3, 28, 5, tzinfo=UTC
    )


def test_an_hour_that_is_repeated_is_twice_in_the_hours() -> None:
    spans = read_hours("Sun 02:00-03:00")
    night = datetime(2026, 10, 24, 22, tzinfo=UTC)
    held = [
        night + timedelta(minutes=m)
        for m in range(0, 360, 10)
        if is_open(spans, night + timedelta(minutes=m), BERLIN)
    ]

    assert len(held) == 12


@given(st.integers(0, 366 * 24 * 60))
def test_they_are_open_when_they_are_said_to_open(minutes: int) -> None:
    spans = read_hours("Mon-Fri 06:30-23:00; Sun 22:00-01:30")
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)

    opens = opens_at(spans, now, BERLIN)

    assert now <= opens <= now + timedelta(days=3)
    assert is_open(spans, opens, BERLIN)
    assert opens == now or not is_open(spans, opens - timedelta(minutes=1), BERLIN)


def test_a_source_has_its_groups_hours_in_its_own_zone() -> None:
    config = Config.model_validate(
        {
            "groups": {"office": {"active": OFFICE}},
            "sources": [
                {
                    "name": "A",
                    "home": "https://a.example",
                    "group": "office",
                    "timezone": "Asia/Jakarta",
                }
            ],
        }
    )
    plan = plan_for(config.sources[0], config)

    assert plan.is_open(at("2026-03-02 06:30"))
    assert not plan.is_open(at("2026-03-02 05:30"))


@pytest.mark.parametrize("wrong", [{"timezone": "Mars/Olympus"}, {"active": "often"}])
def test_settings_that_are_none_are_named(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong.values()))):
        Config.model_validate({"defaults": wrong})


def test_time_zones_come_with_kliping() -> None:
    """Small containers have none of their own, not even UTC."""
    text = (Path(__file__).parents[3] / "pyproject.toml").read_text(encoding="utf-8")
    needed = tomllib.loads(text)["project"]["dependencies"]

    assert any(one.startswith("tzdata") for one in needed)
