"""Passages around the words looked for."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import BadQuery
from storage.search.query import read_query
from storage.search.snippets import SNIPPET, snippet

#: Marks of the letter at which a passage was cut.
_MARKS = 40

FILLER = "Nothing of note was said there. " * 20


def marked(text: str, query: str) -> list[str]:
    return [part for part, mark in snippet(text, read_query(query).terms) if mark]


def plain(text: str, query: str) -> str:
    return "".join(part for part, _ in snippet(text, read_query(query).terms))


def test_words_are_marked_as_the_text_has_them() -> None:
    assert marked("Die Straße, das CAFÉ.", "cafe STRASSE") == ["Straße", "CAFÉ"]


def test_a_phrase_is_marked_only_as_a_whole() -> None:
    text = "tarif naik, tarif parkir naik"

    assert marked(text, '"tarif parkir"') == ["tarif parkir"]


def test_bigrams_are_marked_as_one_run() -> None:
    assert marked("東京都は消費税を", "消費税") == ["消費税"]


def test_a_lone_character_is_marked_in_every_run() -> None:
    assert marked("減税、税金、税", "税") == ["税", "税", "税"]


def test_a_beginning_marks_the_whole_word() -> None:
    assert marked("perumahan rumahnya rumah", "rumah*") == ["rumahnya", "rumah"]


def test_terms_of_other_fields_and_exclusions_mark_nothing() -> None:
    assert marked("hujan deras id", "title:hujan lang:id -deras kata") == []


def test_a_text_without_the_words_gives_its_beginning() -> None:
    text = plain("Awal cerita. " + FILLER, "absen")

    assert text.startswith("Awal cerita.")
    assert text.endswith("…")


def test_the_passage_with_most_terms_is_chosen() -> None:
    text = f"naik {FILLER} tarif parkir naik {FILLER}"

    passage = plain(text, "tarif parkir naik")

    assert "tarif parkir naik" in passage
    assert passage.startswith("…")
    assert passage.endswith("…")


def test_a_passage_is_cut_between_words() -> None:
    words = set(FILLER.split()) | {"kata"}

    passage = plain(FILLER + "kata " + FILLER, "kata").strip("…")

    assert set(passage.split()) <= words


def test_white_space_is_folded() -> None:
    assert plain("satu\n\n dua", "satu") == "satu dua"


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("أكل الخُبزَ أمس", "الخبز", "الخُبزَ"),
        ("सरकार ने किराया बढ़ाया", "किराया", "किराया"),
        ("รัฐบาลขึ้นค่าแรงขั้นต่ำ", "ค่าแรง", "ค่าแรง"),
        ("שָׁלוֹם עוֹלָם", "שלום", "שָׁלוֹם"),
        ("ﾊﾞｽ停で待つ", "バス停", "ﾊﾞｽ停"),
    ],
    ids=["Arabic", "Hindi", "Thai", "Hebrew", "halfwidth Japanese"],
)
def test_a_mark_takes_a_letter_with_its_points(
    text: str, query: str, expected: str
) -> None:
    assert marked(text, query) == [unicodedata.normalize("NFC", expected)]


@pytest.mark.parametrize("before", range(8))
def test_a_passage_begins_and_ends_with_whole_letters(before: int) -> None:
    """Thai has no blanks to cut at, and puts vowels and tones over its letters."""
    text = "ที่นี่" * 60 + "ก" * before + "ค่าแรง" + "ที่นี่" * 60

    passage = plain(text, "ค่าแรง").strip("…")
    rest = text[text.index(passage) + len(passage) :]

    assert unicodedata.category(passage[0]) == "Lo"
    assert unicodedata.category(rest[0]) == "Lo"


@given(text=st.text(), query=st.text(min_size=1, max_size=3))
def test_a_snippet_is_short_and_of_the_text(text: str, query: str) -> None:
    try:
        terms = read_query(f"kata {query}").terms
    except BadQuery:
        return

    parts = snippet(text * 40, terms)

    assert len("".join(part for part, _ in parts)) <= SNIPPET + 2 + _MARKS


@given(
    text=st.lists(
        st.sampled_from(["Weiß", "naik", "na\u00adik", "naik-turun", "CAFÉ", "ab"])
    ),
    glue=st.sampled_from([" ", ", ", "\u200b ", "\n"]),
    query=st.sampled_from(["naik", "weiss cafe", '"ab naik"', "na*", '"naik naik"']),
)
def test_a_text_with_a_script_without_blanks_is_marked_alike(
    text: list[str], glue: str, query: str
) -> None:
    words = glue.join(text[:20])

    assert marked(f"{words} ก", query) == marked(words, query)
