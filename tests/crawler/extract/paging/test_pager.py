from datetime import UTC, datetime

import pytest

from crawler.extract.layout.walk import lay_out
from crawler.extract.page import read_page
from crawler.extract.paging.page_urls import ALL, Numbered, numbered, plain
from crawler.extract.paging.pager import read_paging
from crawler.extract.source import PageSource
from storage.model.extraction import Paging

STORY = "<p>The ferry was late again, and the harbour master said so.</p>"


def read(
    url: str, body: str, head: str = "", stated: str | None = None
) -> Paging | None:
    markup = f"<html><head>{head}</head><body>{body}</body></html>"
    page = read_page(PageSource(url, markup.encode(), datetime(2026, 5, 1, tzinfo=UTC)))
    assert page.tree is not None
    assert page.tree.body is not None
    return read_paging(page, lay_out(page.tree.body, {}), stated)


POSITIVE = {
    "wordpress": (
        "https://paper.test/2026/05/the-late-ferry/",
        (
            f'<article>{STORY}<div class="page-links">Pages: <span>1</span>'
            ' <a href="https://paper.test/2026/05/the-late-ferry/2/">2</a>'
            ' <a href="https://paper.test/2026/05/the-late-ferry/3/">3</a></div></article>'
        ),
        "",
        [2, 3],
    ),
    "relative query": (
        "https://paper.test/read/8812/the-late-ferry",
        (
            f'<div class="read-content">{STORY}<div class="paging"><a href="?page=2">2</a>'
            "</div></div>"
        ),
        "",
        [2],
    ),
    "added to a query": (
        "https://paper.test/story.php?id=8812",
        (
            f'<main>{STORY}<p class="pager"><a href="/story.php?id=8812&amp;p=2">Next</a>'
            "</main>"
        ),
        "",
        [2],
    ),
    "dashed file name": (
        "https://paper.test/news/late-ferry.html",
        (
            f'<article>{STORY}<ul class="pagination"><li>1<li><a href="late-ferry-2.html">2'
            "</a></ul></article>"
        ),
        "",
        [2],
    ),
    "page 1 has a number": (
        "https://paper.test/news/late-ferry-1.html",
        (
            f'<article>{STORY}<ul class="pagination"><li>1<li><a href="late-ferry-2.html">2'
            "</a></ul></article>"
        ),
        "",
        [2],
    ),
    "page in the path": (
        "https://paper.test/news/late-ferry",
        (
            f'<article>{STORY}<nav class="article-pages"><a href="/news/late-ferry/page/2">2'
            '</a><a href="/news/late-ferry/page/3">3</a></nav></article>'
        ),
        "",
        [2, 3],
    ),
    "a word of the language": (
        "https://zeitung.test/ort/faehre-zu-spaet",
        (
            f'<article>{STORY}<p class="pager"><a href="/ort/faehre-zu-spaet/seite-2">'
            "Weiter auf Seite 2</a></article>"
        ),
        "",
        [2],
    ),
    "rel=next in the head": (
        "https://paper.test/news/late-ferry",
        f'<article>{STORY}<a href="/news/late-ferry?page=2">2</a></article>',
        '<link rel="next" href="https://paper.test/news/late-ferry?page=2">',
        [2],
    ),
    "comma and number": (
        "https://journal.test/article/ville/le-bac,48013.html",
        (
            f'<article>{STORY}<div class="pagination-article"><a '
            'href="/article/ville/le-bac,48013,2.html">2</a></div></article>'
        ),
        "",
        [2],
    ),
    "counted from zero": (
        "https://paper.test/node/late-ferry",
        (
            f'<main>{STORY}<ul class="pager"><li>1<li><a href="?page=1">2</a><li>'
            '<a href="?page=2">3</a></ul></main>'
        ),
        "",
        [2, 3],
    ),
    "escaped letters": (
        "https://shimbun.test/news/%E6%B8%AF%E3%81%AE%E8%A9%B1",
        (
            f'<article>{STORY}<div class="pager"><a href="/news/港の話/2">2</a></div>'
            "</article>"
        ),
        "",
        [2],
    ),
    "page breaks that start at 1": (
        "https://paper.test/late-ferry",
        (
            f'<div class="article-body">{STORY}<div class="pagination"><a '
            'href="/late-ferry?start=1">2</a></div></div>'
        ),
        "",
        [2],
    ),
    "not in an article": (
        "https://paper.test/read/late-ferry",
        (
            f'<div><div>{STORY}</div><div class="multi-page"><a href="?hal=2">2</a></div>'
            "</div>"
        ),
        "",
        [2],
    ),
}


@pytest.mark.parametrize("name", POSITIVE)
def test_further_pages_are_found(name: str) -> None:
    url, body, head, numbers = POSITIVE[name]

    paging = read(url, body, head)

    assert paging is not None
    assert [number for number, _ in paging.following] == numbers


