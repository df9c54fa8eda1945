"""A language is called by one code, however its tag is written."""

from datetime import UTC, datetime

import pytest

from crawler.extract.article import extract
from crawler.extract.language.tags import language_code
from crawler.extract.source import PageSource


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("de", "de"),
        ("en-US", "en"),
        ("en_US", "en"),
        (" zh-Hans-CN ", "zh"),
        ("in", "id"),
        ("nb-NO", "no"),
        ("lang=", None),
        ("utf-8", None),
        ("de, en", None),
        ("English", None),
        ("", None),
        (None, None),
    ],
)
def test_a_tag_tells_its_language(tag: str | None, code: str | None) -> None:
    assert language_code(tag) == code


@pytest.mark.parametrize(
    ("lang", "code"), [("en_US", "en"), ("lang=", "fr"), ("iw", "he")]
)
def test_the_interface_s_language_is_a_code(lang: str, code: str) -> None:
    """What is no tag gives way to the page's other word."""
    html = (
        f'<html lang="{lang}"><head><meta property="og:locale" content="fr_CA"></head><body>'
        "<h1>The lamp is lit again</h1><p>The council lit the lamp on Monday, and all came.</p>"
    )
    at = datetime(2026, 3, 4, tzinfo=UTC)

    found = extract(PageSource("https://lamp.example/lit", html.encode(), at))

    assert found.article is not None
    assert found.article.interface_language == code
