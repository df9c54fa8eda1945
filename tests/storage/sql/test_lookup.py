"""Captures by URL and time."""

from datetime import timedelta

import pytest
from sqlmodel import Session, update

from storage.model.takedown import Depth
from storage.sql.lookup import (
    Match,
    beside,
    captures_around,
    captures_back,
    captures_of,
    first_and_last,
    key_captures,
    nearest,
    withheld_at,
)
from storage.sql.tables import CaptureRow, LinkRow, SegmentRow
from tests.storage.material import NOON

HOUR = timedelta(hours=1)
URLS = (
    "http://news.example/",
    "https://www.news.example/a",
    "https://news.example/a/b?x=1",
    "https://news.example:8080/a",
    "https://blog.news.example/a",
    "https://newsy.example/a",
    "https://news.example.org/a",
)


@pytest.fixture
def kept(session: Session) -> Session:
    session.add(SegmentRow(name="s", opened_at=NOON))
    session.flush()
    for number, url in enumerate(URLS):
        add(session, url, number)
    return session


def add(session: Session, url: str, hours: float = 0, **fields: object) -> int:
    row = CaptureRow(
        **{
            "url": url,
            "fetched_at": NOON + hours * HOUR,
            "elapsed_ms": 1,
            "segment": "s",
            "offset": 0,
            "length": 1,
            "request_offset": 0,
            "request_length": 0,
            "record_sha256": "",
            "payload_sha256": "",
            "status": 200,
        }
        | fields
    )
    session.add(row)
    session.flush()
    return int(row.id or 0)


@pytest.mark.parametrize(
    ("asked", "match", "found"),
    [
        ("https://news.example/A/", Match.EXACT, [1]),
        ("news.example", Match.EXACT, [0]),
        ("http://news.example/b", Match.EXACT, []),
        ("http://news.example/a", Match.PREFIX, [1, 2]),
        ("http://news.example/a/", Match.PREFIX, [2]),
        ("http://news.example/x/y", Match.HOST, [0, 1, 2]),
        ("http://news.example:8080", Match.HOST, [3]),
        ("http://news.example/", Match.DOMAIN, [0, 1, 2, 4, 3]),
        ("http://example/", Match.DOMAIN, [0, 1, 2, 4, 3, 5]),
    ],
)
def test_captures_are_found_by_what_is_meant(
    kept: Session, asked: str, match: Match, found: list[int]
) -> None:
    forward = [URLS.index(c.url) for c in captures_of(kept, asked, match)]
    back = [URLS.index(c.url) for c in captures_back(kept, asked, match)]

    assert forward == found
    assert back == found[::-1]


def test_the_nearest_captures_come_first(kept: Session) -> None:
    numbers = [add(kept, "http://x.example/", hours) for hours in (0, 10, 11, 20)]

    around = captures_around(kept, "http://x.example/", NOON + 10.6 * HOUR)

    assert [c.id for c in around] == [numbers[n] for n in (2, 1, 3, 0)]


def test_of_one_second_the_very_url_is_nearest(kept: Session) -> None:
    for url in ("http://x.example/", "https://x.example/", "https://x.example"):
        add(kept, url, 1 + len(url) / 10**6)

    found = nearest(kept, "https://x.example/", NOON + HOUR)

    assert found is not None
    assert found.url == "https://x.example/"


def test_what_lies_beside_a_second_is_of_other_seconds(kept: Session) -> None:
    for hours in (1, 2, 2 + 1 / 7200, 3):
        add(kept, "http://x.example/", hours)

    before, after = beside(kept, "http://x.example/", NOON + 2 * HOUR)

    assert before is not None
    assert after is not None
    assert (before.fetched_at, after.fetched_at) == (NOON + HOUR, NOON + 3 * HOUR)


def test_a_url_has_a_first_and_a_last_capture(kept: Session) -> None:
    numbers = [add(kept, "http://x.example/", hours) for hours in (5, 1, 9)]

    found = first_and_last(kept, "http://x.example/")

    assert found is not None
    assert [c.id for c in found] == numbers[1:]
    assert first_and_last(kept, "http://y.example/") is None


@pytest.mark.parametrize(
    ("status", "is_rendering"), [(0, False), (200, True)], ids=["no HTTP", "rendering"]
)
def test_what_is_in_no_index_is_not_found(
    kept: Session, status: int, is_rendering: bool
) -> None:
    page = add(kept, "http://y.example/") if is_rendering else None
    add(kept, "http://x.example/", status=status, rendered_from=page)

    assert nearest(kept, "http://x.example/", NOON) is None


def test_captures_of_before_are_keyed_in_batches(kept: Session) -> None:
    kept.execute(update(CaptureRow).values(surt=None))

    assert [key_captures(kept, 5) for _ in range(3)] == [5, 2, 0]
    assert len(list(captures_of(kept, "http://example/", Match.DOMAIN))) == 6


@pytest.mark.parametrize("whose", ["link_id", "page_link_id"])
@pytest.mark.parametrize("depth", Depth)
def test_what_was_taken_down_is_not_found(
    kept: Session, depth: Depth, whose: str
) -> None:
    """Nor what scripts of a page asked for that was."""
    link = LinkRow(
        host="news.example",
        url=URLS[1],
        key="k",
        kind="article",
        state="archived",
        found_at=NOON,
        withheld=depth,
    )
    kept.add(link)
    kept.flush()
    kept.execute(update(CaptureRow).values({whose: link.id}))

    assert nearest(kept, URLS[1], NOON) is None
    assert withheld_at(kept, URLS[1]) is depth
    assert withheld_at(kept, "http://nowhere.example/") is None
