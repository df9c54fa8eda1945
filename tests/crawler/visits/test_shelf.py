"""Which answers of scripts are used again."""

from datetime import UTC, datetime, timedelta

import pytest

from crawler.visits.shelf import Shelf
from storage.model.exchange import Exchange, Truncated

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DATE = ("Date", "Sun, 01 Mar 2026 12:00:00 GMT")
AN_HOUR = ("Cache-Control", "public, max-age=3600")
OLD = ("Last-Modified", "Sun, 01 Mar 2026 02:00:00 GMT")


def answer(*headers: tuple[str, str], **said: object) -> Exchange:
    values = {
        "url": "https://a.example/main.js",
        "started_at": NOW,
        "elapsed": timedelta(0),
        "request": b"GET",
        "response": b"",
        "status": 200,
        "headers": (DATE, *headers),
        "body": b"123456",
    }
    return Exchange(**values | said)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("held", "seconds"),
    [
        (answer(AN_HOUR), 3600),
        (answer(AN_HOUR, ("Age", "3000")), 600),
        (answer(AN_HOUR, ("Vary", "Accept-Encoding")), 3600),
        (answer(OLD), 3600),
        (answer(), 0),
        (answer(AN_HOUR, ("Vary", "*")), 0),
        (answer(OLD, ("Cache-Control", "no-cache")), 0),
        (answer(OLD, ("Pragma", "no-cache")), 0),
        (answer(("Cache-Control", "no-store, max-age=3600")), 0),
        (answer(("Cache-Control", "max-age=0")), 0),
        (answer(AN_HOUR, status=404), 0),
        (answer(AN_HOUR, truncated=Truncated.TIME), 0),
        (answer(AN_HOUR, decode_error="gzip"), 0),
    ],
)
def test_an_answer_is_used_again_while_it_is_fresh(
    held: Exchange, seconds: int
) -> None:
    shelf = Shelf()
    shelf.put("key", [held])

    found = [
        shelf.find("key", NOW + timedelta(seconds=after) - SECOND) is held
        for after in (1, seconds, seconds + 1)
    ]

    assert found == [bool(seconds), bool(seconds), False]


def test_what_others_led_to_is_asked_for_again() -> None:
    shelf = Shelf()
    shelf.put("key", [answer(status=302), answer(AN_HOUR)])

    assert shelf.find("key", NOW) is None


def test_the_oldest_make_room() -> None:
    shelf = Shelf(most=12)
    for key in ("a", "b", "c"):
        shelf.put(key, [answer(AN_HOUR)])
    shelf.put("d", [answer(AN_HOUR, body=b"1234567890123")])

    found = [key for key in "abcd" if shelf.find(key, NOW) is not None]
    assert found == ["b", "c"]
