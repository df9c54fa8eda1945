"""Site rules: what they match, and how it shows when they match nothing."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crawler.extract.article import extract
from crawler.extract.page import read_page
from crawler.extract.readers.rules import RuleMatch, rule_matches
from crawler.extract.source import PageSource, SiteRules
from storage.model.article import Article

_BODY = (
    "<h1 class=head>Weir gets a new gate</h1><p class=who>Mara Lund</p>"
    "<time datetime='2026-02-27T06:00:00+01:00'>Friday</time><div id=old></div>"
    "<div id=text><p>The weir below the mill has a new gate, and the first water ran "
    "through it on Friday morning, the river board said.</p>"
    "<p class=promo>Get our letter each morning.</p>"
    "<p>It replaces one of oak that had stood for a hundred and twelve years.</p></div>"
)
_PAGE = PageSource(
    "https://weir.example/gate",
    f"<html lang=en><head><meta charset=utf-8></head><body>{_BODY}</body>".encode(),
    datetime(2026, 3, 1, tzinfo=UTC),
)


def _read(rules: SiteRules) -> Article:
    article = extract(replace(_PAGE, rules=rules)).article
    assert article is not None
    return article


@pytest.mark.parametrize("key", ["title", "authors", "published", "body"])
def test_a_field_whose_rule_matches_nothing_is_marked(key: str) -> None:
    marks = _read(SiteRules(**{key: ".gone"})).marks

    assert f"rule_unmatched:{key}" in marks


@pytest.mark.parametrize(
    ("key", "selector", "origin"),
    [
        ("title", ".head", "rule:.head"),
        ("authors", ".who", "rule:.who"),
        ("published", "time", "rule:time"),
        ("body", "#text", "rule"),
    ],
)
def test_what_a_rule_selects_wins_with_the_rule_as_origin(
    key: str, selector: str, origin: str
) -> None:
    article = _read(SiteRules(**{key: selector}))

    assert article.provenance[key].winner.origin == origin
    assert not any(mark.startswith("rule_unmatched") for mark in article.marks)


def test_an_empty_element_is_no_body_and_the_page_is_read_without_the_rule() -> None:
    article = _read(SiteRules(body="#old"))

    assert "rule_unmatched:body" in article.marks
    assert "The weir below the mill" in article.text


def test_removals_are_marked_only_when_none_matches() -> None:
    one_of_two = _read(SiteRules(remove=(".promo", ".gone")))
    none = _read(SiteRules(remove=(".gone", ".lost")))

    assert "rule_unmatched:remove" not in one_of_two.marks
    assert "rule_unmatched:remove" in none.marks


def test_rules_out_of_their_days_leave_no_mark() -> None:
    rules = SiteRules(
        title=".gone", valid_until=datetime(2025, 1, 1, tzinfo=UTC).date()
    )

    assert not _read(rules).marks


def test_matches_are_counted_with_what_they_say() -> None:
    rules = SiteRules(title=".head", published="time", remove=(".promo", ".gone"))

    assert list(rule_matches(read_page(_PAGE), rules)) == [
        RuleMatch(
            key="title", rule=".head", matches=1, texts=("Weir gets a new gate",)
        ),
        RuleMatch(
            key="published",
            rule="time",
            matches=1,
            texts=("2026-02-27T06:00:00+01:00",),
        ),
        RuleMatch(
            key="remove",
            rule=".promo",
            matches=1,
            texts=("Get our letter each morning.",),
        ),
        RuleMatch(key="remove", rule=".gone", matches=0),
    ]


def test_a_long_text_is_shortened() -> None:
    (match,) = rule_matches(read_page(_PAGE), SiteRules(body="body"))

    assert len(match.texts[0]) == 200
    assert match.texts[0].endswith("…")


def test_a_reading_says_by_which_rules_it_was_made() -> None:
    """The extractor is named with a digest of the rules, which other rules change."""
    rules = SiteRules(body="#text")
    plain, by_rules = extract(_PAGE), extract(replace(_PAGE, rules=rules))
    by_others = extract(replace(_PAGE, rules=SiteRules(body="#text", remove=(".x",))))

    assert by_rules.extractor == f"{plain.extractor}+rules.{rules.version}"
    assert by_others.extractor not in {plain.extractor, by_rules.extractor}


def test_rules_that_do_not_hold_on_the_day_are_not_named() -> None:
    """A reading by no rules bears the extractor's name alone."""
    rules = SiteRules(
        title=".gone", valid_until=datetime(2025, 1, 1, tzinfo=UTC).date()
    )

    assert extract(replace(_PAGE, rules=rules)).extractor == extract(_PAGE).extractor
