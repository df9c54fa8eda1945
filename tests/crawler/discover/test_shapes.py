"""What a site's addresses turned out to be decides about its next ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discover.likely import looks_like_article
from crawler.discover.shapes import NO_SHAPES, learn_shapes

SITE = "https://news.example.org"


def seen(pattern: str, count: int, *, was_article: bool) -> list[tuple[str, bool]]:
    return [(SITE + pattern.format(n), was_article) for n in range(count)]


#: Once five of the first pattern were articles, the second is taken.
TAKEN = {
    "opaque_words": ("/p/ab{}", "/p/xy7"),
    "a_query": ("/read?item={}", "/read?item=77"),
    "a_short_name": ("/kolom/nama{}", "/kolom/lain9"),
    "another_section": ("/kota/{}", "/olahraga/4"),
}


@pytest.mark.parametrize("name", TAKEN)
def test_a_shape_of_articles_is_taken(name: str) -> None:
    known, fresh = TAKEN[name]
    shapes = learn_shapes(seen(known, 8, was_article=True))

    assert not looks_like_article(SITE + fresh, "")
    assert looks_like_article(SITE + fresh, "", shapes)


#: Once eight of the first pattern were none, the second is not asked for.
LEFT = {
    "topics_with_long_names": (
        "/dossiers/all-about-the-old-mills-{}",
        "/dossiers/all-about-the-new-bridges-9",
        "All about the new bridges of the valley and the hills",
    ),
    "dated_galleries": (
        "/bilder/2026/11/{}",
        "/bilder/2026/12/07",
        "The most beautiful pictures of this month in the valley",
    ),
}


@pytest.mark.parametrize("name", LEFT)
def test_a_shape_of_no_articles_is_left(name: str) -> None:
    known, fresh, text = LEFT[name]
    shapes = learn_shapes(seen(known, 20, was_article=False))

    assert looks_like_article(SITE + fresh, text)
    assert not looks_like_article(SITE + fresh, text, shapes)


def test_one_section_of_topics_does_not_speak_for_its_neighbours() -> None:
    shapes = learn_shapes(
        seen("/dossiers/all-about-mill-{}", 20, was_article=False)
        + seen("/local/old-mill-number-{}", 20, was_article=True)
    )

    assert shapes.points(f"{SITE}/dossiers/all-about-bridges-9") == -11
    assert shapes.points(f"{SITE}/local/new-mill-number-9") == 11


def test_a_list_word_is_overruled_by_many_articles() -> None:
    url = f"{SITE}/topics/mill-77"

    few = learn_shapes(seen("/topics/mill-{}", 5, was_article=True))
    many = learn_shapes(seen("/topics/mill-{}", 200, was_article=True))

    assert not looks_like_article(url, "", few)
    assert looks_like_article(url, "", many)


def test_nothing_makes_a_file_or_the_front_page_an_article() -> None:
    shapes = learn_shapes(
        seen("/a/p{}.pdf", 200, was_article=True) + [(f"{SITE}/", True)] * 200
    )

    assert not looks_like_article(f"{SITE}/a/p777.pdf", "", shapes)
    assert not looks_like_article(f"{SITE}/", "", shapes)


def test_few_addresses_say_nothing() -> None:
    shapes = learn_shapes(seen("/p/ab{}", 4, was_article=True))

    assert shapes.points(f"{SITE}/p/ab9") == 0


def test_a_mixed_shape_says_little() -> None:
    shapes = learn_shapes(
        seen("/p/ab{}", 6, was_article=True) + seen("/p/cd{}", 6, was_article=False)
    )

    assert shapes.points(f"{SITE}/p/ab9") == 0


def test_another_host_says_nothing() -> None:
    shapes = learn_shapes(seen("/p/ab{}", 20, was_article=True))

    assert shapes.points("https://blog.example.org/p/ab9") == 0


@given(st.text(max_size=60))
def test_any_path_has_points(path: str) -> None:
    url = f"{SITE}/{path}"

    assert NO_SHAPES.points(url) == 0
    assert -12 <= learn_shapes([(url, True)] * 9).points(url) <= 12
