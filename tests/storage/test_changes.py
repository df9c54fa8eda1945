"""What is a change of a story, and which."""

import unicodedata
from dataclasses import replace

import pytest

from storage.changes import compare, story_sha256
from storage.model.article import Article, Block, BlockKind
from storage.model.change import Change
from tests.storage.material import article

LONG = (
    "The council voted on Monday to raise parking fees across the old town.",
    "Residents had asked for a later start, because many of them work shifts.",
    "Fees go from 1.5 to 2.5 euros an hour, and evenings stay free of charge.",
    "A review is planned for the spring, said the head of the traffic office.",
)
STORY = article("Parking fees rise", *LONG)


def embed(text: str) -> Block:
    return Block(kind=BlockKind.EMBED, text=text)


@pytest.mark.parametrize(
    "new",
    [
        STORY,
        replace(STORY, captions=("Cars.",), counters={"views": 9}, tags=("city",)),
        article("Parking  fees\u00a0rise", " ".join(LONG)),
        article(
            unicodedata.normalize("NFD", STORY.title), LONG[0] + "\u200b", *LONG[1:]
        ),
        replace(STORY, blocks=(*STORY.blocks, embed("12 likes"))),
    ],
    ids=["equal", "metadata", "white space", "invisible characters", "an embed"],
)
def test_the_same_story_has_the_same_digest(new: Article) -> None:
    assert story_sha256(new) == story_sha256(STORY)
    assert compare(STORY, new) is Change.SAME


def test_composition_is_not_part_of_a_story() -> None:
    nfc = article("Café", "Crème brûlée.")
    nfd = article(
        unicodedata.normalize("NFD", "Café"),
        unicodedata.normalize("NFD", "Crème brûlée."),
    )

    assert compare(nfc, nfd) is Change.SAME


def test_title_and_text_do_not_run_together() -> None:
    assert story_sha256(article("a b", "c")) != story_sha256(article("a", "b c"))


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("It’s “fine” — now…", 'It\'s "fine" - now...', Change.COSMETIC),
        ("Nato meets", "NATO meets!", Change.COSMETIC),
        ("data base", "database", Change.COSMETIC),
        ("東京都、発表。", "東京都・発表", Change.COSMETIC),
        ("ﬁve ｗａｒｓ", "five wars", Change.COSMETIC),
        (
            "A rate of 1.5 percent today",
            "A rate of 15 percent today",
            Change.CORRECTION,
        ),
        (
            "It costs $5 today, they said",
            "It costs €5 today, they said",
            Change.CORRECTION,
        ),
        ("Up 5% today", "Up 5 today", Change.CORRECTION),
    ],
)
def test_only_signs_that_mean_something_change_a_text(
    old: str, new: str, change: Change
) -> None:
    assert compare(article("t", old), article("t", new)) is change


def test_a_cosmetic_title_is_cosmetic() -> None:
    assert compare(STORY, replace(STORY, title="PARKING FEES RISE!")) is Change.COSMETIC


def test_another_title_alone_is_a_headline() -> None:
    assert compare(STORY, replace(STORY, title="Fees go up")) is Change.HEADLINE


def test_a_new_name_is_a_correction() -> None:
    new = article("Other title", LONG[0].replace("Monday", "Tuesday"), *LONG[1:])

    assert compare(STORY, new) is Change.CORRECTION


def test_one_word_of_a_short_text_is_a_correction() -> None:
    old, new = (
        article("t", "The mayor died on Monday."),
        article("t", "The mayor died on Sunday."),
    )

    assert compare(old, new) is Change.CORRECTION


def test_another_short_text_is_a_rewrite() -> None:
    assert (
        compare(article("t", "Not yet."), article("t", "It begins.")) is Change.REWRITE
    )


def test_many_new_words_are_a_rewrite() -> None:
    new = article(STORY.title, *LONG, *LONG[::-1])

    assert compare(STORY, new) is Change.REWRITE


@pytest.mark.parametrize(
    "cut", [LONG[:1], (LONG[2],), (LONG[0][:40] + "…",), ()], ids=len
)
def test_a_part_of_the_text_is_truncated(cut: tuple[str, ...]) -> None:
    assert compare(STORY, article(STORY.title, *cut)) is Change.TRUNCATED


def test_a_short_other_text_is_not_truncated() -> None:
    other = "The head of the office said that many had asked for free evenings."

    assert compare(STORY, article("t", other)) is Change.REWRITE


def test_a_japanese_stub_is_truncated() -> None:
    text = "東京都は消費税の見直しを決めた。来年の春から始まる。市民は歓迎している。"

    assert compare(article("t", text), article("t", text[:16])) is Change.TRUNCATED


STUB = article(STORY.title, LONG[0])


@pytest.mark.parametrize(
    ("new", "change"),
    [
        (STORY, Change.RESTORED),
        (article(STORY.title, *LONG[:3]), Change.RESTORED),
        (article(STORY.title, LONG[1]), Change.TRUNCATED),
        (replace(STUB, title="Fees"), Change.TRUNCATED),
        (article(STORY.title, LONG[0].upper()), Change.COSMETIC),
        (STUB, Change.SAME),
    ],
    ids=["whole", "most", "another stub", "another title", "cosmetic", "same"],
)
def test_after_a_stub_the_whole_story_decides(new: Article, change: Change) -> None:
    assert compare(STUB, new, whole=STORY) is change


def test_a_story_that_grows_was_not_truncated() -> None:
    assert compare(STUB, STORY) is Change.REWRITE


def test_a_first_text_where_there_was_none_is_a_rewrite() -> None:
    assert compare(article("t"), STORY) is Change.REWRITE


def test_texts_without_words_may_be_corrected() -> None:
    assert compare(article("t", "+"), article("t", "€")) is Change.CORRECTION
