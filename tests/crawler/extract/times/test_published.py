"""The day of publication is the one with the strongest witnesses."""

from datetime import UTC, datetime

import pytest

from crawler.extract.times.published import choose_times
from crawler.extract.times.witnesses import (
    DateContext,
    is_beside_story,
    is_stated,
)
from storage.model.article import Claim

_NOW = datetime(2026, 3, 3, tzinfo=UTC)
_CONTEXT = DateContext(captured_at=_NOW, language="en")


def _claims(*pairs: tuple[str, str]) -> list[Claim]:
    return [Claim(origin=origin, raw=raw, value=raw) for origin, raw in pairs]


def _published(*pairs: tuple[str, str], context: DateContext = _CONTEXT) -> str:
    moment = choose_times(_claims(*pairs), context)[0]
    return moment.at.isoformat() if moment else ""


_DATA = "json-ld:datePublished"
_META = "meta:article:published_time"
_LINE = "text:line under headline"


@pytest.mark.parametrize(
    ("claims", "published"),
    [
        pytest.param(
            [(_META, "2027-01-01T00:00:00Z"), (_LINE, "March 1, 2026")],
            "2026-03-01T00:00:00+00:00",
            id="the future is not believed",
        ),
        pytest.param(
            [("url", "2026-03-01"), (_LINE, "1 March 2026"), (_DATA, "2025-01-01")],
            "2026-03-01T00:00:00+00:00",
            id="two of other kinds overrule one",
        ),
        pytest.param(
            [(_DATA, "2026-02-01"), (_META, "2026-02-01"), (_LINE, "May 3, 2019")],
            "2019-05-03T00:00:00+00:00",
            id="records stamped anew do not hide the day that readers see",
        ),
        pytest.param(
            [(_DATA, "2026-02-01"), (_LINE, "In May 2019 the paper said more")],
            "2026-02-01T00:00:00+00:00",
            id="a day within words is not the one that readers see",
        ),
        pytest.param(
            [("meta:published:b", "2026-02-01"), ("meta:published:a", "2025-02-01")],
            "2025-02-01T00:00:00+00:00",
            id="of equal records the first holds",
        ),
        pytest.param(
            [(_DATA, "2026-03-01"), (_META, "2026-03-01T08:00:00Z")],
            "2026-03-01T08:00:00+00:00",
            id="a clock time wins over its bare day",
        ),
        pytest.param(
            [(_DATA, "2026-03-01"), ("text:line related", "2025-03-01 08:00")],
            "2026-03-01T00:00:00+00:00",
            id="a clock time of another day does not",
        ),
        pytest.param(
            [(_META, "2025-04-01"), ("json-ld:dateModified", "2026-02-01"), (_LINE, "February 1, 2026")],
            "2025-04-01T00:00:00+00:00",
            id="the day of a change is not that of publication",
        ),
        pytest.param(
            [("meta:article:modified_time", "2026-02-01")],
            "2026-02-01T00:00:00+00:00",
            id="the day of a change is better than none",
        ),
        pytest.param(
            [(_DATA, "2026-02-01"), ("text:updated under headline", "Updated Feb 1, 2026"),
             ("text:published under headline", "Published May 5, 2025")],
            "2025-05-05T00:00:00+00:00",
            id="labels that readers see are believed",
        ),
        pytest.param(
            [(_DATA, "2026-02-01T19:30:00+01:00"), ("meta:date", "2026-02-02"), (_LINE, "Feb 2, 2026")],
            "2026-02-01T19:30:00+01:00",
            id="a paper is dated the day after",
        ),
        pytest.param(
            [("dom:time near", "2026-02-01"), ("dom:time near", "2026-02-09"), ("dom:time near", "2026-02-09")],
            "2026-02-01T00:00:00+00:00",
            id="the first of a kind counts most",
        ),
        pytest.param(
            [("rule:time.day", "2024-02-01"), (_DATA, "2026-02-01"), (_META, "2026-02-01"), ("url", "2026-02-01")],
            "2024-02-01T00:00:00+00:00",
            id="a site rule is above all",
        ),
        pytest.param([(_META, "soon")], "", id="nothing readable"),
        pytest.param([], "", id="nothing"),
        pytest.param(
            [("unheard-of", "2026-02-01")],
            "2026-02-01T00:00:00+00:00",
            id="an unknown witness is heard",
        ),
    ],
)  # fmt: skip
def test_the_day_is_chosen(claims: list[tuple[str, str]], published: str) -> None:
    assert _published(*claims) == published


