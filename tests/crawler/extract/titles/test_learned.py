"""A host's titles teach what is put around its headlines."""

import pytest

from crawler.extract.titles.learned import TitleAffixes, accepted, learn_affixes

_HEADLINES = (
    "River floods three villages",
    "Old mill grinds again",
    "Swing bridge opens to ships",
    "Mayor asks who pays",
    "Ten walks in the rain",
    "Why rivers bend",
)


def test_a_suffix_of_most_titles_is_learned() -> None:
    learned = learn_affixes(f"{title} - The Gazette" for title in _HEADLINES)

    assert learned == TitleAffixes(suffixes=(" - The Gazette",))


def test_a_glued_suffix_is_learned() -> None:
    learned = learn_affixes(f"{title}-Gazette" for title in _HEADLINES)

    assert learned.suffixes == ("-Gazette",)


def test_a_prefix_of_most_titles_is_learned() -> None:
    learned = learn_affixes(f"gazetteNews - {title}" for title in _HEADLINES)

    assert learned == TitleAffixes(prefixes=("gazetteNews - ",))


def test_a_part_of_a_suffix_that_never_stands_alone_is_not_learned() -> None:
    learned = learn_affixes(f"{title} - The Gazette-Online" for title in _HEADLINES)

    assert learned.suffixes == (" - The Gazette-Online",)


def test_a_part_of_a_prefix_that_never_stands_alone_is_not_learned() -> None:
    learned = learn_affixes(f"Gazette - News - {title}" for title in _HEADLINES)

    assert learned.prefixes == ("Gazette - News - ",)


def test_one_title_seen_often_teaches_nothing() -> None:
    assert learn_affixes(["Why rivers bend - Gazette"] * 20) == TitleAffixes()


def test_four_titles_teach_nothing() -> None:
    titles = [f"{title} - Gazette" for title in _HEADLINES[:4]]

    assert learn_affixes(titles) == TitleAffixes()


def test_a_programmes_suffix_is_learned_with_the_sites_name() -> None:
    titles = [f"{title} : Field Notes : KXYZ" for title in _HEADLINES]
    titles += [f"{n} words about rain : KXYZ" for n in range(40)]

    learned = learn_affixes(titles, ["KXYZ"])

    assert learned.suffixes == (" : Field Notes : KXYZ", " : KXYZ")


def test_a_page_mark_does_not_hide_the_suffix() -> None:
    learned = learn_affixes(f"{title} | Gazette | Page 2" for title in _HEADLINES)

    assert learned.suffixes == (" | Gazette",)


@pytest.mark.parametrize(
    ("counts", "names", "expected"),
    [
        pytest.param((9, 120), ["KXYZ"], (" : Notes : KXYZ",), id="ends in the name"),
        pytest.param((9, 120), [], (), id="no name known"),
        pytest.param((9, 120), ["Notes"], (), id="another name"),
        pytest.param((5, 200), ["KXYZ"], (), id="too rare"),
        pytest.param((3, 3), ["KXYZ"], (), id="too few"),
    ],
)
def test_accepted(
    counts: tuple[int, int], names: list[str], expected: tuple[str, ...]
) -> None:
    assert accepted({" : Notes : KXYZ": counts}, names) == expected
