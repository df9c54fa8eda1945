import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from crawler.logs import log_to_stderr
from crawler.redaction import REDACTED, redact


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_in_a_pipe_an_event_is_one_json_line_with_its_fields() -> None:
    stream = io.StringIO()
    log_to_stderr("info", stream)

    structlog.get_logger("crawler").info("attended", url="https://courier.example/")

    (event,) = lines(stream)
    assert event.pop("timestamp").endswith("Z")
    assert event == {
        "event": "attended",
        "level": "info",
        "logger": "crawler",
        "url": "https://courier.example/",
    }


def test_events_below_the_level_are_left_out() -> None:
    stream = io.StringIO()
    log_to_stderr("warning", stream)

    structlog.get_logger("crawler").info("attended")
    logging.getLogger("library").info("said")

    assert lines(stream) == []


def test_what_a_library_logs_takes_the_same_way() -> None:
    stream = io.StringIO()
    log_to_stderr("info", stream)

    logging.getLogger("library").warning("slow %s", "host", extra={"token": "s3cret"})

    (event,) = lines(stream)
    assert (event["event"], event["logger"]) == ("slow host", "library")
    assert event["token"] == REDACTED


@pytest.mark.parametrize("library", ["apscheduler.scheduler", "psycopg.pool"])
def test_what_libraries_repeat_each_second_of_an_outage_is_left_out(
    library: str,
) -> None:
    stream = io.StringIO()
    log_to_stderr("info", stream)

    logging.getLogger(library).warning("again")
    logging.getLogger(library).error("a job failed")

    assert [line["event"] for line in lines(stream)] == ["a job failed"]


def test_a_message_that_a_library_adds_again_in_colour_is_dropped() -> None:
    stream = io.StringIO()
    log_to_stderr("info", stream)

    logging.getLogger("uvicorn.error").error("up", extra={"color_message": "*up*"})

    (event,) = lines(stream)
    assert (event["event"], "color_message" in event) == ("up", False)


def test_on_a_terminal_an_event_is_for_people() -> None:
    stream = Terminal()
    log_to_stderr("info", stream)

    structlog.get_logger("crawler").info("attended", cookie="s3cret")

    assert "attended" in stream.getvalue()
    assert "s3cret" not in stream.getvalue()


@pytest.mark.parametrize(
    "stream", [io.StringIO(), Terminal()], ids=["pipe", "terminal"]
)
def test_what_a_server_said_drives_no_terminal(stream: io.StringIO) -> None:
    log_to_stderr("info", stream)
    said = "\x1b]0;title\x07\x9b2J\u202e"

    structlog.get_logger("crawler").info("attended", reason=said, all=[said])
    logging.getLogger("library").error(said)
    structlog.get_logger("crawler").warning("failed", exc_info=ValueError(said))

    text = re.sub(r"\x1b\[[0-9;]*m", "", stream.getvalue())  # our own colours
    assert "title" in text
    assert not set(text) & {"\x1b", "\x07", "\x9b", "\u202e"}


def test_a_line_of_json_still_says_what_a_server_said() -> None:
    stream = io.StringIO()
    log_to_stderr("info", stream)

    structlog.get_logger("crawler").info("attended", reason="a\x9b2J\u202eb")

    assert lines(stream)[0]["reason"] == "a\x9b2J\u202eb"


@pytest.mark.parametrize(
    "stream", [io.StringIO(), Terminal()], ids=["pipe", "terminal"]
)
def test_a_traceback_is_redacted_too(stream: io.StringIO) -> None:
    log_to_stderr("info", stream)

    try:
        int("https://me:s3cret@courier.example/")
    except ValueError:
        structlog.get_logger("crawler").exception("failed")

    assert "ValueError" in stream.getvalue()
    assert "s3cret" not in stream.getvalue()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://me:s3@courier.example/a", f"https://{REDACTED}@courier.example/a"),
        ("postgresql://me:s3@s3@db.example/a", f"//{REDACTED}@db.example/a"),
        ("https://courier.example/a?x=1&token=s3&y=2", f"?x=1&token={REDACTED}&y=2"),
        ("https://courier.example/a?api_key=s3#top", f"?api_key={REDACTED}#top"),
        ("https://courier.example/a?X-Amz-Signature=s3", f"Signature={REDACTED}"),
        ("https://courier.example/a?sig=s3", f"?sig={REDACTED}"),
        ("https://courier.example/a?pwd=s3&session_id=s3", f"&session_id={REDACTED}"),
        ("GET '/a?access_token=s3' failed", f"'/a?access_token={REDACTED}' failed"),
        ("X-Api-Key: s3", f"X-Api-Key: {REDACTED}"),
        ("signed by whsec_s3s3s3", f"signed by {REDACTED}"),
        ("Authorization: Bearer s3s3s3s3", f"Authorization: {REDACTED}"),
        ("Set-Cookie: id=s3; Path=/", f"Set-Cookie: {REDACTED}"),
        ("sent Bearer s3s3s3s3s3", f"sent Bearer {REDACTED}"),
    ],
)
def test_secrets_in_text_are_replaced(text: str, shown: str) -> None:
    redacted = redact(text)

    assert shown in redacted
    assert "s3" not in redacted


@pytest.mark.parametrize(
    "text",
    [
        "https://courier.example/a?page=2",
        "mail archive@courier.example",
        "https://courier.example/@author/story",
        "https://courier.example/a?author=ann&section=local",
        "x-ray tokens: none",
        "a cookie banner",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    "value",
    [
        {"headers": {"Cookie": "s3cret"}},
        {"urls": ["https://a:s3cret@b.example/"]},
        {"body": b"Cookie: s3cret"},
        {"why": ValueError("?key=s3cret")},
        {"service_token": "s3cret"},
        {"authorization": "s3cret"},
    ],
    ids=lambda value: next(iter(value)),
)
def test_secrets_in_fields_are_replaced(value: dict[str, Any]) -> None:
    stream = io.StringIO()
    log_to_stderr("info", stream)

    structlog.get_logger("crawler").info("event", count=1, **value)

    (event,) = lines(stream)
    assert event["count"] == 1
    assert "s3cret" not in stream.getvalue()
