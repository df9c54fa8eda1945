"""The production extractor behind the scorer's interface, and nothing else.

EVAL_DATA=… python run.py --set fundus --extractor tests.quality.adapter:extract
"""

from datetime import UTC, datetime

from crawler.extract.article import extract as extract_page
from crawler.extract.source import PageSource

_CAPTURED_AT = datetime(2026, 11, 1, tzinfo=UTC)


def extract(html: bytes, url: str) -> dict[str, object]:
    """Return text, title, authors, date and language of one page."""
    article = extract_page(source_of(html, url)).article
    if article is None:
        return {}
    return {
        "text": article.text,
        "title": article.title,
        "authors": list(article.authors),
        "date": article.published.at.date().isoformat() if article.published else "",
        "language": article.language,
    }


def source_of(html: bytes, url: str) -> PageSource:
    """Return a page as the scorer has it, as the extractor is given it."""
    return PageSource(url, html, _CAPTURED_AT)
