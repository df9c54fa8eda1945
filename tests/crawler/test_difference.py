"""The difference of two texts as people read it on a terminal."""

import pytest

from crawler.difference import changed_paragraphs, marked
from storage.worddiff import word_diff


def test_words_that_went_and_came_are_marked() -> None:
    parts = word_diff("Pier to be mended", "Pier to be torn down")

    assert marked(parts) == "Pier to be [-mended-]{+torn down+}"


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("One.\n\nTwo.\n\nSix.", "One.\n\nTwo.\n\nTen.", "…\n\n[-Six-]{+Ten+}."),
        ("Ten.\n\nTwo.", "Two.", "[-Ten.-]\n\n…"),
        ("Two.\n\nSix.", "Two.\n\nTen.\n\nSix.", "…\n\n{+Ten.+}\n\n…"),
        ("Two.\n\nSix.", "Two.\n\nSix.", "…"),
    ],
    ids=["changed", "removed", "added", "the same"],
)
def test_paragraphs_that_stayed_are_passed_over(old: str, new: str, shown: str) -> None:
    assert changed_paragraphs(word_diff(old, new)) == shown


def test_what_spans_paragraphs_is_marked_in_each() -> None:
    parts = word_diff("One.", "One.\n\nTwo.\n\nSix.")

    assert changed_paragraphs(parts) == "…\n\n{+Two.+}\n\n{+Six.+}"
