"""Which source a page is of that no list named."""

import pytest

from crawler.config.plan import plan_for
from crawler.config.tree import Config, Source
from crawler.means import Watch
from crawler.sources.homes import Homes


def homes(*sources: dict[str, object]) -> Homes:
    """Return the homes of some sources, numbered from 1."""
    known = [Source.model_validate({"name": "A", **one}) for one in sources]
    return Homes.of(
        Watch(id=number, source=source, plan=plan_for(source, Config()))
        for number, source in enumerate(known, 1)
    )


ALL = {"home": "https://town.example/"}
SPORT = {"home": "https://town.example/sport/"}
ECONOMY = {"home": "https://town.example/economy/index.html"}
BOATS = {"home": "https://town.example/", "sections": ["https://town.example/boats"]}


@pytest.mark.parametrize(
    ("sources", "path", "source"),
    [
        ([ALL, SPORT], "/sport/cup", 2),
        ([SPORT, ALL], "/sport/cup", 1),
        ([SPORT, ALL], "/pier", 2),
        ([ALL, ALL, SPORT], "/pier", 1),
        ([SPORT, ECONOMY], "/economy/harbour?page=2", 2),
        ([SPORT, ECONOMY], "/sports/cup", 1),
        ([ALL, BOATS], "/boats/regatta", 2),
        ([ALL, BOATS], "/pier", 1),
        ([BOATS, {"home": "https://town.example/boats/"}], "/boats/regatta", 2),
        ([SPORT], "/2026/pier", 1),
    ],
    ids=[
        "a part",
        "a part that is first",
        "the rest of the site",
        "twice the same",
        "another part",
        "no part of any",
        "a section",
        "no section",
        "a home before a section",
        "a site that keeps its pages elsewhere",
    ],
)
def test_of_sources_at_one_host_the_one_with_the_nearest_folder_has_a_page(
    sources: list[dict[str, object]], path: str, source: int
) -> None:
    assert homes(*sources).source_of(f"https://town.example{path}") == source


def test_a_part_of_one_host_is_none_of_another() -> None:
    known = homes(ALL, SPORT, {"home": "https://port.example/"})

    assert known.source_of("https://port.example/sport/cup") == 3
    assert known.source_of("https://www.town.example/sport/cup") == 1
    assert known.source_of("https://elsewhere.example/sport/cup") is None
