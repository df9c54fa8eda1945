"""Front and section pages written for these tests."""

import pytest

from crawler.discover.pages import parse_page
from crawler.discover.sections import (
    article_links,
    feed_links,
    is_of_comments,
    linked_feeds,
)
from crawler.errors import NotReadable
from storage.model.link import FoundLink
from storage.model.link_kind import LinkKind

URL = "https://news.example.org/"
MILL = "/local/2026/11/22/old-mill-reopens-after-ten-years"
MILL_URL = f"https://news.example.org{MILL}"


def page(body: str, head: str = "") -> bytes:
    return f"<!doctype html><html><head><meta charset=utf-8>{head}</head><body>{body}</body></html>".encode()


def test_an_article_comes_with_its_longest_text() -> None:
    body = page(
        f'<a href="{MILL}"><img src=x.jpg alt=""></a><h2><a href="{MILL}">Old mill reopens after ten years</a></h2><a href="{MILL}">Read more</a>'
    )

    (link,) = article_links(body, URL)

    assert link.url == MILL_URL
    assert link.kind is LinkKind.ARTICLE
    assert link.title == "Old mill reopens after ten years"


def test_of_a_card_the_heading_is_the_title() -> None:
    body = page(
        f'<a href="{MILL}"><span>Local</span><h3>Old mill reopens</h3><p>It stood still for ten years.</p></a>'
    )

    assert article_links(body, URL)[0].title == "Old mill reopens"


def test_a_picture_link_is_named_by_its_label() -> None:
    body = page(f'<a href="{MILL}" aria-label="Old mill reopens"><img src=x.jpg></a>')

    assert article_links(body, URL)[0].title == "Old mill reopens"


def test_a_wordless_link_has_no_title() -> None:
    assert article_links(page(f'<a href="{MILL}"></a>'), URL)[0].title is None


FURNITURE = {
    "nav": '<nav><a href="{}">Old mill reopens after ten years</a></nav>',
    "footer": '<footer><div><a href="{}">Old mill reopens after ten years</a></div></footer>',
    "role": '<div role="navigation"><a href="{}">Old mill reopens after ten years</a></div>',
    "class": '<ul class="main-menu"><li><a href="{}">Old mill reopens after ten years</a></li></ul>',
    "id": '<div id="footer"><a href="{}">Old mill reopens after ten years</a></div>',
    "breadcrumb": '<ol class="breadcrumbs"><li><a href="{}">Old mill reopens after ten years</a></li></ol>',
}


@pytest.mark.parametrize("name", FURNITURE)
def test_furniture_is_passed_over(name: str) -> None:
    assert article_links(page(FURNITURE[name].format(MILL)), URL) == ()


@pytest.mark.parametrize(
    "href",
    [
        "https://elsewhere.example/2026/11/22/old-mill-reopens-after-ten-years",
        "javascript:void(0)",
        "mailto:desk@news.example.org",
        "#top",
        URL,
        "",
    ],
)
def test_what_leads_elsewhere_is_left_out(href: str) -> None:
    body = page(f'<a href="{href}">Old mill reopens after ten years of silence</a>')

    assert article_links(body, URL) == ()


def test_the_base_element_is_honoured() -> None:
    body = page(
        '<a href="old-mill-reopens-after-ten-years-4711">Old mill reopens</a>',
        '<base href="/local/">',
    )

    assert (
        article_links(body, URL)[0].url
        == "https://news.example.org/local/old-mill-reopens-after-ten-years-4711"
    )


def test_an_unusable_base_is_passed_over() -> None:
    body = page(f'<a href="{MILL}">x</a>', '<base href="javascript:x">')

    assert article_links(body, URL)[0].url == MILL_URL


def test_the_caller_may_say_what_a_site_is() -> None:
    body = page('<a href="https://other.example/2026/11/22/old-mill-reopens">x</a>')

    assert len(article_links(body, URL, same_site=lambda _a, _b: True)) == 1


@pytest.mark.parametrize("charset", ["shift_jis", "euc_jp", "utf-8"])
def test_a_japanese_page_is_understood(charset: str) -> None:
    text = f'<html><head><meta charset="{charset}"></head><body><a href="/news/2026/1122/4711.html">朝市に新しい店が並ぶ</a></body></html>'

    assert article_links(text.encode(charset), URL)[0].title == "朝市に新しい店が並ぶ"


def test_the_charset_of_the_answer_is_believed() -> None:
    body = '<a href="/2026/11/22/işçi-bayramı">İşçi bayramı</a>'.encode("cp1254")

    (link,) = article_links(body, URL, content_type="text/html; charset=iso-8859-9")

    assert link.title == "İşçi bayramı"
    assert link.url.endswith("/i%C5%9F%C3%A7i-bayram%C4%B1")


