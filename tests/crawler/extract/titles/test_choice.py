"""The headline is what most witnesses and the page itself agree on."""

import pytest

from crawler.extract.titles.choice import choose_title
from crawler.extract.titles.cleaning import TitleEvidence
from crawler.extract.titles.names import key_of
from crawler.extract.titles.seen import Heading, Seen
from storage.model.article import Claim


def _claim(origin: str, raw: str) -> Claim:
    return Claim(origin=origin, raw=raw, value="")


def _headings(*headings: Heading) -> Seen:
    return Seen(
        lines={h.text: h.distance for h in headings},
        headings={key_of(h.text): h for h in headings},
    )


def _winner(
    claims: list[Claim], *, seen: Seen | None = None, url: str = "", news: bool = False
) -> str:
    evidence = TitleEvidence(site_names=("Gazette",), host="gazette.example")
    chosen = choose_title(claims, evidence, seen=seen, url=url, news=news)
    assert chosen is not None
    return chosen.winner.value


def test_the_headline_on_which_most_agree_wins() -> None:
    claims = [
        _claim("meta:og:title", "Three villages under water"),
        _claim("title", "Three villages under water | Gazette"),
        _claim("dom:h1", "River floods three villages"),
    ]

    chosen = choose_title(claims, TitleEvidence(site_names=("Gazette",)))

    assert chosen is not None
    assert chosen.winner.value == "Three villages under water"
    assert chosen.winner.origin == "meta:og:title"
    assert [claim.origin for claim in chosen.losers] == ["title", "dom:h1"]


def test_the_heading_over_the_story_wins_against_what_engines_are_told() -> None:
    claims = [
        _claim("meta:og:title", "Best river walks 2025 - Top 10 picks"),
        _claim("dom:h1", "Ten walks along the river, tried in the rain"),
    ]
    seen = _headings(Heading("Ten walks along the river, tried in the rain", 1, 3))

    assert _winner(claims, seen=seen) == "Ten walks along the river, tried in the rain"


def test_a_news_articles_own_headline_keeps_its_kicker() -> None:
    claims = [
        _claim("json-ld:headline", "Kenya: Nairobi from below"),
        _claim("meta:og:title", "Kenya: Nairobi from below"),
        _claim("dom:h1", "Nairobi from below"),
    ]
    seen = _headings(Heading("Nairobi from below", 1, 3))

    assert _winner(claims, seen=seen, news=True) == "Kenya: Nairobi from below"


def test_the_part_of_a_title_that_stands_over_the_story_is_the_headline() -> None:
    claims = [_claim("title", "THE PAPER - How much sleep is enough - health + sport")]
    seen = Seen(lines={"health + sport": 60, "How much sleep is enough": 2})

    assert _winner(claims, seen=seen) == "How much sleep is enough"


def test_a_heading_that_names_a_section_is_not_the_headline() -> None:
    claims = [
        _claim("title", "Chewing gum against hunger made by chemists"),
        _claim("dom:h1", "Medicine and health"),
    ]
    seen = _headings(
        Heading("Medicine and health", 1, 3),
        Heading("Chewing gum against hunger made by chemists", 2, 1),
    )

    assert _winner(claims, seen=seen) == "Chewing gum against hunger made by chemists"


def test_words_of_the_address_tell_between_headlines() -> None:
    claims = [
        _claim("meta:twitter:title", "What the old mill means to the town today"),
        _claim("meta:dc.title", "Swing bridge opens again after eleven years"),
    ]
    url = "https://gazette.example/2025/swing-bridge-opens-again-after-eleven-years"

    assert _winner(claims, url=url) == "Swing bridge opens again after eleven years"


def test_addresses_spell_words_without_accents() -> None:
    claims = [
        _claim("meta:twitter:title", "Was die alte Muehle der Stadt bedeutet"),
        _claim("meta:dc.title", "Drehbrücke öffnet für größere Schiffe"),
    ]
    url = "https://gazette.example/drehbruecke-oeffnet-fuer-groessere-schiffe"

    assert _winner(claims, url=url) == "Drehbrücke öffnet für größere Schiffe"


def test_a_site_rule_decides() -> None:
    claims = [
        _claim("rule:title", "What the rule selects"),
        _claim("json-ld:headline", "River floods three villages"),
        _claim("meta:og:title", "River floods three villages"),
        _claim("dom:h1", "River floods three villages"),
    ]

    assert _winner(claims) == "What the rule selects"