def test_the_order_of_the_host_decides() -> None:
    british = DateContext(captured_at=_NOW, day_first=True)
    american = DateContext(captured_at=_NOW, day_first=False)

    assert _published((_LINE, "03/02/2026"), context=british)[:10] == "2026-02-03"
    assert _published((_LINE, "02/03/2026"), context=american)[:10] == "2026-02-03"


def test_the_usual_order_decides_where_none_was_learned() -> None:
    usual = DateContext(captured_at=_NOW, usual=False)

    assert _published((_LINE, "02/03/2026"), context=usual)[:10] == "2026-02-03"


def test_another_witness_decides_an_open_order_against_the_usual_one() -> None:
    usual = DateContext(captured_at=_NOW, usual=False)
    claims = [(_LINE, "03/02/2026"), ("url", "2026-02-03")]

    assert _published(*claims, context=usual)[:10] == "2026-02-03"


def test_slow_searches_are_asked_only_while_witnesses_are_weak() -> None:
    asked: list[str] = []

    def search(origin: str, raw: str) -> list[Claim]:
        asked.append(origin)
        return _claims((origin, raw))

    more = (
        lambda: search(_DATA, "2026-01-01"),
        lambda: search("url:image", "2026-01-02"),
    )
    moment = choose_times(_claims(("url:image", "2026-02-02")), _CONTEXT, more)[0]

    assert moment is not None
    assert moment.at.day == 1
    assert asked == [_DATA]


def test_the_losers_are_kept() -> None:
    claims = _claims((_META, "2026-02-01"), (_LINE, "2026-02-12"))

    provenance = choose_times(claims, _CONTEXT)[1]

    assert provenance is not None
    assert provenance.winner.origin == _META
    assert [c.origin for c in provenance.losers] == [_LINE]


def test_a_change_is_not_before_publication() -> None:
    claims = _claims(
        (_META, "2026-02-01"),
        ("json-ld:dateModified", "2025-01-01"),
        ("meta:article:modified_time", "2026-02-02"),
    )

    _, _, moment, provenance = choose_times(claims, _CONTEXT)

    assert moment is not None
    assert moment.at.date().isoformat() == "2026-02-02"
    assert provenance is not None
    assert provenance.winner.origin == "meta:article:modified_time"


def test_the_time_of_a_comment_is_not_lent_to_the_story() -> None:
    claims = _claims(("url", "2026-02-01"), ("dom:time card", "2026-02-01T21:00:00Z"))

    moment = choose_times(claims, _CONTEXT)[0]

    assert moment is not None
    assert moment.at.hour == 0


def test_the_day_it_is_over_the_headline_is_doubted() -> None:
    claims = _claims(
        ("text:line over headline", "Tuesday, March 3, 2026"),
        ("text:published under text", "Published on March 1, 2026"),
    )

    moment = choose_times(claims, _CONTEXT)[0]

    assert moment is not None
    assert moment.at.day == 1


@pytest.mark.parametrize(
    ("origin", "beside", "stated"),
    [
        (_DATA, True, True),
        ("dom:time near", True, True),
        (_LINE, True, False),
        ("text:since", True, False),
        ("meta:article:modified_time", True, False),
        ("dom:time card", False, False),
        ("text:line page", False, False),
        ("url", False, False),
        ("script:published", False, False),
    ],
)
def test_where_a_day_stands(origin: str, beside: bool, stated: bool) -> None:
    assert is_beside_story(origin) is beside
    assert is_stated(origin) is stated
