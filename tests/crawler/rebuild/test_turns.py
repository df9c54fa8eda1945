"""Whose turn it is among nodes that wrote at the same time."""

from collections.abc import Iterator

from crawler.rebuild.turns import take_turns


def lane(done: list[str], *dates: str) -> Iterator[str]:
    for date in dates:
        yield date
        done.append(date)


def test_what_is_earliest_is_done_first() -> None:
    done: list[str] = []

    take_turns([lane(done, "1", "4", "5"), lane(done, "2", "3", "6")])

    assert done == ["1", "2", "3", "4", "5", "6"]


def test_each_lane_keeps_its_own_order() -> None:
    """A fetch that began earlier was kept later; an import is older still."""
    done: list[str] = []

    take_turns([lane(done, "2", "1", "5"), lane(done, "3")])

    assert done == ["2", "1", "3", "5"]


def test_a_lane_is_begun_when_it_is_its_turn() -> None:
    begun: list[str] = []

    def opened(name: str) -> Iterator[str]:
        yield name
        begun.append(f"begin {name}")
        yield name
        begun.append(f"end {name}")

    take_turns([opened("1"), opened("2"), iter(())])

    assert begun == ["begin 1", "end 1", "begin 2", "end 2"]