def test_feeds_are_announced() -> None:
    head = """<link rel="alternate" type="application/rss+xml" title="Comments Feed" href="/comments/feed/">
<link rel="alternate" type="application/rss+xml; charset=utf-8" title="Mill &amp; Co" href="/feed/">
<link rel="ALTERNATE home" type="application/atom+xml" href="https://elsewhere.example/atom">
<link rel="alternate" type="application/feed+json" href="/feed.json">
<link rel="alternate" type="application/feed+json" href="/feed.json">
<link rel="alternate" hreflang="de" href="/de/">
<link rel="alternate" type="application/rss+xml" href="javascript:x">
<link rel="stylesheet" type="application/rss+xml" href="/odd">"""

    links = feed_links(page("", head), URL)

    assert [link.url for link in links] == [
        "https://news.example.org/feed/",
        "https://elsewhere.example/atom",
        "https://news.example.org/feed.json",
        "https://news.example.org/comments/feed/",
    ]
    assert links[0].title == "Mill & Co"
    assert links[0].kind is LinkKind.FEED


ALTERNATES = {
    "rdf": ("application/rdf+xml", "/index.rdf", True),
    "xml": ("text/xml; charset=utf-8", "/backend.php", True),
    "json_feed": ("application/json", "/feed.json", True),
    "json_of_wordpress": ("application/json", "/wp-json/wp/v2/pages/2", False),
    "oembed": ("text/xml+oembed", "/oembed", False),
}


@pytest.mark.parametrize("name", ALTERNATES)
def test_feeds_are_announced_by_other_types_too(name: str) -> None:
    kind, path, is_feed = ALTERNATES[name]
    head = f"<link rel=alternate type='{kind}' href='{path}'>"

    links = feed_links(page("", head), URL)

    assert [link.url for link in links] == [f"https://news.example.org{path}"] * is_feed


def test_a_page_of_feeds_links_to_them() -> None:
    paths = ("/politics.rss", "/sport/feed/", "/rss/", "/feed.xml", "/x/comments/feed/")
    others = ("/feedback", "/press", "/sitemap.xml", "https://elsewhere.example/rss")
    body = "".join(f"<a href='{path}'>News</a>" for path in (*paths, *others))

    links = linked_feeds(page(body), URL)

    found = [link.url.removeprefix("https://news.example.org") for link in links]
    assert found == ["/politics.rss", "/sport/feed/", "/rss/", "/feed.xml"]


COMMENTS = {
    "https://n.example/comments/feed/": "N » Comments Feed",
    "https://n.example/a-story/feed/": "N » A story Comments Feed",
    "https://n.example/?feed=comments-rss2": "",
    "https://b.example/feeds/posts/default/7/comments/default": "",
}
STORIES = {
    "https://n.example/comment/rss": "Comment",
    "https://n.example/feed/": "N » Feed",
    "https://n.example/commentary/feed/": "Commentary Magazine",
}


@pytest.mark.parametrize("url", COMMENTS)
def test_a_feed_of_comments_is_told_by_its_names(url: str) -> None:
    feed = FoundLink(url=url, kind=LinkKind.FEED, title=COMMENTS[url])

    assert is_of_comments(feed)


@pytest.mark.parametrize("url", STORIES)
def test_a_section_of_opinion_is_none_of_comments(url: str) -> None:
    feed = FoundLink(url=url, kind=LinkKind.FEED, title=STORIES[url])

    assert not is_of_comments(feed)


HOSTILE = {
    "large": b"<p>" + b"x" * (5 * 1024 * 1024),
    "deep": b"<div>" * 50_000,
    "deep_main": b"<main>" * 50_000,
    "attributes": b"<p " + b"a=b " * 50_000 + b">",
    "options": b"<select>" + b"<option>" * 50_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_is_refused(name: str) -> None:
    with pytest.raises(NotReadable):
        article_links(HOSTILE[name], URL)


def test_many_closed_elements_are_not_deep() -> None:
    body = page("<div></div>" * 5_000 + f'<a href="{MILL}">x</a>')

    assert len(article_links(body, URL)) == 1


def test_an_empty_page_has_no_links() -> None:
    assert article_links(b"", URL) == ()
    assert feed_links(b"", URL) == ()


def test_of_very_many_elements_the_first_are_read() -> None:
    """A tree of all of them takes ten times the page."""
    tree = parse_page(b"<p>" + b"<a href=/x>x</a>" * 60_000)

    assert len(tree.css("a")) == 49_999


HEADLINE = "Harbour council votes to rebuild the old pier"


@pytest.mark.parametrize(
    "href",
    [
        "/news/100",
        "/berita/83",
        "/news/pier-vote",
        "/article?id=12",
        "/index.php?id=44",
    ],
)
@pytest.mark.parametrize(
    "card",
    [
        '<article><h2><a href="{href}">{text}</a></h2></article>',
        '<li><a href="{href}"><img src=/1.jpg><h3>{text}</h3></a></li>',
        '<div class=card><h3 class=t><span><a href="{href}">{text}</a></span></h3></div>',
    ],
)
def test_a_headline_in_a_heading_is_an_article_s_however_plain_its_address(
    href: str, card: str
) -> None:
    def found(text: str, form: str = card) -> list[str]:
        page = f"<body><main>{form.format(href=href, text=text)}</main></body>"
        return [link.url for link in article_links(page.encode(), "https://a.test/")]

    assert found(HEADLINE) == [f"https://a.test{href}"]
    assert found("Sport") == []
    assert found(HEADLINE, '<p><a href="{href}">{text}</a></p>') == []
