"""A page taken apart: every block is there, with what became of it."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.extract.anatomy import Anatomy, Fate, PageBlock, Score, blocks_of, dissect
from crawler.extract.article import extract
from crawler.extract.boilerplate import Cleaned
from crawler.extract.children.anatomy_wire import decode_anatomy, encode_anatomy
from crawler.extract.layout.blocks import Container, TextBlock, measure_layout
from crawler.extract.source import PageSource, SiteRules
from storage.model.article import Article, Block, BlockKind

_STORY = PageSource(
    "https://gazette.example/2026/03/ferry-returns",
    (Path(__file__).parents[2] / "pages" / "story.html").read_bytes(),
    datetime(2026, 3, 3, tzinfo=UTC),
)


@pytest.fixture(scope="module")
def anatomy() -> Anatomy:
    return dissect(
        replace(_STORY, rules=SiteRules(title="h1", drop_lines=("Related",)))
    )


def _block(anatomy: Anatomy, start: str) -> PageBlock:
    return next(block for block in anatomy.blocks if block.text.startswith(start))


def test_its_extraction_is_the_ordinary_one() -> None:
    assert dissect(_STORY).extraction == extract(_STORY)


def test_the_kept_blocks_are_the_text(anatomy: Anatomy) -> None:
    article = anatomy.extraction.article
    kept = [block.text for block in anatomy.blocks if block.fate is Fate.KEPT]

    assert article is not None
    assert kept == [block.text for block in article.blocks]


def test_a_removed_block_names_class_and_rule(anatomy: Anatomy) -> None:
    block = _block(anatomy, "Read more")

    assert (block.fate, block.boilerplate) == (Fate.REMOVED, "also_read")
    assert block.rule


def test_a_caption_is_one(anatomy: Anatomy) -> None:
    assert _block(anatomy, "The ferry at the north pier").fate is Fate.CAPTION


@pytest.mark.parametrize(
    ("start", "name"),
    [("Home", "navigation"), ("My grandfather", "comments"), ("Harbour", "headline")],
)
def test_a_block_outside_the_body_says_where_it_stands(
    anatomy: Anatomy, start: str, name: str
) -> None:
    block = _block(anatomy, start)

    assert (block.fate, block.boilerplate) == (Fate.OUTSIDE, name)
    assert block.place.startswith("body")


def test_blocks_are_numbered_in_page_order(anatomy: Anatomy) -> None:
    assert [b.index for b in anatomy.blocks] == list(range(len(anatomy.blocks)))


def test_a_block_has_the_score_of_the_block_model(anatomy: Anatomy) -> None:
    story = next(block for block in anatomy.blocks if block.fate is Fate.KEPT)
    menu = _block(anatomy, "Home")

    assert story.score is not None
    assert menu.score is not None
    assert story.score > 0.5 > menu.score
    assert (story.why, menu.why) == ("", "navigation")


def test_a_body_by_site_rule_has_no_scores() -> None:
    ruled = dissect(replace(_STORY, rules=SiteRules(body="article")))

    assert {block.score for block in ruled.blocks} == {None}


def test_rules_are_counted(anatomy: Anatomy) -> None:
    assert [(m.key, m.matches) for m in anatomy.rules] == [
        ("title", 1),
        ("drop_lines", 1),
    ]


def test_rules_in_force_are_compared_with_none(anatomy: Anatomy) -> None:
    assert anatomy.plainly == extract(_STORY)
    assert dissect(_STORY).plainly is None


def test_a_line_a_rule_drops_is_counted() -> None:
    rules = SiteRules(drop_lines=("a part cast ANEW!",))

    (match,) = dissect(replace(_STORY, rules=rules)).rules

    assert match.matches == 1


def test_what_is_no_page_has_no_blocks() -> None:
    assert dissect(replace(_STORY, body=b"%PDF-1.7")).blocks == ()


def test_it_comes_through_the_wire_as_it_was(anatomy: Anatomy) -> None:
    assert decode_anatomy(encode_anatomy(anatomy)) == anatomy


def _laid_out(*texts: str) -> Article:
    return Article(url="", title="", blocks=tuple(map(_paragraph, texts)))


def _paragraph(text: str) -> Block:
    return Block(kind=BlockKind.PARAGRAPH, text=text)


def test_a_judge_s_score_and_reason_are_shown() -> None:
    layout = measure_layout(
        [Container(-1, "body", {}, None, None)],
        [TextBlock(BlockKind.PARAGRAPH, "One.", 0, "p", 0, 0, 0)],
    )
    scores = {0: Score(score=0.25, why="short")}

    (block,) = blocks_of(layout, Cleaned(blocks=(), sources=()), _laid_out(), scores)

    assert (block.score, block.why) == (0.25, "short")


def test_the_text_of_another_witness_is_found_on_the_page() -> None:
    layout = measure_layout(
        [Container(-1, "body", {}, None, None)],
        [
            TextBlock(BlockKind.PARAGRAPH, text, 0, "p", 0, 0, 0)
            for text in ("Menu", "The weir is open.")
        ],
    )
    other = Cleaned(blocks=(_paragraph("The weir is open"),), sources=())

    menu, weir = blocks_of(layout, other, _laid_out("The weir is open"))

    assert (menu.fate, weir.fate) == (Fate.OUTSIDE, Fate.KEPT)
