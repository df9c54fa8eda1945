"""The day that a URL's path states."""

from datetime import date

import pytest

from crawler.dates.paths import day_in_path


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("/news/2024/05/31/ferry", date(2024, 5, 31)),
        ("/2024/5/3/ferry", date(2024, 5, 3)),
        ("/2024-05-31-ferry", date(2024, 5, 31)),
        ("/2024/0531/ferry", date(2024, 5, 31)),
        ("/20240531-ferry.html", date(2024, 5, 31)),
        ("/detail/~31-05-2024-ferry", date(2024, 5, 31)),
        ("/artikel/lage_vom_31.05.2024", date(2024, 5, 31)),
        ("/article/A202405311432000519", date(2024, 5, 31)),
        ("/read/24/05/31/id77-ferry", date(2024, 5, 31)),
        ("/2024/may/31/ferry", date(2024, 5, 31)),
        ("/2024/mai/31/ferry", date(2024, 5, 31)),
        ("/2024/05/ferry", None),
        ("/2024/02/31/ferry", None),
        ("/2024/ma/31/ferry", None),
        ("/ferry-1234567890", None),
        ("/ferry", None),
    ],
)
def test_a_path_states_its_day(path: str, day: date | None) -> None:
    assert day_in_path(f"https://paper.example{path}") == day


def test_the_time_of_an_archives_copy_is_not_the_storys() -> None:
    copied = "https://archive.example/web/20110106023242/http://paper.example"

    assert day_in_path(f"{copied}/2010/12/24/snow") == date(2010, 12, 24)
    assert day_in_path(f"{copied}/snow") is None
