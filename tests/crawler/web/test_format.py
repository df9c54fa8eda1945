"""How values are written on pages."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from crawler.web.format import (
    cells,
    direction,
    lang,
    lasting,
    number,
    published,
    stated,
    utc,
    web_link,
)
from storage.model.moment import Moment, Precision

AT = datetime(2026, 3, 14, 9, 5, 7, tzinfo=timezone(timedelta(hours=5, minutes=30)))


@pytest.mark.parametrize(
    ("precision", "zone_stated", "written"),
    [
        (Precision.DAY, False, "2026-03-14"),
        (Precision.MINUTE, True, "2026-03-14 09:05+05:30"),
        (Precision.SECOND, True, "2026-03-14 09:05:07+05:30"),
        (Precision.SECOND, False, "2026-03-14 09:05:07, no zone stated"),
    ],
)
def test_a_time_is_written_as_exactly_as_it_was_stated(
    precision: Precision, zone_stated: bool, written: str
) -> None:
    moment = Moment(at=AT, precision=precision, zone_stated=zone_stated)

    assert stated(moment) == written


def test_a_time_stated_in_utc_says_so() -> None:
    moment = Moment(at=AT.astimezone(UTC), precision=Precision.MINUTE, zone_stated=True)

    assert stated(moment) == "2026-03-14 03:35 UTC"


def test_midnight_in_a_list_is_a_day() -> None:
    assert published(AT) == "2026-03-14 03:35\N{NO-BREAK SPACE}UTC"
    assert published(AT.replace(hour=5, minute=30, second=0)) == "2026-03-14"


def test_a_time_of_ours_is_written_in_utc() -> None:
    assert utc(AT) == "2026-03-14 03:35\N{NO-BREAK SPACE}UTC"


def test_no_time_is_a_dash() -> None:
    assert utc(None) == "—"


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0, "0 s"), (59.6, "1 min"), (3725, "1 h 2 min"), (86400 * 3 + 5, "3 d 5 s")],
)
def test_a_span_is_written_in_its_two_largest_units(
    seconds: float, written: str
) -> None:
    assert lasting(seconds) == written


def test_thousands_are_set_apart() -> None:
    assert number(1234567) == "1\u202f234\u202f567"


@pytest.mark.parametrize(
    ("language", "tag", "way"),
    [
        ("en", "en", "ltr"),
        ("ar", "ar", "rtl"),
        ("fa_IR", "fa-IR", "rtl"),
        ("zh-Hant", "zh-Hant", "ltr"),
        (None, "", "auto"),
        ('en" onload="', "", "auto"),
    ],
)
def test_only_a_language_tag_sets_lang_and_dir(
    language: str | None, tag: str, way: str
) -> None:
    assert (lang(language), direction(language)) == (tag, way)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//a.example",
        "https://",
        "",
        None,
        "http://[",
    ],
)
def test_only_web_addresses_are_linked_to(url: str | None) -> None:
    assert web_link(url) is None


def test_a_web_address_is_linked_to_as_it_is() -> None:
    assert web_link("https://a.example/ä?b=1") == "https://a.example/ä?b=1"


def test_a_table_is_cut_into_cells() -> None:
    assert cells("a | b\nc") == [["a", "b"], ["c"]]
