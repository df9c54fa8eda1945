import pytest

from crawler.extract.formats import other_format

FEEDS = {
    "rss": b'<?xml version="1.0"?>\n<rss version="2.0"><channel>',
    "atom": b'\xef\xbb\xbf<feed xmlns="http://www.w3.org/2005/Atom">',
    "rss 1.0": b'<?xml version="1.0"?><rdf:RDF xmlns:rdf="x">',
    "styled": b'<?xml version="1.0"?><?xml-stylesheet href="a"?><!-- <html> --> <rss>',
    "doctype": b'<!DOCTYPE rss PUBLIC "a" "b"><rss>',
}
PAGES = {
    "html": b"<!doctype html><html><body><p>The pier</p>",
    "xhtml": b'<?xml version="1.0"?><!-- rss --><html xmlns="x">',
    "a word": b"<rssfoo>",
    "quoted": b"<p>&lt;rss&gt;</p><rss>",
    "text": b"{A brace} begins this story.",
    "a remark": b"[1986]",
    "deep": b"[" * 100_000,
}


@pytest.mark.parametrize("body", FEEDS.values(), ids=FEEDS)
def test_a_feed_is_no_page(body: bytes) -> None:
    assert other_format(body, "text/html") == "a feed, not a page"


def test_a_sitemap_is_no_page() -> None:
    assert other_format(b"<urlset>") == "a sitemap, not a page"


@pytest.mark.parametrize("kind", ["application/json", "application/ld+json; charset=x"])
def test_what_is_said_to_be_json_is_no_page(kind: str) -> None:
    assert other_format(b' {"a": 1}', kind) == "JSON, not a page"


@pytest.mark.parametrize("body", [b'{"code": "rest_no_route"}\n', b' [{"id": 12}]'])
def test_a_body_that_is_data_as_a_whole_is_no_page(body: bytes) -> None:
    assert other_format(body, "text/html; charset=utf-8") == "JSON, not a page"


@pytest.mark.parametrize("body", PAGES.values(), ids=PAGES)
def test_a_page_may_be_one(body: bytes) -> None:
    assert other_format(body, "text/plain") is None


def test_many_comments_are_read_once() -> None:
    assert other_format(b"<!---->" * 1000 + b"<x>") is None
