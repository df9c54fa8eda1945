"""The headline is what most witnesses and the page itself agree on."""

import pytest

from crawler.extract.titles import TitleEvidence
from crawler.extract.titles_choice import choose_title
from crawler.extract.titles_seen import Heading, Seen
from crawler.extract.titles_names import key_of
from storage.model import Claim


def _claim(origin: str, raw: str) -> Claim:
    return Claim(origin=origin, raw=raw, value="")


def _headings(*headings: Heading) -> Seen:
    return Seen(
        lines={h.text: h.distance for h in headings},
        headings={key_of(h.text): h for h in headings},
    )


def test_the_headline_on_which_most_agree_wins() -> None:
    claims = [
        _claim("h1", "River floods three villages"),
        _claim("og:title", "Three villages under water"),
        _claim("title", "Three villages under water | Gazette"),
    ]

    chosen = choose_title(claims, TitleEvidence(site_names=("Gazette",)))

    assert chosen is not None
    assert chosen.winner.value == "Three villages under water"
    assert chosen.winner.origin == "og:title"
    assert [claim.origin for claim in chosen.losers] == ["h1", "title"]


def test_a_tie_goes_to_the_more_trusted() -> None:
    claims = [
        _claim("h1", "River floods villages"),
        _claim("feed", "Villages under water"),
    ]

    chosen = choose_title(claims, TitleEvidence())

    assert chosen is not None
    assert chosen.winner.origin == "h1"


def test_a_cut_headline_gives_way_to_the_longer_one() -> None:
    claims = [
        _claim("og:title", "River floods three villages in the…"),
        _claim("title", "River floods three villages in the northern valley"),
    ]

    chosen = choose_title(claims, TitleEvidence())

    assert chosen is not None
    assert chosen.winner.value == "River floods three villages in the northern valley"


def test_another_candidate_proves_a_glued_suffix() -> None:
    claims = [
        _claim("h1", "River floods three villages"),
        _claim("title", "River floods three villages-Gazette"),
    ]

    chosen = choose_title(claims, TitleEvidence())

    assert chosen is not None
    assert {chosen.winner.value, *(claim.value for claim in chosen.losers)} == {
        "River floods three villages"
    }


def test_the_sites_name_alone_loses() -> None:
    claims = [_claim("og:title", "Gazette"), _claim("title", "River floods villages")]

    chosen = choose_title(claims, TitleEvidence(site_names=("Gazette",)))

    assert chosen is not None
    assert chosen.winner.origin == "title"


@pytest.mark.parametrize("raws", [[], ["", " - "]])
def test_nothing_to_choose_from(raws: list[str]) -> None:
    assert choose_title([_claim("title", raw) for raw in raws], TitleEvidence()) is None
