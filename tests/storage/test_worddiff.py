"""Texts compared word by word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.changes import DiffPart, word_diff
from storage.worddiff import MAX_CELLS, pieces

WORDS = st.lists(st.sampled_from(["a", "b", "c", "東", "ก้", ".", "\n", "1,5"])).map(
    " ".join
)


def shown(parts: tuple[DiffPart, ...]) -> list[tuple[str, str]]:
    return [(part.kind.value, part.text) for part in parts]


def side(parts: tuple[DiffPart, ...], without: str) -> str:
    return "".join(part.text for part in parts if part.kind != without)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", []),
        ("a b", "a b", [("equal", "a b")]),
        ("", "a", [("insert", "a")]),
        ("a", "", [("delete", "a")]),
        (
            "It rose by 1,000 on Monday.",
            "It rose by 2,000 on Monday.",
            [
                ("equal", "It rose by "),
                ("delete", "1,000 "),
                ("insert", "2,000 "),
                ("equal", "on Monday."),
            ],
        ),
        (
            "red, green and blue",
            "pink, white and blue",
            [
                ("delete", "red, green "),
                ("insert", "pink, white "),
                ("equal", "and blue"),
            ],
        ),
        (
            "東京都の税制を直す",
            "東京都の新税制を直す",
            [("equal", "東京都の"), ("insert", "新"), ("equal", "税制を直す")],
        ),
        (
            "มีน้ำมาก",
            "มีน้ำน้อย",
            [("equal", "มีน้ำ"), ("delete", "มาก"), ("insert", "น้อย")],
        ),
    ],
    ids=["nothing", "equal", "insert", "delete", "number", "comma", "Japanese", "Thai"],
)
def test_a_difference_reads_well(
    old: str, new: str, expected: list[tuple[str, str]]
) -> None:
    assert shown(word_diff(old, new)) == expected


def test_a_moved_sentence_is_deleted_and_inserted_whole() -> None:
    old, new = "One two three. Four five. Six.", "Four five. Six. One two three."

    changed = [part for part in shown(word_diff(old, new)) if part[0] != "equal"]

    assert [text.strip() for _, text in changed] == ["One two three."] * 2


@given(old=WORDS, new=WORDS)
def test_the_parts_are_both_texts(old: str, new: str) -> None:
    parts = word_diff(old, new)

    assert side(parts, "delete") == new
    assert side(parts, "insert").split() == old.split()


@given(old=st.text(), new=st.text())
def test_the_parts_are_any_new_text(old: str, new: str) -> None:
    assert side(word_diff(old, new), "delete") == new


@given(text=st.text())
def test_pieces_are_the_whole_text(text: str) -> None:
    assert "".join(pieces(text)) == text


def test_long_texts_without_a_unique_word_are_replaced_whole() -> None:
    words = int(MAX_CELLS**0.5) + 2
    old, new = "x " + "a b " * words + "x", "y " + "b a " * words + "y"

    assert [part.kind.value for part in word_diff(old, new)] == ["delete", "insert"]


def test_one_word_of_a_very_long_text_is_found() -> None:
    words = [f"w{number % 5000}" for number in range(20_000)]
    old = " ".join(words)
    words[10_000] = "other"

    parts = shown(word_diff(old, " ".join(words)))

    assert [part for part in parts if part[0] != "equal"] == [
        ("delete", "w0 "),
        ("insert", "other "),
    ]
