"""Why a page is read as it is, in lines for people."""

from crawler.cli.explaining.witness import explained, words
from crawler.extract.anatomy import Fate, PageBlock
from crawler.extract.explanation import Explanation, FieldView
from crawler.extract.readers.rules import RuleMatch
from storage.model.article import BlockKind, Claim, Removed
from storage.model.verdict import VerdictKind


def _lines(**fields: object) -> list[str]:
    told = Explanation(
        url="https://courier.example/",
        title="Mill",
        language="en",
        verdict=VerdictKind.ARTICLE,
        evidence=("dated",),
        extractor="test-1",
        **fields,  # type: ignore[arg-type]
    )
    return [words(line) for line in explained(told)]


def _block(fate: Fate, **fields: object) -> PageBlock:
    return PageBlock(
        index=7,
        kind=BlockKind.HEADING,
        level=2,
        text="Grain\nagain",
        fate=fate,
        **fields,  # type: ignore[arg-type]
    )


def test_the_verdict_comes_first_with_its_evidence() -> None:
    assert _lines()[:2] == ["Verdict: article", "  dated"]


def test_a_field_names_winner_losers_and_raw_strings() -> None:
    won = Claim(origin="jsonld:headline", raw="Mill | Courier", value="Mill")
    lost = Claim(origin="dom:h1", raw="Mills", value="Mills")

    lines = _lines(fields=(FieldView(name="title", winner=won, losers=(lost,)),))

    assert lines[2:5] == [
        "Fields:",
        '  title: "Mill" from jsonld:headline, as the page has it "Mill | Courier"',
        '    lost: "Mills" from dom:h1',
    ]


def test_marks_counters_facts_and_notes_are_listed() -> None:
    lines = _lines(
        marks=("paywalled",),
        counters=(("views", 12),),
        facts=(("language", "en"),),
        notes=("not kept",),
    )

    assert {"  paywalled", "  views 12", "  language: en", "  not kept"} <= set(lines)


def test_a_removed_line_has_class_rule_and_place_and_is_cut_short() -> None:
    line = Removed(text="12 views " * 40, boilerplate="views", rule="count", index=3)

    lines = _lines(removed=(line,))

    assert "Removed lines: 1" in lines
    assert lines[-1].startswith("  [3] views (count): 12 views 12 views")
    assert lines[-1].endswith("…")


def test_each_fate_has_a_sign_and_a_word() -> None:
    blocks = (
        _block(Fate.KEPT),
        _block(Fate.REMOVED, boilerplate="share", rule="phrase"),
        _block(Fate.CAPTION),
        _block(Fate.OUTSIDE, boilerplate="footer"),
    )

    assert _lines(blocks=blocks)[-5:] == [
        'Blocks: 4 (+ 1 kept, - 1 removed, " 1 caption, · 1 outside)',
        "  + [7] heading 2, kept: Grain again",
        "  - [7] heading 2, removed (share, phrase): Grain again",
        '  " [7] heading 2, caption: Grain again',
        "  · [7] heading 2, outside the body (footer): Grain again",
    ]


def test_a_score_stands_beside_its_block_with_its_reason() -> None:
    lines = _lines(blocks=(_block(Fate.KEPT, score=0.5, why="long"),))

    assert lines[-1] == "  + [7] heading 2, kept, score 0.50 (long): Grain again"


def test_rules_say_what_they_matched() -> None:
    rules = (
        RuleMatch(key="title", rule="h1", matches=1, texts=("Mill",)),
        RuleMatch(key="authors", rule=".by", matches=0),
    )

    lines = _lines(rules=rules, unmatched=("authors",))

    assert '  title "h1": 1 match: "Mill"' in lines
    assert '  authors ".by": matches nothing' in lines


def test_unmatched_rules_are_told_without_a_new_reading() -> None:
    assert "Site rules that match nothing: title, body" in _lines(
        unmatched=("title", "body")
    )
