"""The model case: an Indonesian post on a German Wix site comes out exactly."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from crawler.extract.article import extract, extract_text
from crawler.extract.source import PageSource
from storage.model.article import Article
from storage.model.verdict import VerdictKind
from tests.shared import shared_path

pytestmark = pytest.mark.shared

_CAPTURED_AT = datetime(2025, 5, 1, tzinfo=UTC)
_PAGES = {
    "rendered": ("wix_post_example.html",),
    "as_sent": ("wix_post_example_ssr.html",),
    "ad_inside": ("wix_variants", "ad_inside.html"),
    "button_inside": ("wix_variants", "button_inside.html"),
    "link_midword": ("wix_variants", "link_midword.html"),
}
_CUT = [name for name in _PAGES if name != "link_midword"]


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    text = shared_path("cases", "wix_post_example.expected.json").read_text("utf-8")
    return dict(json.loads(text))


def _read(name: str, expected: dict[str, Any]) -> Article:
    body = shared_path("cases", *_PAGES[name]).read_bytes()
    extraction = extract(PageSource(expected["url"], body, _CAPTURED_AT))
    assert extraction.verdict.kind is VerdictKind.ARTICLE
    assert extraction.article is not None
    return extraction.article


@pytest.mark.parametrize("name", _PAGES)
def test_metadata_is_exact(name: str, expected: dict[str, Any]) -> None:
    article = _read(name, expected)

    assert article.title == expected["title"]
    assert article.raw_title == expected["raw_title"]
    assert article.site == expected["site_name"]
    assert article.url == expected["url"]
    assert article.interface_language == expected["ui_language"]
    assert article.language == expected["content_language"]
    assert article.authors == (expected["author"],)
    assert article.published is not None
    assert article.published.at == datetime.fromisoformat(expected["published"])
    assert article.modified is not None
    assert article.modified.at == datetime.fromisoformat(expected["modified"])
    assert article.dateline is not None
    assert article.dateline.source == expected["dateline"]["source"]
    assert article.dateline.place == expected["dateline"]["place"]
    assert article.dateline.date is None


@pytest.mark.parametrize("name", _CUT)
def test_a_cut_word_is_mended_and_marked(name: str, expected: dict[str, Any]) -> None:
    article = _read(name, expected)

    assert [block.text for block in article.blocks] == expected["body_expected"]
    assert set(expected["text_defects"]) <= set(article.marks)


def test_a_link_inside_a_word_joins_it_again(expected: dict[str, Any]) -> None:
    article = _read("link_midword", expected)

    texts = [block.text for block in article.blocks]
    assert texts[0] == expected["body_expected"][0].replace(
        "anta.", "antara kedua negara."
    )
    assert texts[1:] == expected["body_expected"][1:]
    assert article.marks == ()


@pytest.mark.parametrize("name", _PAGES)
def test_no_interface_word_is_in_the_text(name: str, expected: dict[str, Any]) -> None:
    article = _read(name, expected)

    assert [word for word in expected["must_not_contain"] if word in article.text] == []


@pytest.mark.parametrize("name", [name for name in _PAGES if name != "as_sent"])
def test_counters_of_the_rendered_page_are_kept(
    name: str, expected: dict[str, Any]
) -> None:
    article = _read(name, expected)

    assert article.counters["views"] == expected["views"]
    assert article.counters["comments"] == expected["comments"]


def test_the_page_as_sent_has_no_view_count(expected: dict[str, Any]) -> None:
    assert "views" not in _read("as_sent", expected).counters


def test_the_post_as_plain_text_comes_out_the_same(expected: dict[str, Any]) -> None:
    text = shared_path("cases", "dadunation_post.txt").read_text("utf-8")

    article = extract_text(text, captured_at=_CAPTURED_AT).article

    assert article is not None
    assert article.title == expected["title"]
    assert article.raw_title == expected["raw_title"]
    assert article.site == expected["site_name"]
    assert article.language == "id"
    assert article.dateline is not None
    assert article.dateline.place == "Pyongyang"
    assert [block.text for block in article.blocks] == expected["body_expected"]
    assert article.counters == {"views": 16}
    assert [(r.text, r.boilerplate) for r in article.removed] == [
        ("16 Ansichten", "view_count"),
        ("Weiterlesen", "read_more"),
        ("Kommentare", "comment_heading"),
    ]
