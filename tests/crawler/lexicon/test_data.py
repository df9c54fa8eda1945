"""The tables of words are what their commands build, and what is added to them by hand."""

import json
from pathlib import Path

import pytest

from crawler.extract.data import build_places
from crawler.lexicon.data import build_lexicon, build_relative
from tests.shared import shared_path

_DATA = Path(build_lexicon.__file__).parent


@pytest.mark.shared
@pytest.mark.parametrize("name", ["lexicon.json", "calendar.json"])
def test_the_words_are_as_collected(tmp_path: Path, name: str) -> None:
    words = shared_path("lexicon", "lexicon.json")
    codes = shared_path("lexicon", "lexicon_sources.json")

    build_lexicon.main(str(words), str(codes), tmp_path)

    assert (tmp_path / name).read_bytes() == (_DATA / name).read_bytes()


def test_places_are_sorted_plain_names(tmp_path: Path) -> None:
    build_places.main(tmp_path)
    names = (tmp_path / "places.txt").read_text("utf-8").splitlines()

    assert names == sorted(set(names))
    assert {"jakarta", "münchen", "東京", "غزة"} <= set(names)


def test_relative_phrases_have_units(tmp_path: Path) -> None:
    build_relative.main(tmp_path)
    text = (tmp_path / "relative.json").read_text("utf-8")

    assert '"vor {n} Tagen": "day"' in text
    assert '"منذ ساعتين": "-2 hour"' in text


def test_the_lexicon_stays_small() -> None:
    assert (_DATA / "lexicon.json").stat().st_size < 700_000


def test_words_by_hand_are_none_of_the_collection() -> None:
    collected = json.loads((_DATA / "lexicon.json").read_text("utf-8"))["words"]
    more = json.loads((_DATA / "more.json").read_text("utf-8"))["words"]
    known = {
        name: {word for words in collected[name].values() for word in words}
        for name in more
    }

    assert not [
        word
        for name, languages in more.items()
        for words in languages.values()
        for word in words
        if word in known[name]
    ]
