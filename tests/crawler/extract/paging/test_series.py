import json
from datetime import UTC, datetime

import pytest

from crawler.extract.article import extract
from crawler.extract.paging.series import read_series
from crawler.extract.source import PageSource
from storage.model.article import Article, Series

PROSE = "".join(
    f"<p>The wells of the valley were dug {n} generations ago, and those who dug them "
    f"left {n + 3} marks on the stones that nobody has read since.</p>"
    for n in range(2, 7)
)


def read(title: str, body: str = PROSE, head: str = "") -> Article:
    markup = (
        f"<html lang=en><title>{title}</title>{head}<main><article><h1>{title}</h1>"
        f"{body}</article></main>"
    )
    source = PageSource(
        "https://paper.test/wells", markup.encode(), datetime(2026, 5, 1, tzinfo=UTC)
    )
    article = extract(source).article
    assert article is not None
    return article


@pytest.mark.parametrize(
    ("title", "number", "total"),
    [
        ("The dry valley (Part 2 of 5)", 2, 5),
        ("Das trockene Tal, Teil 3 von 4", 3, 4),
        ("Lembah yang kering: bagian 1 dari 3", 1, 3),
        ("La vallée sèche, partie 2/3", 2, 3),
        ("The dry valley: Part II of IV", 2, 4),
        ("The dry valley, part 2", 2, None),
        ("The dry valley – Part IX", 9, None),
        ("涸れた谷　第2回（全5回）", 2, 5),
    ],
)
def test_a_headline_says_which_part_it_is(
    title: str, number: int, total: int | None
) -> None:
    assert read_series((), title, []) == Series(number=number, total=total)


@pytest.mark.parametrize(
    "title",
    [
        "Part of the roof fell on 5 May",
        "A part 2 sizes too big",
        "The dry valley (Part 7 of 5)",
        "What part of 12 do you want",
        "The dry valley",
    ],
)
def test_other_headlines_do_not(title: str) -> None:
    assert read_series((), title, []) is None


def test_a_line_of_the_article_says_it() -> None:
    line = "<p>This is part 2 of 5 of our look at the valley and its people.</p>"

    article = read("The dry valley", PROSE + line)

    assert article.series == Series(number=2, total=5)
    assert "series" in article.marks
    assert "multi_page" not in article.marks


def test_prose_of_any_length_does_not() -> None:
    assert read_series((), "Wells", ["It took part 2 of 5 to say so. " * 20]) is None


def test_structured_data_names_the_series() -> None:
    node = {
        "@type": "NewsArticle",
        "headline": "The dry valley",
        "isPartOf": {"@type": "CreativeWorkSeries", "name": "Water"},
        "position": 3,
    }
    head = f'<script type="application/ld+json">{json.dumps(node)}</script>'

    article = read("The dry valley", head=head)

    assert article.series == Series(name="Water", number=3)


def test_a_site_that_an_article_is_part_of_is_no_series() -> None:
    node = {
        "@type": "NewsArticle",
        "headline": "The dry valley",
        "isPartOf": {"@type": ["CreativeWork", "Product"], "name": "The Paper"},
    }
    head = f'<script type="application/ld+json">{json.dumps(node)}</script>'

    assert read("The dry valley", head=head).series is None


def test_the_text_is_kept() -> None:
    article = read("The dry valley (Part 2 of 5)")

    assert len(article.blocks) == 5
