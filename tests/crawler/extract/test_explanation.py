"""One view of why a page is read as it is, for every face."""

from crawler.extract.anatomy import Fate, PageBlock
from crawler.extract.explanation import (
    Explanation,
    explanation_document,
    explanation_of,
)
from storage.model.article import Article, Block, BlockKind, Claim, Dateline, Provenance
from storage.model.extraction import Extraction
from storage.model.verdict import Verdict, VerdictKind


def _claim(origin: str, value: str) -> Claim:
    return Claim(origin=origin, raw=value, value=value)


_ARTICLE = Article(
    url="https://courier.example/mill",
    title="Mill",
    blocks=(Block(kind=BlockKind.PARAGRAPH, text="It turns."),),
    language="en",
    dateline=Dateline(place="UPWEIR", source=None, date="1 March", rest=0),
    captions=("The wheel.",),
    marks=("paywalled", "rule_unmatched:authors"),
    counters={"views": 12, "comments": 3},
    provenance={
        "body": Provenance(winner=_claim("density", "")),
        "tags": Provenance(winner=_claim("meta", "mills")),
        "title": Provenance(
            winner=_claim("dom:h1", "Mill"), losers=(_claim("title", "Mill!"),)
        ),
    },
)
_VERDICT = Verdict(kind=VerdictKind.ARTICLE, evidence=("dated",))


def _explained(article: Article | None = _ARTICLE) -> Explanation:
    extraction = Extraction(verdict=_VERDICT, extractor="test-1", article=article)
    return explanation_of(extraction, url="https://courier.example/asked")


def test_the_well_known_fields_come_first() -> None:
    assert [field.name for field in _explained().fields] == ["title", "body", "tags"]


def test_a_field_has_its_winner_and_its_losers() -> None:
    title = _explained().fields[0]

    assert title.winner.origin == "dom:h1"
    assert [loser.value for loser in title.losers] == ["Mill!"]


def test_the_body_is_told_by_its_size() -> None:
    assert _explained().fields[1].winner.value == "1 block, 9 characters"


def test_unmatched_rules_stand_apart_from_other_marks() -> None:
    explanation = _explained()

    assert explanation.marks == ("paywalled",)
    assert explanation.unmatched == ("authors",)


def test_what_the_text_says_of_itself_is_a_fact() -> None:
    assert _explained().facts == (
        ("language", "en"),
        ("dateline", "UPWEIR, 1 March"),
        ("caption", "The wheel."),
    )


def test_without_an_article_there_is_a_verdict_and_the_url_asked_for() -> None:
    explanation = _explained(None)

    assert explanation.verdict is VerdictKind.ARTICLE
    assert explanation.url == "https://courier.example/asked"
    assert explanation.fields == ()


def test_fates_are_counted_in_a_fixed_order() -> None:
    fates = (Fate.OUTSIDE, Fate.KEPT, Fate.OUTSIDE)
    blocks = [
        PageBlock(index=i, kind=BlockKind.PARAGRAPH, level=0, text="x", fate=fate)
        for i, fate in enumerate(fates)
    ]
    extraction = Extraction(verdict=_VERDICT, extractor="test-1")

    told = explanation_of(extraction, blocks=blocks)

    assert told.fates == ((Fate.KEPT, 1), (Fate.OUTSIDE, 2))


def test_as_a_document_it_is_plain_json() -> None:
    document = explanation_document(_explained())

    assert document["verdict"] == "article"
    assert document["fields"][0]["losers"][0]["origin"] == "title"
