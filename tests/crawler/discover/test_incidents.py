"""What XML did to other readers of feeds must not happen here."""

from pathlib import Path
from time import process_time

import pytest

from crawler.discover.feeds import read_feed
from crawler.discover.sitemaps import read_sitemap
from crawler.errors import NotReadable

_URL = "https://news.example/feed"
_ITEM = "<item><title>{}</title><link>https://news.example/a/calm</link></item>"


def _feed(doctype: str, title: str) -> bytes:
    item = _ITEM.format(title)
    return f"{doctype}<rss version='2.0'><channel>{item}</channel></rss>".encode()


@pytest.mark.parametrize("reader", [read_feed, read_sitemap])
def test_feedparser_107_a_document_type_opens_no_local_file(
    reader: object, tmp_path: Path
) -> None:
    """Also changedetection CVE-2026-41895: an external entity names a file."""
    secret = tmp_path / "secret.txt"
    secret.write_text("canary-4711", encoding="ascii")
    doctype = f"<!DOCTYPE rss [<!ENTITY x SYSTEM '{secret.as_uri()}'>]>"

    with pytest.raises(NotReadable):
        reader(_feed(doctype, "&x;"), _URL)
    with pytest.raises(NotReadable):
        reader(_feed(doctype, "&x;<b>"), _URL)  # broken XML goes another way


def test_feedparser_107_a_body_that_is_a_path_or_a_url_is_not_opened() -> None:
    for body in (b"/etc/passwd", b"file:///etc/passwd", b"http://127.0.0.1:9/"):
        with pytest.raises(NotReadable):
            read_feed(body, _URL)


def test_ghsa_cc65_xxvf_f7r9_no_pattern_runs_wild_on_a_feed() -> None:
    """Scrapy's xmliter took minutes for a few hundred kilobytes of such tags."""
    started = process_time()
    for wild in ("<item " * 50_000, "<item" + " a" * 150_000, "<" * 300_000):
        with pytest.raises(NotReadable):
            read_feed(wild.encode(), _URL)

    assert process_time() - started < 20
