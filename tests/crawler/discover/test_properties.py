"""Whatever the bytes, a reader answers or says NotReadable."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.discover.dates import feed_date
from crawler.discover.feeds import read_feed
from crawler.discover.likely import article_score
from crawler.discover.links import clean_title
from crawler.discover.sections import article_links, feed_links
from crawler.discover.sitemaps import read_sitemap
from crawler.errors import NotReadable

URL = "https://news.example.org/x/"
READERS: dict[str, Callable[[bytes, str], object]] = {
    "feed": read_feed,
    "sitemap": read_sitemap,
    "articles": article_links,
    "feeds": feed_links,
}

pieces = st.sampled_from(
    [
        "<rss>", "</rss>", "<channel>", "<item>", "</item>", "<link>", "</link>",
        "<title>", "</title>", "<feed xmlns='http://www.w3.org/2005/Atom'>",
        "<entry>", "</entry>", "<link href='/a'/>", "<link href='http://[::'/>",
        "<urlset>", "<url>", "</url>", "<loc>", "</loc>", "<sitemapindex>", "<news>",
        "<![CDATA[", "]]>", "<!--", "-->", "<?x ", "?>", "<!", "&amp;", "&nbsp;", "&",
        "<?xml version='1.0' encoding='utf-16'?>", "<?xml encoding='zlib'?>", "\ufeff",
        "https://news.example.org/a", "http://[", "//", "xml:base='http://['", "\0",
        "<pubDate>", "2026-13-45T99:00", "</pubDate>", "<guid isPermaLink='true'>",
        "{", "}", '"version":"https://jsonfeed.org/version/1"', '"items":[', "]", ",",
        "<a href=", "'/2026/11/22/a-b-c-d'>", "</a>", "<base href='http://['>",
        "<link rel=alternate type=application/rss+xml href='", "'>", "<nav>",
    ]
)  # fmt: skip
documents = st.lists(pieces | st.text(max_size=8), max_size=25).map("".join)
encoded = st.builds(
    lambda text, charset: text.encode(charset, "replace"),
    documents,
    st.sampled_from(["utf-8", "utf-16", "utf-32", "latin-1", "utf-7", "shift_jis"]),
)
inputs = st.binary(max_size=200) | encoded
quick = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@pytest.mark.parametrize("name", READERS)
@quick
@given(body=inputs)
def test_a_reader_raises_nothing_else(name: str, body: bytes) -> None:
    with suppress(NotReadable):
        READERS[name](body, URL)


@quick
@given(body=inputs)
def test_feed_links_are_web_addresses(body: bytes) -> None:
    with suppress(NotReadable):
        for link in read_feed(b"<rss><item>" + body + b"</item></rss>", URL).links:
            assert link.url.startswith(("http://", "https://"))


@quick
@given(header=st.text(max_size=60))
def test_any_content_type_will_do(header: str) -> None:
    body = "<rss><item><title>é</title><link>/a</link></item></rss>".encode("latin-1")

    assert read_feed(body, URL, content_type=header).links


@quick
@given(
    st.text(max_size=60)
    | st.from_regex(
        r"[0-9]{1,4}[-/. ][0-9A-Za-z]{1,5}[-/. ][0-9]{1,4}[T ][0-9:.+-]{0,12}"
    )
)
def test_a_date_is_utc_or_none(raw: str) -> None:
    found = feed_date(raw)

    assert found is None or (found.utcoffset() is not None and found.year >= 1990)


@quick
@given(st.text(max_size=200))
def test_a_title_is_one_printable_line(raw: str) -> None:
    title = clean_title(raw)

    assert title is None or (title == " ".join(title.split()) and title.encode())


@quick
@given(st.text(alphabet="/-.?=&%0129abÿあ", max_size=60), st.text(max_size=60))
def test_any_link_has_a_score(path: str, text: str) -> None:
    assert article_score(URL + path, text) >= -30
