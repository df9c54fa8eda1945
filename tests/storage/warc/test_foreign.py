from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.model.exchange import Truncated
from storage.warc.capture import ORIGIN
from storage.warc.foreign import Answer, Passed, Rendered, read_foreign
from tests.crawler.imports.foreign import HTML, Wrote, write_warc

URL = "http://news.example/a"


def found(path: Path) -> list[Answer | Rendered | Passed]:
    return [place.found for place in read_foreign(path, path.name)]


def answers(path: Path) -> list[Answer]:
    return [one for one in found(path) if isinstance(one, Answer)]


@pytest.mark.parametrize("packed", [True, False], ids=["gzipped", "plain"])
@pytest.mark.parametrize("where", ["before", "behind"])
def test_an_answer_comes_with_its_request(
    tmp_path: Path, where: str, packed: bool
) -> None:
    records = [Wrote(url=f"{URL}{n}", request=where) for n in range(3)]
    read = answers(write_warc(tmp_path / "a.warc.gz", *records, packed=packed))

    assert [one.url for one in read] == [f"{URL}{n}" for n in range(3)]
    assert all(one.request.startswith(b"GET / HTTP/1.1\r\nHost:") for one in read)


def test_an_answer_without_a_request_takes_no_other_s(tmp_path: Path) -> None:
    path = write_warc(
        tmp_path / "a.warc.gz",
        Wrote(url=URL),
        Wrote(url=f"{URL}2", request="before"),
    )

    assert [bool(one.request) for one in answers(path)] == [False, True]


def test_a_record_is_told_with_its_origin(tmp_path: Path) -> None:
    path = write_warc(tmp_path / "CC-NEWS-1.warc.gz", Wrote(url=URL))
    (one,) = answers(path)

    assert one.at == datetime(2016, 10, 1, 12, tzinfo=UTC)
    assert (one.origin.file, one.origin.date) == (path.name, "2016-10-01T12:00:00Z")
    assert one.origin.record.startswith("<urn:uuid:")


def test_what_was_imported_before_keeps_its_first_origin(tmp_path: Path) -> None:
    first = '{"file": "x.warc", "record": "<urn:1>", "date": "2009"}'
    path = write_warc(tmp_path / "a.warc.gz", Wrote(url=URL, more={ORIGIN: first}))

    assert answers(path)[0].origin.file == "x.warc"


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (Wrote(url=URL, kind="resource"), "resource record"),
        (Wrote(url=URL, kind="conversion"), "conversion record"),
        (
            Wrote(url=URL, more={"WARC-JSON-Metadata": '{"kliping": {"page": "k"}}'}),
            "asked for by a page's scripts",
        ),
        (Wrote(url=URL, more={"WARC-Date": "yesterday"}), "no date"),
        (Wrote(url=URL, more={"Content-Type": "text/dns"}), "not HTTP"),
        (
            Wrote(url=URL, kind="revisit", body=b"", more={"WARC-Profile": "x"}),
            "revisit of another profile",
        ),
    ],
)
def test_what_is_no_answer_is_named(tmp_path: Path, record: Wrote, why: str) -> None:
    path = write_warc(tmp_path / "a.warc.gz", record)
    passed = [one.why for one in found(path) if isinstance(one, Passed)]

    assert passed == ["warcinfo record", why]


@pytest.mark.parametrize(
    ("more", "expected"),
    [({}, None), ({"WARC-Truncated": "length"}, Truncated.LENGTH), ({"WARC-Truncated": "x"}, Truncated.UNSPECIFIED)],
)  # fmt: skip
def test_a_truncated_answer_says_so(
    tmp_path: Path, more: dict[str, str], expected: Truncated | None
) -> None:
    path = write_warc(tmp_path / "a.warc.gz", Wrote(url=URL, more=more))

    assert answers(path)[0].truncated == expected


def test_dates_of_14_digits_and_brackets_around_urls_are_read(tmp_path: Path) -> None:
    odd = Wrote(url=f"<{URL}>", more={"WARC-Date": "20090101120000"})
    (one,) = answers(write_warc(tmp_path / "a.warc.gz", odd))

    assert (one.url, one.at.year) == (URL, 2009)


def test_the_protocol_is_the_record_s_or_the_status_line_s(tmp_path: Path) -> None:
    path = write_warc(
        tmp_path / "a.warc.gz",
        Wrote(url=URL, protocol="HTTP/1.0"),
        Wrote(url=URL, more={"WARC-Protocol": "h2"}),
    )

    assert [one.protocol for one in answers(path)] == ["http/1.0", "h2"]


def test_what_is_said_in_too_many_brackets_is_not_read(tmp_path: Path) -> None:
    more = {"WARC-JSON-Metadata": "[" * 20_000}
    path = write_warc(tmp_path / "a.warc.gz", Wrote(url=URL, more=more))

    assert [one.certificate for one in answers(path)] == [None]


@pytest.mark.parametrize("packed", [True, False], ids=["gzipped", "plain"])
def test_damage_costs_no_other_record(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / "a.warc.gz"
    records = [
        Wrote(url=f"{URL}{n}", headers=[HTML, ("X", "y" * 99)]) for n in range(5)
    ]
    write_warc(path, *records, packed=packed)
    places = list(read_foreign(path, path.name))
    data = bytearray(path.read_bytes())
    start, end = places[2].end, places[3].end
    data[start : start + 12] = b"\0" * 12
    path.write_bytes(data)

    read = found(path)

    assert [one.url[-1] for one in read if isinstance(one, Answer)] == list("0134")
    (damage,) = [one for one in read if isinstance(one, Passed) and one.damaged]
    assert start <= damage.offset < end


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    packed=st.booleans(),
    at=st.floats(0, 1),
    length=st.integers(0, 300),
    instead=st.binary(max_size=30),
)
def test_no_damage_stops_the_reading(
    tmp_path: Path, packed: bool, at: float, length: int, instead: bytes
) -> None:
    path = tmp_path / "a.warc"
    write_warc(path, *[Wrote(url=f"{URL}{n}") for n in range(3)], packed=packed)
    whole = bytearray(path.read_bytes())
    start = round(at * len(whole))
    whole[start : start + length] = instead
    path.write_bytes(whole)

    ends = [place.end for place in read_foreign(path, path.name)]

    assert ends == sorted(set(ends))
    assert not whole or ends[-1] == len(whole)