def test_headlines_of_other_stories_in_the_structured_data_have_no_weight() -> None:
    claims = [
        _claim("json-ld:headline", "River floods three villages"),
        _claim("json-ld:headline", "Ten mills that still grind"),
        _claim("title", "Ten mills that still grind"),
    ]

    assert _winner(claims) == "River floods three villages"


def test_an_attribute_cut_at_a_quotation_gives_way() -> None:
    claims = [
        _claim("meta:og:title", "Senator calls the mayor "),
        _claim("meta:twitter:title", "Senator calls the mayor "),
        _claim("title", 'Senator calls the mayor "unfit"'),
    ]

    assert _winner(claims) == 'Senator calls the mayor "unfit"'


def test_a_number_in_front_is_unread_things_only_in_a_windows_title() -> None:
    assert _winner([_claim("title", "(16) Shortcuts to a vaccine")]) == (
        "Shortcuts to a vaccine"
    )
    assert _winner([_claim("dom:h1", "(16) Shortcuts to a vaccine")]) == (
        "(16) Shortcuts to a vaccine"
    )


def test_the_spelling_of_most_is_taken() -> None:
    claims = [
        _claim("json-ld:headline", "Climate: drilling until it is hot"),
        _claim("meta:og:title", "Climate: drilling until it is hot"),
        _claim("dom:h1", "Climate : drilling until it is hot"),
    ]

    assert _winner(claims) == "Climate: drilling until it is hot"


def test_a_page_without_titles_has_the_line_over_its_story() -> None:
    seen = Seen(
        lines={
            "Sports today": 9,
            "Old mill grinds again": 2,
            "[2025/01/12 17:21]": 1,
            "The mill by the river grinds flour again.": 0,
        }
    )

    chosen = choose_title([], TitleEvidence(), seen=seen)

    assert chosen is not None
    assert chosen.winner.value == "Old mill grinds again"
    assert chosen.winner.origin == "text:line"


def test_a_heading_that_nobody_claims_is_kept_as_a_loser() -> None:
    seen = _headings(Heading("Old mill grinds again", 2, 1))

    chosen = choose_title(
        [_claim("meta:og:title", "River floods three villages")],
        TitleEvidence(),
        seen=seen,
    )

    assert chosen is not None
    assert [c.origin for c in chosen.losers] == ["text:h2"]


def test_a_cut_headline_gives_way_to_the_longer_one() -> None:
    claims = [
        _claim("meta:og:title", "River floods three villages in the…"),
        _claim("title", "River floods three villages in the northern valley"),
    ]

    chosen = choose_title(claims, TitleEvidence())

    assert chosen is not None
    assert chosen.winner.value == "River floods three villages in the northern valley"


def test_another_candidate_proves_a_glued_suffix() -> None:
    claims = [
        _claim("dom:h1", "River floods three villages"),
        _claim("title", "River floods three villages-Gazette"),
    ]

    chosen = choose_title(claims, TitleEvidence())

    assert chosen is not None
    assert {chosen.winner.value, *(claim.value for claim in chosen.losers)} == {
        "River floods three villages"
    }


def test_the_sites_name_alone_loses() -> None:
    claims = [
        _claim("meta:og:title", "Gazette"),
        _claim("title", "River floods villages"),
    ]

    chosen = choose_title(claims, TitleEvidence(site_names=("Gazette",)))

    assert chosen is not None
    assert chosen.winner.origin == "title"


@pytest.mark.parametrize("raws", [[], ["", " - "]])
def test_nothing_to_choose_from(raws: list[str]) -> None:
    assert choose_title([_claim("title", raw) for raw in raws], TitleEvidence()) is None


def test_what_stands_below_the_headline_in_its_heading_is_not_of_it() -> None:
    heading = "River floods three villages\nWhat the mayor said at night"
    claims = [
        _claim("dom:h1", heading),
        _claim("meta:og:title", "River floods three villages"),
    ]
    seen = _headings(Heading(" ".join(heading.split("\n")), 1, 3))

    assert _winner(claims, seen=seen) == "River floods three villages"


def test_a_heading_of_many_lines_is_whole_where_nobody_says_less() -> None:
    claims = [
        _claim("dom:h1", "River floods\nthree villages"),
        _claim("meta:og:title", "Villages under water"),
    ]
    seen = _headings(Heading("River floods three villages", 1, 3))

    assert _winner(claims, seen=seen) == "River floods three villages"
