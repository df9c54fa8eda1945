"""Quality that nobody lowers by accident: floors on the sites of public sets."""

import pytest

from tests.quality import scores
from tests.quality.adapter import extract


@pytest.mark.shared
@pytest.mark.parametrize("name", scores.SAMPLES)
def test_a_sample_is_as_good_as_it_was(name: str) -> None:
    scored = scores.score_set(name, extract, (0, scores.SAMPLES[name]))

    assert scored
    found = scores.means(list(scored.values()))
    assert scores.below(found, scores.read_floors()["sample"][name]) == []


def test_every_set_has_floors_of_its_sample_and_of_the_whole() -> None:
    floors = scores.read_floors()

    for part in ("sample", "whole"):
        assert floors[part].keys() == scores.SAMPLES.keys()
        assert all(floors[part].values())


@pytest.mark.parametrize(
    ("found", "floors"),
    [
        ({"F1": 0.9}, {"F1": 0.91}),
        ({}, {"F1": 0.91}),
        ({"lt50": 0.05}, {"lt50": 0.04}),
    ],
    ids=["lower", "gone", "over its ceiling"],
)
def test_a_fall_is_told(found: dict[str, float], floors: dict[str, float]) -> None:
    assert len(scores.below(found, floors)) == 1


def test_a_floor_rises_and_never_falls() -> None:
    floors = scores.raised(
        {"F1": 0.95, "date": 0.8, "lt50": 0.01}, {"F1": 0.9, "date": 0.9, "lt50": 0.1}
    )

    assert floors == {"F1": 0.947, "date": 0.9, "lt50": 0.013}
