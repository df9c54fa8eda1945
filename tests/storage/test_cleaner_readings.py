"""Two readings of one story that judge a line otherwise show no edit."""

from dataclasses import replace

import pytest

from storage.changes import compare, leaves_out
from storage.model.article import Article, Claim, Provenance, Removed
from storage.model.change import Change
from tests.storage.material import article

TEXT = (
    "The council voted on Monday to raise parking fees across the old town.",
    "Residents had asked for a later start, because many of them work shifts.",
    "A review is planned for the spring, said the head of the traffic office.",
)
OFFER = "Try the paper for a month, 20 copies in all, and pay when you like it."


def without(story: Article, *lines: str) -> Article:
    removed = tuple(
        Removed(text=line, boilerplate="template", rule="repeated:5/8", index=9)
        for line in lines
    )
    return replace(story, removed=removed)


DIRTY = article("Fees rise", *TEXT, OFFER)
CLEAN = without(article("Fees rise", *TEXT), OFFER)


def test_a_line_left_out_by_the_new_reading_is_no_edit() -> None:
    assert compare(DIRTY, CLEAN) is Change.COSMETIC
    assert leaves_out(DIRTY, CLEAN)


def test_a_line_left_out_by_the_old_reading_is_no_edit() -> None:
    assert compare(CLEAN, DIRTY) is Change.COSMETIC
    assert not leaves_out(CLEAN, DIRTY)


def test_its_numbers_may_have_changed() -> None:
    assert compare(DIRTY, without(CLEAN, OFFER.replace("20", "31"))) is Change.COSMETIC


@pytest.mark.parametrize(
    "new",
    [
        article("Fees rise", *TEXT),
        without(article("Fees rise", *TEXT[:2]), OFFER),
        without(article("Fees rise", TEXT[0], TEXT[2]), OFFER, TEXT[0]),
    ],
    ids=["gone from the page", "with another paragraph", "one that is kept as well"],
)
def test_what_left_the_page_is_an_edit(new: Article) -> None:
    assert compare(DIRTY, new) not in {Change.SAME, Change.COSMETIC}
    assert not leaves_out(DIRTY, new)


def test_an_edit_beside_boilerplate_is_an_edit_of_its_own_size() -> None:
    edited = [TEXT[0].replace("Monday", "Tuesday"), *TEXT[1:]]

    new = without(article("Fees rise", *edited), OFFER)

    assert compare(DIRTY, new) is Change.CORRECTION
    assert not leaves_out(DIRTY, new)


def test_the_same_reading_is_no_cleaner_one() -> None:
    assert not leaves_out(CLEAN, CLEAN)


# ---- headlines ------------------------------------------------------------------


def headed(title: str, *others: str) -> Article:
    claims = [Claim(origin="x", raw=raw, value=raw) for raw in (title, *others)]
    chosen = Provenance(winner=claims[0], losers=tuple(claims[1:]))
    return article(title, *TEXT, provenance={"title": chosen})


def test_another_choice_among_the_same_headlines_is_no_edit() -> None:
    old, new = (
        headed("Fees rise - Courier", "Fees rise"),
        headed("Fees rise", "Fees rise - Courier"),
    )

    assert compare(old, new) is Change.COSMETIC
    assert leaves_out(old, new)
    assert not leaves_out(new, old)


def test_a_headline_that_only_one_page_has_is_an_edit() -> None:
    old, new = headed("Fees rise", "Fees"), headed("Fees may rise", "Fees")

    assert compare(old, new) is Change.HEADLINE
    assert not leaves_out(old, new)


def test_a_cut_suffix_is_no_edit() -> None:
    raw = "Fees rise - Courier"
    cut = replace(
        headed(raw),
        title="Fees rise",
        provenance={
            "title": Provenance(winner=Claim(origin="x", raw=raw, value="Fees rise"))
        },
    )

    assert compare(headed(raw), cut) is Change.COSMETIC
    assert leaves_out(headed(raw), cut)
