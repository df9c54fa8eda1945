from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.units import read_duration, read_size, write_duration, write_size


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("10m", 600),
        ("1h30m", 5400),
        ("7d", 604800),
        ("250ms", 0.25),
        (5, 5),
    ],
)
def test_durations_read_as_people_write_them(text: object, seconds: float) -> None:
    assert read_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "soon", "5x", "-3s", "1h and 2m", -1, True, None])
def test_what_is_no_duration_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="write a duration"):
        read_duration(text)


@given(st.integers(min_value=0, max_value=10**10))
def test_a_written_duration_reads_back(milliseconds: int) -> None:
    value = timedelta(milliseconds=milliseconds)

    assert read_duration(write_duration(value)) == value


@pytest.mark.parametrize(
    ("text", "size"),
    [("512KiB", 524288), ("10 MiB", 10485760), ("2GB", 2 * 10**9), ("7", 7), (7, 7)],
)
def test_sizes_read_as_people_write_them(text: object, size: int) -> None:
    assert read_size(text) == size


@pytest.mark.parametrize(
    ("count", "written"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1024**3 * 5 // 2, "2.5 GiB"),
        (1024**6, "1048576.0 TiB"),
    ],
)
def test_a_size_is_written_in_the_unit_that_fits(count: int, written: str) -> None:
    assert write_size(count) == written


@pytest.mark.parametrize("text", ["", "big", "5 XB", "-1", True])
def test_what_is_no_size_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="write a size"):
        read_size(text)


@pytest.mark.parametrize(
    "value", ["9" * 30 + "w", 1e300, float("inf"), "9" * 400 + "d"]
)
def test_a_duration_longer_than_any_is_none(value: object) -> None:
    with pytest.raises(ValueError, match="duration"):
        read_duration(value)


def test_a_size_of_more_than_any_is_none() -> None:
    with pytest.raises(ValueError, match="size"):
        read_size("9" * 400 + "GB")
