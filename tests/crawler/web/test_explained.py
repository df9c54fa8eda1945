"""How an archived page was read, as a page, as JSON and as a file that stands alone."""

import re

import httpx
import pytest

from crawler.extract.anatomy import Fate, PageBlock
from crawler.extract.explanation import Explanation, FieldView
from crawler.extract.readers.rules import RuleMatch
from crawler.service.service import Service
from crawler.web.explained import explanation_page
from storage.model.article import BlockKind, Claim, Removed
from storage.model.verdict import VerdictKind
from tests.crawler.web.material import ARABIC, NOON, SCRIPT, Archive, keep


def _block(index: int, fate: Fate, text: str, **fields: object) -> PageBlock:
    return PageBlock(
        index=index,
        kind=BlockKind.PARAGRAPH,
        level=0,
        text=text,
        fate=fate,
        **fields,  # type: ignore[arg-type]
    )


TOLD = Explanation(
    url="https://courier.example/mill",
    title=f"Mill {SCRIPT}",
    language="ar",
    verdict=VerdictKind.BOT_WALL,
    evidence=("dated",),
    extractor="test-1",
    fields=(
        FieldView(
            name="title",
            winner=Claim(origin="rule:h1", raw="Mill |", value="Mill"),
            losers=(Claim(origin=f"dom:{SCRIPT}", raw="", value=""),),
        ),
    ),
    facts=(("language", "ar"),),
    marks=("paywalled",),
    counters=(("views", 12345),),
    unmatched=("authors",),
    removed=(Removed(text=SCRIPT, boilerplate="also_read", rule="a+b", index=1),),
    blocks=(
        _block(0, Fate.OUTSIDE, "الرئيسية", boilerplate="navigation"),
        _block(1, Fate.REMOVED, SCRIPT, boilerplate="also_read", rule="a+b"),
        _block(2, Fate.CAPTION, "The wheel."),
        _block(3, Fate.KEPT, "It turns.", score=0.875, why="long", place=f"p.{SCRIPT}"),
    ),
    rules=(
        RuleMatch(key="title", rule="h1", matches=1, texts=("Mill",)),
        RuleMatch(key="authors", rule=".by", matches=0),
        RuleMatch(key="drop_lines", rule="Share", matches=0),
    ),
    notes=("read again",),
)


@pytest.fixture(scope="module")
def page() -> str:
    return explanation_page(TOLD)


def test_the_file_loads_nothing_and_runs_nothing(page: str) -> None:
    assert "default-src 'none'" in page
    assert not re.search(r"<script|<link rel=\"stylesheet|@import|url\(|src=", page)
    assert page.count("&lt;script&gt;") >= 6


def test_the_style_sheets_are_in_the_file(page: str) -> None:
    assert "prefers-color-scheme: dark" in page
    assert ".blocks > .removed" in page


def test_each_block_says_its_fate_in_words(page: str) -> None:
    for words in (
        "<strong>kept</strong>, score 0.88 (long)",
        "<strong>removed</strong>: also read <code>a+b</code>",
        "<strong>caption</strong>",
        "<strong>outside</strong>: navigation",
    ):
        assert words in page


def test_each_text_runs_in_its_own_direction(page: str) -> None:
    assert '<p class="words paragraph" lang="ar" dir="auto">الرئيسية</p>' in page


def test_a_rule_that_matches_nothing_stands_out(page: str) -> None:
    assert '<code>.by</code>: <strong class="bad">matches nothing</strong>' in page
    assert "<code>Share</code>: matches nothing" in page


def test_without_a_new_reading_there_are_no_blocks_but_the_rules_are_named() -> None:
    page = explanation_page(
        Explanation(
            url="stdin:-",
            title="",
            language=None,
            verdict=VerdictKind.ERROR,
            evidence=(),
            extractor="",
            unmatched=("body",),
        )
    )

    assert 'id="blocks"' not in page
    assert 'body: <strong class="bad">matches nothing</strong>' in page
    assert "no evidence is kept" in page


# ---- of the archive ---------------------------------------------------------------


@pytest.mark.anyio
async def test_an_article_s_page_is_read_again_and_differences_are_told(
    reader: httpx.AsyncClient, archive: Archive
) -> None:
    told = (await reader.get(f"/v1/articles/{archive.harbour}/explain")).json()

    assert [block["text"] for block in told["blocks"]] == ["as received"]
    assert told["extractor"] == "test 1"
    assert "gives another text than the version archived by test 1" in told["notes"][0]


@pytest.mark.anyio
async def test_a_version_that_is_not_there_is_not_found(
    reader: httpx.AsyncClient, archive: Archive
) -> None:
    path = f"/v1/articles/{archive.harbour}/explain?version=99"

    assert (await reader.get(path)).status_code == 404


@pytest.mark.anyio
async def test_without_its_raw_page_the_archived_reading_is_shown(
    service: Service, writer: httpx.AsyncClient
) -> None:
    article = await keep(service, ARABIC, None, NOON)
    for segment in service.folder.warc.iterdir():
        segment.unlink()

    told = (await writer.get(f"/v1/articles/{article}/explain")).json()

    assert told["title"] == ARABIC.title
    assert told["blocks"] == []
    assert told["notes"][0].startswith("the raw page is not kept")


@pytest.mark.anyio
async def test_an_article_leads_to_its_explanation(
    reader: httpx.AsyncClient, archive: Archive
) -> None:
    page = (await reader.get(f"/articles/{archive.arabic}")).text

    assert f'href="/articles/{archive.arabic}/explain?version=1"' in page
