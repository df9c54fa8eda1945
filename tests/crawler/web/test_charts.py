"""Lines, maps and figures of sources."""

import re
from datetime import date, timedelta

import pytest

from crawler.health.runbook import RUNBOOK
from crawler.web.charts import HEIGHT, WIDTH, heat, line
from crawler.web.daily import field_map, rates
from storage.alerts import AlertKind
from storage.source_day import SourceDay, length_step
from tests.test_docs import ROOT

DAY = date(2026, 3, 1)
DAYS = [DAY + timedelta(n) for n in range(3)]


def test_a_line_stays_in_its_box_and_leaves_gaps() -> None:
    drawn = line([0.0, None, 5.0, 10.0, 7.5])

    assert drawn.path.count("M") == 2
    assert drawn.dot == (WIDTH - 2, 8.0)
    assert (drawn.top, drawn.last) == (10.0, 7.5)
    heights = re.findall(r"[ML][\d.]+ (-?[\d.]+)", drawn.path)
    assert len(heights) == 4
    assert all(0 <= float(y) <= HEIGHT for y in heights)


@pytest.mark.parametrize("values", [[], [None, None]])
def test_a_line_of_nothing_is_empty(values: list[float | None]) -> None:
    drawn = line(values)

    assert (drawn.path, drawn.dot, drawn.last) == ("", None, None)


def test_a_line_of_noughts_lies_at_the_bottom() -> None:
    assert line([0.0, 0.0]).path == f"M2 {HEIGHT - 2}L{WIDTH - 2} {HEIGHT - 2}"


@pytest.mark.parametrize(
    ("share", "step"), [(None, None), (0.0, 0), (0.09, 0), (0.5, 3), (1.0, 5), (2.0, 5)]
)
def test_a_share_has_a_step(share: float | None, step: int | None) -> None:
    assert heat(share) == step


def test_rates_are_shares_of_what_was_asked() -> None:
    day = SourceDay(
        day=DAYS[-1],
        found=12,
        asked=10,
        walls=4,
        read=5,
        new=1200,
        changed=1,
        lengths={length_step(4096): 3},
        kept=300,
        removed=100,
    )

    said = {one.name: one.last for one in rates([day], DAYS)}

    assert said["Blocked"] == "40 %"
    assert said["Read as articles"] == "50 %"
    assert said["New articles"] == "1\u202f200"
    assert said["Left out of pages"] == "25 %"
    assert said["Median length"] == "4\u202f096"
    assert len(said) == 11


def test_a_day_without_news_has_no_share_of_fields() -> None:
    day = SourceDay(day=DAYS[1], new=4, fields={"authors": 3})

    cells = field_map([day], DAYS)["authors"]

    assert [cell.share for cell in cells] == [None, 0.75, None]
    assert [cell.step for cell in cells] == [None, 4, None]


def test_every_kind_of_alert_has_a_runbook_line_and_the_docs_have_it() -> None:
    text = (ROOT / "docs/alerts.md").read_text(encoding="utf-8")

    assert set(RUNBOOK) == {*AlertKind, "outage"}
    for entry in RUNBOOK.values():
        assert f"| {entry.means} | {entry.act} |" in text
