"""What sites say against being kept or mined."""

import pytest

from crawler.discover.optout import (
    Signal,
    page_signals,
    robots_signals,
    tdmrep_signals,
)

PAGES = {
    "robots_header": ((("X-Robots-Tag", "noarchive"),), "", "X-Robots-Tag: noarchive"),
    "tdm_header": ((("tdm-reservation", "1"),), "", "tdm-reservation: 1"),
    "usage_header": ((("Content-Usage", "train-ai=n"),), "", "Content-Usage: train-ai=n"),
    "robots_meta": ((), "<meta name=ROBOTS content='index, NoArchive'>", "robots: index, NoArchive"),
    "tdm_meta": ((), "<meta name=tdm-reservation content=1>", "tdm-reservation: 1"),
    "tdm_policy": ((), "<meta name=tdm-policy content='https://e.org/p'>", "tdm-policy: https://e.org/p"),
}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_so(name: str) -> None:
    headers, head, says = PAGES[name]

    (signal,) = page_signals(headers, f"<html><head>{head}</head></html>".encode())

    assert signal.says == says


SILENT = {
    "allowed": ((("X-Robots-Tag", "all"),), "<meta name=robots content='index,follow'>"),
    "no_reservation": ((("tdm-reservation", "0"),), "<meta name=tdm-reservation content=0>"),
    "of_others": ((), "<meta name=description content=noarchive>"),
    "hostile": ((), "<div>" * 5_000),
}  # fmt: skip


@pytest.mark.parametrize("name", SILENT)
def test_a_page_says_nothing(name: str) -> None:
    headers, head = SILENT[name]

    assert page_signals(headers, head.encode()) == ()


def test_robots_txt_states_preferences() -> None:
    body = (
        b"User-agent: *\nContent-Usage: ai=n # no\nContent-Signal: search=yes\nAllow: /"
    )

    assert robots_signals(body) == (
        Signal(where="robots.txt", says="Content-Usage: ai=n"),
        Signal(where="robots.txt", says="Content-Signal: search=yes"),
    )


def test_a_reservation_of_a_path_is_told() -> None:
    body = b'[{"location": "/a/*", "tdm-reservation": 1}, {"location": "/b", "tdm-reservation": 0}, 7]'

    (signal,) = tdmrep_signals(body)

    assert "/a/*" in signal.says


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"[" * 100_000])
def test_what_is_no_reservation_says_nothing(body: bytes) -> None:
    assert tdmrep_signals(body) == ()
