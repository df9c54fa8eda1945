"""Every platform's page, in every language, gives back the story and nothing else."""

from datetime import UTC, datetime
from functools import cache

import pytest

from crawler.extract.article import extract
from crawler.extract.source import PageSource
from storage.model.article import Article
from storage.model.verdict import VerdictKind
from tests.quality.platforms import PLATFORMS, PUBLISHED
from tests.quality.stories import STORIES

_CAPTURED_AT = datetime(2026, 3, 4, tzinfo=UTC)
_EACH = [(platform, language) for platform in PLATFORMS for language in STORIES]


@cache
def _read(platform: str, language: str) -> Article:
    html = PLATFORMS[platform](STORIES[language]).encode()
    url = "https://lamp.example/story/4711-lighthouse-keeper"
    extraction = extract(PageSource(url, html, _CAPTURED_AT))
    assert extraction.verdict.kind is VerdictKind.ARTICLE, extraction.verdict.evidence
    assert extraction.article is not None
    return extraction.article


@pytest.mark.parametrize(("platform", "language"), _EACH)
def test_the_text_is_the_story(platform: str, language: str) -> None:
    assert _read(platform, language).text == STORIES[language].text


@pytest.mark.parametrize(("platform", "language"), _EACH)
def test_the_fields_are_the_story_s(platform: str, language: str) -> None:
    article, story = _read(platform, language), STORIES[language]

    assert article.title == story.title
    assert article.authors == (story.author,)
    assert article.language == language
    assert article.published is not None
    assert article.published.at == datetime.fromisoformat(PUBLISHED)
