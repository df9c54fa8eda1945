"""Every shared case of text facts: titles, datelines, cuts, bylines, dates, lines."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from crawler.dates import possible_moments, read_moment
from crawler.extract.bylines.line import read_byline
from crawler.extract.cuts import mend_lines
from crawler.extract.datelines.dateline import read_dateline
from crawler.extract.lines.judging import Decision, Line, Zone, judge_line
from crawler.extract.titles.cleaning import TitleEvidence, clean_title
from crawler.extract.titles.learned import accepted
from crawler.lexicon.match import match_line
from storage.model.moment import Precision
from tests.shared import shared_path

pytestmark = pytest.mark.shared

_KINDS = (
    "title_clean",
    "dateline",
    "cut_text",
    "byline",
    "relative_date",
    "absolute_date",
)
_PROSE = (
    "A long paragraph of prose tells what happened, who said so and what comes "
    "next, and it ends in a full stop."
)
_DECISIONS = {
    "drop": Decision.DROP,
    "keep": Decision.KEEP,
    "keep as sub-heading": Decision.KEEP,
    "keep but mark": Decision.MARK,
    "keep in quote": Decision.KEEP,
    "metadata": Decision.METADATA,
    "flag": Decision.FLAG,
}
_PRECISIONS = {
    "week": Precision.DAY,
    "day": Precision.DAY,
    "hour": Precision.MINUTE,
    "minute": Precision.MINUTE,
}


def _load(name: str) -> list[dict[str, Any]]:
    try:
        path = shared_path("cases", name)
    except pytest.skip.Exception:
        return []
    cases: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))
    return cases


_CASES = _load("cases.json")
_LINES = _load("line_cases.json")


def _of(kind: str) -> list[Any]:
    return [
        pytest.param(case, id=case["id"]) for case in _CASES if case["kind"] == kind
    ]


def test_the_cases_are_there() -> None:
    assert shared_path("cases", "cases.json").is_file()
    assert {case["kind"] for case in _CASES} == set(_KINDS)


@pytest.mark.parametrize("case", _of("title_clean"))
def test_title(case: dict[str, Any]) -> None:
    given = case["input"]
    evidence = TitleEvidence(
        site_names=(given["og_site_name"],) if "og_site_name" in given else (),
        host=given.get("host", ""),
        h1=given.get("h1"),
        section=given.get("article_section"),
        suffixes=_learned(given, "learned_suffixes"),
        prefixes=_learned(given, "learned_prefixes"),
    )

    assert clean_title(given["title"], evidence) == case["expected"]


def _learned(given: dict[str, Any], kind: str) -> tuple[str, ...]:
    counts = {affix: tuple(pair) for affix, pair in given.get(kind, {}).items()}
    return accepted(counts, [given.get("og_site_name", "")])


@pytest.mark.parametrize("case", _of("dateline"))
def test_dateline(case: dict[str, Any]) -> None:
    found = read_dateline(case["input"])

    if case["expected"] is None:
        assert found is None
        return
    expected = dict(case["expected"])
    start = expected.pop("rest_starts_with")
    assert found is not None
    assert {
        "place": found.place,
        "source": found.source,
        "date": found.date,
    } == expected
    assert case["input"][found.rest :].startswith(start)


@pytest.mark.parametrize("case", _of("cut_text"))
def test_cut(case: dict[str, Any]) -> None:
    mended = mend_lines(case["input"])

    assert list(mended.cut_at) == case["expected"]["cut_at"]
    assert list(mended.orphans) == case["expected"]["orphan"]


@pytest.mark.parametrize("case", _of("byline"))
def test_byline(case: dict[str, Any]) -> None:
    found = read_byline(case["input"], language=case["lang"])

    assert (list(found.names) if found else None) == case["expected"]


@pytest.mark.parametrize("case", _of("relative_date"))
def test_relative_date(case: dict[str, Any]) -> None:
    now = datetime.fromisoformat(case["now"])

    found = read_moment(case["input"], captured_at=now, language=case["lang"])

    if case["expected"] is None:
        assert found is None
        return
    assert found is not None
    assert found.at.isoformat().startswith(case["expected"])
    assert found.precision is _PRECISIONS[case["granularity"]]


@pytest.mark.parametrize("case", _of("absolute_date"))
def test_absolute_date(case: dict[str, Any]) -> None:
    captured_at = datetime(2025, 12, 31, tzinfo=UTC)

    found = possible_moments(
        case["input"], captured_at=captured_at, language=case["lang"]
    )

    if case["expected"] == "ambiguous":
        assert len(found) == 2
        assert (
            read_moment(case["input"], captured_at=captured_at, language=case["lang"])
            is None
        )
        return
    assert [moment.at.date().isoformat() for moment in found] == [case["expected"]]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in _LINES])
def test_line(case: dict[str, Any]) -> None:
    found = judge_line(_line(case))

    assert found.decision is _DECISIONS[case["decision"]]


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=case["id"])
        for case in _LINES
        if case["lexicon_class"] and not case["decision"].startswith("keep")
    ],
)
def test_phrase(case: dict[str, Any]) -> None:
    found = match_line(case["text"])

    assert found is not None
    assert found.boilerplate == case["lexicon_class"]


def _line(case: dict[str, Any]) -> Line:
    context = case["context"]
    seen = re.match(r"(\d+)/(\d+)", context["host_df"])
    return Line(
        text=case["text"],
        zone=Zone(context["zone"]),
        tag=context["tag"],
        link_density=context["link_density"],
        dom=context["dom"],
        seen_on=(int(seen[1]), int(seen[2])) if seen else (0, 0),
        previous=_neighbour(context["prev"]),
        following=_neighbour(context["next"]),
        language=context["article_lang"],
    )


def _neighbour(described: str) -> str:
    return _PROSE if described == "a long paragraph of prose" else described
