"""Headlines lose the site's name only on evidence."""

import pytest

from crawler.extract.titles import TitleEvidence, choose_title, clean_title
from storage.model import Claim


def _claim(origin: str, raw: str) -> Claim:
    return Claim(origin=origin, raw=raw, value="")


@pytest.mark.parametrize(
    ("raw", "evidence", "expected"),
    [
        pytest.param(
            "Sungai meluap di tiga desa - Warta Kita",
            TitleEvidence(host="www.wartakita.example"),
            "Sungai meluap di tiga desa",
            id="host evidence cuts a spaced name",
        ),
        pytest.param(
            "Krisis Laut Hitam-Wartakita",
            TitleEvidence(host="www.wartakita.example"),
            "Krisis Laut Hitam-Wartakita",
            id="host evidence never cuts a glued name",
        ),
        pytest.param(
            "Das Morgenblatt – wie alles begann",
            TitleEvidence(site_names=("Das Morgenblatt",)),
            "Das Morgenblatt – wie alles begann",
            id="a name in front stays when it is not learned",
        ),
        pytest.param(
            "Why rivers bend : Field Notes - Science : KXYZ",
            TitleEvidence(
                site_names=("KXYZ",),
                learned_suffixes={" : Field Notes - Science : KXYZ": (9, 120)},
            ),
            "Why rivers bend",
            id="a rare suffix counts when it ends in the site's name",
        ),
        pytest.param(
            "Why rivers bend | Field Notes",
            TitleEvidence(learned_suffixes={" | Field Notes": (9, 120)}),
            "Why rivers bend | Field Notes",
            id="a rare suffix alone does not count",
        ),
        pytest.param(
            "Short notes on rain | Daily",
            TitleEvidence(learned_suffixes={" | Daily": (3, 3)}),
            "Short notes on rain | Daily",
            id="three titles teach nothing",
        ),
        pytest.param(
            "市政府就停水作出回应_本地_晨报网",
            TitleEvidence(site_names=("晨报网",), section="本地"),
            "市政府就停水作出回应",
            id="Chinese chain with section",
        ),
        pytest.param(
            "Salt &amp;amp; Pepper return | The Gazette",
            TitleEvidence(site_names=("Gazette",)),
            "Salt & Pepper return",
            id="entities twice",
        ),
        pytest.param(
            "Salt and pepper return | Gazette",
            TitleEvidence(site_names=("The Gazette",)),
            "Salt and pepper return",
            id="a name goes without its article too",
        ),
        pytest.param(
            "Minister tritt zurück - Morgenblatt Online",
            TitleEvidence(site_names=("Morgenblatt",)),
            "Minister tritt zurück",
            id="publication words belong to the name",
        ),
        pytest.param(
            "Minister tritt zurück | 28.04.2025 | Morgenblatt",
            TitleEvidence(site_names=("Morgenblatt",)),
            "Minister tritt zurück",
            id="a date between headline and name",
        ),
        pytest.param(
            "Gempa guncang pulau | Halaman 3 | Warta.com",
            TitleEvidence(site_names=("Warta",)),
            "Gempa guncang pulau",
            id="page mark before the name",
        ),
        pytest.param(
            "Warta - Gempa guncang pulau",
            TitleEvidence(h1="Gempa guncang pulau"),
            "Gempa guncang pulau",
            id="h1 proves a prefix",
        ),
        pytest.param(
            "Rain falls on the plain -",
            TitleEvidence(),
            "Rain falls on the plain",
            id="dangling separator",
        ),
        pytest.param(
            "강물이 불어났다 < 지역 < 기사본문 - 새벽신문",
            TitleEvidence(site_names=("새벽신문",)),
            "강물이 불어났다",
            id="Korean breadcrumb chain",
        ),
        pytest.param(
            "Gazette", TitleEvidence(site_names=("Gazette",)), "Gazette", id="only name"
        ),
    ],
)
def test_clean_title(raw: str, evidence: TitleEvidence, expected: str) -> None:
    assert clean_title(raw, evidence) == expected


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
