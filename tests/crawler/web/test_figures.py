"""Figures that are kept for a moment."""

import threading
from collections.abc import Callable

import pytest

from crawler.web.figures import Kept
from storage.errors import StorageError


class Source:
    """Counts how often it is asked, and fails when told to."""

    def __init__(self) -> None:
        self.asked = 0
        self.fails = False
        self.found = threading.Event()

    def find(self) -> int:
        self.asked += 1
        self.found.set()
        if self.fails:
            raise StorageError("not now")
        return self.asked


@pytest.fixture
def source() -> Source:
    return Source()


def soon(is_so: Callable[[], bool]) -> bool:
    """Tell whether something comes to be within some seconds."""
    waited = threading.Event()
    return any(is_so() or waited.wait(0.01) for _ in range(500)) or is_so()


def test_a_value_is_found_once_while_it_is_young(source: Source) -> None:
    kept = Kept(source.find, seconds=1000)

    assert [kept.get() for _ in range(3)] == [1, 1, 1]


def test_an_old_value_is_given_and_found_anew_aside(source: Source) -> None:
    kept = Kept(source.find, seconds=0, stale=1000)

    first, second = kept.get(), kept.get()

    assert (first, second) == (1, 1)
    assert soon(lambda: kept.get() > 1)


def test_what_is_dear_to_find_is_given_for_longer(source: Source) -> None:
    def find() -> int:
        threading.Event().wait(0.02)
        return source.find()

    kept = Kept(find, seconds=0)

    assert [kept.get() for _ in range(100)] == [1] * 100


def test_a_value_that_nobody_asked_for_in_long_is_waited_for(source: Source) -> None:
    kept = Kept(source.find, seconds=0, stale=0)

    assert [kept.get() for _ in range(3)] == [1, 2, 3]


def test_what_cannot_be_found_at_first_is_told(source: Source) -> None:
    kept = Kept(source.find, seconds=0)
    source.fails = True

    with pytest.raises(StorageError):
        kept.get()
    source.fails = False
    assert kept.get() == 2


def test_what_cannot_be_found_anew_stays_as_it_was(source: Source) -> None:
    kept = Kept(source.find, seconds=0, stale=1000)
    kept.get()
    source.fails = True
    source.found.clear()
    kept.get()
    source.found.wait(5)
    source.fails = False

    assert kept.get() == 1
    assert soon(lambda: kept.get() > 1)


def test_those_who_come_at_once_wait_for_one_finding() -> None:
    may, asked = threading.Event(), []

    def find() -> int:
        asked.append(1)
        may.wait(5)
        return 7

    kept, found = Kept(find, seconds=1000), []
    readers = [
        threading.Thread(target=lambda: found.append(kept.get())) for _ in range(4)
    ]
    for reader in readers:
        reader.start()
    may.set()
    for reader in readers:
        reader.join(5)

    assert found == [7] * 4
    assert len(asked) == 1