URL = "https://paper.test/news/late-ferry"
NEGATIVE = {
    "next article": f'<article>{STORY}<nav class="pager"><a rel="next" '
    'href="/news/early-ferry">Next</a></nav></article>',
    "numbered articles": f'<article>{STORY}</article><div class="pagination">'
    '<a href="/news/early-ferry/2">2</a></div>',
    "comment pages": f'<article>{STORY}</article><div id="comments" class="comments">'
    f'<div class="pagination"><a href="{URL}?page=2">2</a></div></div>',
    "comment pages in the address": f'<article>{STORY}<div class="page-links">'
    f'<a href="{URL}/comment-page-2/">2</a></div></article>',
    "an archive beside it": f'<article>{STORY}</article><aside class="sidebar">'
    '<div class="pagination"><a href="?page=2">2</a></div></aside>',
    "a list of others": f'<article>{STORY}</article><div class="latest-news">'
    f'<div class="pagination"><a href="{URL}?page=2">2</a></div></div>',
    "a calendar": f'<article>{STORY}</article><div class="calendar">'
    f'<a class="pager" href="{URL}/2">2</a> <a href="{URL}/3">3</a></div>',
    "a date in the query": f'<article>{STORY}<div class="pager">'
    '<a href="?date=2026-05-02">2</a></div></article>',
    "a share link": f'<article>{STORY}<a href="https://share.test/?u={URL}&p=2">2</a>'
    "</article>",
    "another host": f'<article>{STORY}<div class="page-links">'
    '<a href="https://m.paper.test/news/late-ferry/2/">2</a></div></article>',
    "a number too high": f'<article>{STORY}<div class="page-links">'
    f'<a href="{URL}/2026/">2026</a></div></article>',
    "page 2 is not linked": f'<article>{STORY}<div class="page-links">'
    f'<a href="{URL}/7/">7</a></div></article>',
    "a footnote": f'<article>{STORY}<a href="#2">2</a></article>',
    "a lone link": f'<div>{STORY}</div><div><a href="{URL}?page=2">more</a></div>',
}


@pytest.mark.parametrize("name", NEGATIVE)
def test_what_is_no_page_of_the_article_is_left(name: str) -> None:
    assert read(URL, NEGATIVE[name]) is None


def test_rel_next_alone_proves_nothing() -> None:
    head = f'<link rel="next" href="{URL}?page=2">'

    assert read(URL, STORY, head) is None


def test_a_front_page_has_no_parts() -> None:
    body = f'<main>{STORY}<div class="pagination"><a href="/page/2/">2</a></div></main>'

    assert read("https://paper.test/", body) is None


def test_a_later_page_names_the_first() -> None:
    body = (
        f'<article>{STORY}<div class="page-links"><a href="{URL}/">1</a> 2 '
        f'<a href="{URL}/3/">3</a></div></article>'
    )

    paging = read(f"{URL}/2/", body)

    assert paging is not None
    assert (paging.number, paging.first) == (2, f"{URL}/")
    assert paging.following == ((3, f"{URL}/3/"),)


def test_the_last_page_names_the_first() -> None:
    body = (
        f'<article>{STORY}<div class="page-links"><a href="{URL}?page=1">1</a> '
        f'<a href="{URL}?page=2">2</a> 3</div></article>'
    )

    paging = read(f"{URL}?page=3", body)

    assert paging is not None
    assert (paging.number, paging.first) == (3, f"{URL}?page=1")
    assert paging.following == ()


def test_an_article_with_a_number_in_its_address_is_no_later_page() -> None:
    body = f'<article>{STORY}</article><a href="/news/ferry-4">Ferry, the fourth</a>'

    assert read("https://paper.test/news/ferry-3", body) is None


@pytest.mark.parametrize(
    "target", ["?page=all", "?single=1", f"{URL}/all", "?showall=1"]
)
def test_the_page_with_all_of_it_is_named(target: str) -> None:
    body = (
        f'<article>{STORY}<div class="page-links"><a href="?page=2">2</a> '
        f'<a href="{target}">Read on one page</a></div></article>'
    )

    paging = read(URL, body)

    assert paging is not None
    assert paging.single is not None
    assert paging.single.endswith(target)


def test_the_whole_article_has_no_further_pages() -> None:
    body = (
        f'<article>{STORY}<div class="page-links"><a href="{URL}?page=2">2</a></div>'
        "</article>"
    )

    assert read(f"{URL}?page=all", body) is None


def test_what_a_line_says_counts() -> None:
    body = f'<div>{STORY}</div><div><a href="{URL}?page=2">2</a></div>'

    paging = read(URL, body, stated="1/3")

    assert paging is not None
    assert paging.total == 3


def test_a_line_that_says_nonsense_does_not() -> None:
    body = f'<div>{STORY}</div><div><a href="{URL}?page=2">2</a></div>'

    assert read(URL, body, stated="5/3") is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.a.test/x/y.html?utm_source=z", "a.test/x/y"),
        ("https://a.test/x/index.php", "a.test/x"),
        ("https://a.test/x/?b=2&a=1", "a.test/x?a=1&b=2"),
        ("http://[bad/", None),
    ],
)
def test_addresses_are_compared_plainly(url: str, expected: str | None) -> None:
    assert plain(url) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.test/x/3", Numbered("a.test/x", 3)),
        ("https://a.test/x/index_2.html", Numbered("a.test/x", 2)),
        ("https://a.test/x/p2", Numbered("a.test/x", 2)),
        ("https://a.test/x-all.html", Numbered("a.test/x", ALL)),
        ("https://a.test/x?page=alle", Numbered("a.test/x", ALL)),
        ("https://a.test/x?limitstart=2", Numbered("a.test/x", 3)),
        ("https://a.test/x?page=1000", None),
        ("https://a.test/48013", None),
        ("https://a.test/?p=12", None),
        ("https://a.test/x?cpage=2", None),
        ("http://[bad/2", None),
    ],
)
def test_a_page_number_is_read_from_an_address(
    url: str, expected: Numbered | None
) -> None:
    assert numbered(url) == expected
