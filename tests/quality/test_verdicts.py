"""Pages of every kind come out as what they are, and articles are never taken for less."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from crawler.extract.article import extract
from crawler.extract.source import PageSource
from tests.quality.verdict_pages import SAMPLES, Sample

_CAPTURED_AT = datetime(2026, 3, 4, tzinfo=UTC)


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES.keys())
def test_a_page_is_what_it_is(sample: Sample) -> None:
    verdict = extract(
        PageSource(
            f"https://lamp.example{sample.path}",
            sample.html.encode(),
            _CAPTURED_AT,
            sample.status,
            sample.headers,
        )
    ).verdict

    assert verdict.kind is sample.kind, verdict.evidence
    assert verdict.evidence


def test_every_kind_has_pages_of_several_builds() -> None:
    assert min(Counter(sample.kind for sample in SAMPLES.values()).values()) >= 3
