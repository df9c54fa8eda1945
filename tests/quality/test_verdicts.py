"""Pages of every kind come out as what they are, and articles are never taken for less."""

import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crawler.extract.article import extract
from crawler.extract.source import Hint, PageSource
from storage.model.verdict import Verdict, VerdictKind
from tests.quality import (
    verdict_listed,
    verdict_notices,
    verdict_stories,
    verdict_walls,
)
from tests.quality.verdict_pages import SAMPLES, Sample

_CAPTURED_AT = datetime(2026, 3, 4, tzinfo=UTC)
_ALL = {
    **SAMPLES,
    **{
        f"{group}: {name}": sample
        for group, samples in (
            ("bot wall", verdict_walls.WALLS),
            ("consent", verdict_walls.CONSENTS),
            ("soft 404", verdict_notices.GONE),
            ("error", verdict_notices.ERRORS),
            ("in a story's place", verdict_listed.OTHERS),
            ("listed", verdict_listed.STORIES),
            ("teaser", verdict_stories.TEASERS),
            ("article", verdict_stories.ARTICLES),
        )
        for name, sample in samples.items()
    },
}
_TEXT = re.compile(r"(<(?:script|style)\b.*?</(?:script|style)>|<[^>]*>)", re.DOTALL)
#: Lines by which each kind of page is known, one of each in several languages.
_PHRASES = (
    "Just a moment…",
    "Are you a robot?",
    "Access Denied",
    "We value your privacy and use cookies.",
    "Wir benötigen Ihre Zustimmung.",
    "404: page not found",
    "Halaman tidak ditemukan",
    "お探しのページは見つかりません",
    "Subscribe to our newsletter",
    "Something went wrong",
    "Loading…",
)
#: In no language a teaser whose line asks for money is a very short article.
_KNOWN_BY_A_LINE = {
    "teaser: a line asks to subscribe",
    "teaser: English, a line asks, layout of divs",
}


def _verdict(sample: Sample, html: str | None = None) -> Verdict:
    return extract(
        PageSource(
            f"https://lamp.example{sample.path}",
            (sample.html if html is None else html).encode(),
            _CAPTURED_AT,
            sample.status,
            sample.headers,
            hint=Hint(title=sample.listed),
        )
    ).verdict


def _in_no_language(sample: Sample) -> Sample:
    listed = in_no_language(sample.listed) if sample.listed else None
    return replace(sample, html=in_no_language(sample.html), listed=listed)


def in_no_language(html: str) -> str:
    """Return a page with every visible letter shifted: nobody knows its phrases."""
    pieces = _TEXT.split(html)
    return "".join(
        piece if n % 2 else "".join(map(_shift, piece))
        for n, piece in enumerate(pieces)
    )


def _shift(letter: str) -> str:
    for first, last in (("a", "z"), ("A", "Z"), ("а", "я"), ("А", "Я")):
        if first <= letter <= last:
            size = ord(last) - ord(first) + 1
            return chr(ord(first) + (ord(letter) - ord(first) + 7) % size)
    # CJK, kana, Hangul, Arabic: another letter of the same script
    return chr(ord(letter) ^ 1) if letter.isalpha() and ord(letter) > 0x3FF else letter


@pytest.mark.parametrize("sample", _ALL.values(), ids=_ALL.keys())
def test_a_page_is_what_it_is(sample: Sample) -> None:
    verdict = _verdict(sample)

    assert verdict.kind is sample.kind, verdict.evidence
    assert verdict.evidence


@pytest.mark.parametrize("name", sorted(_ALL.keys() - _KNOWN_BY_A_LINE))
def test_a_page_in_no_language_is_no_article_unless_it_is_one(name: str) -> None:
    sample = _ALL[name]

    verdict = _verdict(_in_no_language(sample))

    is_article = sample.kind is VerdictKind.ARTICLE
    assert (verdict.kind is VerdictKind.ARTICLE) is is_article, verdict.evidence


@pytest.mark.parametrize("phrase", _PHRASES)
@pytest.mark.parametrize("name", ["short news", "story about a paywall"])
def test_a_phrase_in_the_text_makes_nothing_of_an_article(
    name: str, phrase: str
) -> None:
    sample = _ALL[f"article: {name}"]
    html = sample.html.replace("</h1>", f"</h1><p>{phrase}</p>", 1)

    assert _verdict(sample, html).kind is VerdictKind.ARTICLE


@pytest.mark.parametrize("phrase", _PHRASES)
@pytest.mark.parametrize("name", ["short news", "story about a paywall"])
def test_a_phrase_as_its_title_makes_nothing_of_an_article(
    name: str, phrase: str
) -> None:
    sample = _ALL[f"article: {name}"]
    html = re.sub(r"(<title>|<h1>)[^<]*", rf"\1{phrase}", sample.html)

    assert _verdict(sample, html).kind is VerdictKind.ARTICLE


@pytest.mark.parametrize("sample", verdict_listed.OTHERS.values())
def test_a_page_shows_nothing_of_another_one_s_headline_in_any_language(
    sample: Sample,
) -> None:
    for other in verdict_listed.OTHERS.values():
        verdict = _verdict(replace(sample, listed=other.listed))

        assert verdict.kind is VerdictKind.ERROR, (other.listed, verdict.evidence)


@pytest.mark.parametrize("sample", verdict_listed.STORIES.values())
def test_a_story_is_one_under_a_headline_that_is_told_otherwise(sample: Sample) -> None:
    """Lists add a section, a site's name or an ellipsis to a headline."""
    listed = f"Portal | {str(sample.listed)[:40]}…"

    assert _verdict(replace(sample, listed=listed)).kind is not VerdictKind.ERROR


def test_every_kind_has_pages_of_a_dozen_builds() -> None:
    assert min(Counter(sample.kind for sample in _ALL.values()).values()) >= 12
