"""What is said of a query that finds nothing."""

import pytest

from storage.search.hints import hints


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("titel:banjir", "titel: is no field"),
        ("-(Headline:banjir)", "Headline: is no field"),
        ("banjir or longsor", "OR in capitals"),
        ("banjir and longsor", "all words have to match"),
        ("banjir not longsor", "-word"),
        ("ban*ir", "end of a word alone"),
        ("https://example.org/a", "addresses are not searched"),
        ("www.example.org/a", "addresses are not searched"),
    ],
)
def test_what_is_read_otherwise_than_it_looks_is_named(query: str, said: str) -> None:
    (hint,) = hints(query)

    assert said in hint


@pytest.mark.parametrize(
    "query",
    ["title:banjir", "After:2026", "12:30", '"titel:banjir or"', "banjir*", "OR: x"],
)
def test_what_is_read_as_it_looks_is_not(query: str) -> None:
    assert hints(query) == ()


def test_each_is_said_once() -> None:
    assert len(hints("a or b or c")) == 1
