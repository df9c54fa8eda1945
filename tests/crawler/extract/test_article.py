"""One capture -> an article with typed blocks, fields with origins, and a verdict."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from crawler.extract.article import EXTRACTOR, extract, extract_text
from crawler.extract.source import Hint, PageSource, SiteRules
from storage.model.article import Article, BlockKind
from storage.model.moment import Precision
from storage.model.verdict import VerdictKind

_PAGES = Path(__file__).parents[2] / "pages"
_CAPTURED_AT = datetime(2026, 3, 3, tzinfo=UTC)
_SOURCE = PageSource(
    "https://gazette.example/2026/03/ferry-returns?from=home",
    (_PAGES / "story.html").read_bytes(),
    _CAPTURED_AT,
)
_PROSE = (
    "<p>The reservoir above the village has filled again after a dry year, the water board said.</p>"
    "<p>Fields below the dam will be watered from the first of April, two weeks earlier than usual.</p>"
    "<p>Farmers had asked for a date in writing, and on Tuesday evening they were given one, at last.</p>"
)


def _article(source: PageSource = _SOURCE) -> Article:
    article = extract(source).article
    assert article is not None
    return article


def _page(body: str, head: str = "", **fields: object) -> PageSource:
    markup = f"<html><head><meta charset=utf-8>{head}</head><body>{body}</body></html>"
    source = PageSource("https://paper.example/story", markup.encode(), _CAPTURED_AT)
    return replace(source, **fields)  # type: ignore[arg-type]


def test_a_story_is_an_article() -> None:
    extraction = extract(_SOURCE)

    assert extraction.verdict.kind is VerdictKind.ARTICLE
    assert extraction.extractor == EXTRACTOR


def test_blocks_are_typed_and_in_order() -> None:
    kinds = [block.kind for block in _article().blocks]

    assert kinds == [
        BlockKind.PARAGRAPH,
        BlockKind.PARAGRAPH,
        BlockKind.HEADING,
        BlockKind.PARAGRAPH,
        BlockKind.LIST_ITEM,
        BlockKind.LIST_ITEM,
        BlockKind.QUOTE,
        BlockKind.TABLE,
        BlockKind.PARAGRAPH,
    ]


def test_furniture_is_not_text() -> None:
    text = _article().text

    for word in (
        "Share on",
        "Read more",
        "Related",
        "grandfather",
        "All rights",
        "By Ida",
        "north pier on Monday.",
    ):
        assert word not in text


def test_how_words_are_read_aloud_is_no_text() -> None:
    title = "<ruby>港<rt>みなと</rt></ruby>に<ruby>船<rt>ふね</rt></ruby>"
    line = "大きな<ruby>船<rt>ふね</ruby>が<ruby>着<rtc><rt>つ</rt></rtc></ruby>いて、町の人たちが朝早くから見に来ました。"
    article = _article(_page(f"<article><h1>{title}</h1><p>{line}</p></article>"))

    assert article.title == "港に船"
    assert article.text == "大きな船が着いて、町の人たちが朝早くから見に来ました。"


def test_a_reading_in_brackets_is_text() -> None:
    name = "<ruby><rb>尹錫悦</rb><rp>（</rp><rt>ユンソンニョル</rt><rp>）</rp></ruby>"
    line = f"韓国の{name}大統領は３日夜、緊急談話を出して「非常戒厳」を宣言した。"
    article = _article(_page(f"<article><p>{line}</p></article>"))

    assert article.text.startswith("韓国の尹錫悦（ユンソンニョル）大統領は３日夜、")


def test_a_correction_in_an_aside_is_text() -> None:
    note = "This article was amended on 4 March 2026: the dam was built in 1921, not in 1912."
    aside = f"<aside class=correction><h4>Correction</h4><p>{note}</p></aside>"
    article = _article(_page(f"<article>{_PROSE}{aside}</article><footer>©</footer>"))

    assert [block.text for block in article.blocks[-2:]] == ["Correction", note]


def test_footnotes_are_text() -> None:
    mark = "<sup class=fn><a href=#n1 id=r1>1</a></sup>"
    note = "<li id=n1>Minutes of the board, page 14. <a href=#r1>↩</a></li>"
    prose = _PROSE.replace(", at last.", f", at last.{mark}")
    links = "".join(f"<li><a href=/s/{n}>Old tram returns {n}</a></li>" for n in "1234")
    article = _article(
        _page(
            f"<article>{prose}<ol class=footnotes>{note}</ol></article><ul>{links}</ul>"
        )
    )

    assert article.blocks[-1].text == "Minutes of the board, page 14. ↩"


def test_a_caption_stands_apart() -> None:
    assert _article().captions == ("The ferry at the north pier on Monday.",)


def test_a_removed_line_names_class_rule_and_place() -> None:
    removed = {r.text: r for r in _article().removed}

    line = removed["Read more: Ferry stops for repairs"]
    assert line.boilerplate in {"also_read", "read_more"}
    assert line.rule
    assert line.index > 0


def test_fields_are_merged() -> None:
    article = _article()

    assert article.title == "Harbour ferry returns after nine months"
    assert (
        article.raw_title
        == "Harbour ferry returns after nine months | The Quay Gazette"
    )
    assert article.authors == ("Ida Quist", "Tom Reeve")
    assert article.site == "The Quay Gazette"
    assert article.section == "Transport"
    assert article.tags == ("ferry", "harbour")
    assert article.description == "The first boat left on Monday."
    assert article.language == "en"
    assert article.counters == {"comments": 4}


def test_references_are_resolved() -> None:
    article = _article()

    assert article.url == "https://gazette.example/2026/03/ferry-returns"
    assert article.image == "https://gazette.example/pictures/ferry.jpg"


def test_times_keep_their_zone() -> None:
    published = _article().published

    assert published is not None
    assert published.at.isoformat() == "2026-03-02T07:30:00+02:00"
    assert published.precision is Precision.SECOND
    assert published.zone_stated


def test_a_field_keeps_its_losers() -> None:
    provenance = _article().provenance["title"]

    origins = {claim.origin for claim in (provenance.winner, *provenance.losers)}
    assert {"dom:h1", "json-ld:headline", "meta:og:title", "title"} <= origins


def test_the_same_source_gives_the_same_extraction() -> None:
    assert extract(_SOURCE) == extract(_SOURCE)


def test_text_in_bare_divs_with_double_breaks_is_paragraphs() -> None:
    page = _page(
        "<div class=story><h1>Water</h1>The reservoir above the village has filled again, the board said.<br><br>"
        "Fields below the dam will be watered from the first of April, earlier than usual.<br><br>"
        "Farmers had asked for a date in writing, and on Tuesday evening they were given one.</div>",
    )

    assert len(_article(page).blocks) == 3


def test_the_body_of_a_site_rule_is_believed() -> None:
    page = _page(
        f"<div id=main>{_PROSE}</div><div id=real><p>Only this line.</p><p>And this.</p></div>"
    )
    ruled = replace(page, rules=SiteRules(body="#real", drop_lines=("And this.",)))

    assert _article(ruled).text == "Only this line."


def test_site_rules_choose_fields_and_remove_elements() -> None:
    page = _page(
        f"<b class=t>A headline of its own</b><i class=w>Ida Quist</i><s class=d>2026-03-01</s>{_PROSE}"
        "<p class=x>This paragraph is long enough to be prose, but the operator removes it by rule.</p>",
        rules=SiteRules(title=".t", authors=".w", published=".d", remove=(".x", "p[[")),
    )
    article = _article(page)

    assert article.title == "A headline of its own"
    assert article.authors == ("Ida Quist",)
    assert article.published is not None
    assert article.published.at.date() == date(2026, 3, 1)
    assert "operator" not in article.text


def test_a_rule_out_of_its_days_is_ignored() -> None:
    page = _page(_PROSE, rules=SiteRules(remove=("p",), valid_until=date(2026, 3, 2)))

    assert len(_article(page).blocks) == 3


def test_the_links_hint_fills_what_the_page_does_not_say() -> None:
    hint = Hint(
        title="Reservoir fills again", published=datetime(2026, 3, 1, 8, tzinfo=UTC)
    )
    article = _article(_page(_PROSE, hint=hint))

    assert article.title == "Reservoir fills again"
    assert article.published is not None
    assert article.published.at == hint.published


def test_a_page_that_hides_its_story_until_scripts_run_is_still_read() -> None:
    assert len(_article(_page(f"<div style='display:none'>{_PROSE}</div>")).blocks) == 3


def test_article_body_helps_where_the_page_shows_no_text() -> None:
    sentence = "The reservoir above the village has filled again after a dry year. "
    head = (
        '<script type="application/ld+json">{"@type": "NewsArticle", "articleBody": "'
        + sentence * 10
        + '"}</script>'
    )
    article = _article(_page("<div id=app></div>", head))

    assert article.text.startswith("The reservoir above")
    assert article.provenance["body"].winner.origin == "json-ld:articleBody"


def test_a_paywalled_short_text_is_a_teaser() -> None:
    head = '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": "False"}</script>'
    extraction = extract(_page(_PROSE, head))

    assert extraction.verdict.kind is VerdictKind.TEASER
    assert extraction.article is not None
    assert "paywalled" in extraction.article.marks


def test_plain_text_has_a_headline_and_paragraphs() -> None:
    text = "Reservoir fills again\n\nThe water board said so on Tuesday evening, in writing.\n\n12 views\n"
    article = extract_text(text, captured_at=_CAPTURED_AT).article

    assert article is not None
    assert article.title == "Reservoir fills again"
    assert article.text == "The water board said so on Tuesday evening, in writing."
    assert article.counters == {"views": 12}


def test_plain_text_without_lines_is_an_error() -> None:
    assert extract_text("", captured_at=_CAPTURED_AT).verdict.kind is VerdictKind.ERROR


_HOSTILE = {
    "empty": b"",
    "white space": b" \n ",
    "binary": b"%PDF-1.7\n\x00\xff\xfe",
    "noise": bytes(range(256)) * 400,
    "nul": b"<p>" + b"\0" * 100_000,
    "nested div": b"<div>" * 50_000 + b"x",
    "attributes": b"<div "
    + b"".join(b"a%d=1 " % n for n in range(50_000))
    + b">x</div>",
    "options": b"<select>" + b"<option>x" * 50_000,
    "open tags": b"<a" * 100_000,
    "scripts": b"<script>" * 50_000,
    "nested json": b'<script type="application/ld+json">'
    + b"[" * 200_000
    + b"</script><p>x</p>",
    "broken json": b'<script type="application/ld+json">{"@type": "NewsArticle", "headline": </script><p>x',
    "colspan": b"<table><tr>"
    + b"<td colspan=65000 rowspan=65000>x" * 200
    + b"</table>",
    "frameset": b"<frameset><frame src=x></frameset>",
    "bad url": b"<link rel=canonical href='http://[::bad'><meta property=og:image content='http://[x'><p>x</p>",
    "utf-16 declared": b"<meta charset=utf-16><p>x</p>",
    "no such charset": b"<meta charset=klingon><p>x</p>",
}


@pytest.mark.parametrize("body", _HOSTILE.values(), ids=_HOSTILE.keys())
def test_any_bytes_get_a_verdict(body: bytes) -> None:
    verdict = extract(
        PageSource("https://paper.example/story", body, _CAPTURED_AT)
    ).verdict

    assert verdict.evidence
    assert not any("extractor failed" in reason for reason in verdict.evidence)


def test_markup_unfit_to_parse_is_read_as_lines() -> None:
    body = b"<div>" * 2_000 + _PROSE.encode()
    extraction = extract(PageSource("https://paper.example/story", body, _CAPTURED_AT))

    assert any("not parsed" in reason for reason in extraction.verdict.evidence)
    assert extraction.article is not None
    assert "reservoir" in extraction.article.text


def test_a_failure_inside_is_a_verdict() -> None:
    source = PageSource("https://paper.example/", b"<p>x</p>", None)  # type: ignore[arg-type]
    rules = SiteRules(valid_from=date(2026, 1, 1))

    verdict = extract(replace(source, rules=rules)).verdict

    assert verdict.kind is VerdictKind.ERROR
    assert "extractor failed" in verdict.evidence[0]


def test_a_date_in_a_line_before_the_story_is_found() -> None:
    article = _article(
        _page(f"<h1>Water</h1><div>2026-03-01 08:15 Quay desk</div>{_PROSE}")
    )

    assert article.published is not None
    assert article.published.at.isoformat() == "2026-03-01T08:15:00+00:00"
    assert article.provenance["published"].winner.origin == "text:line under headline"


_PLAIN = (("Content-Type", "text/plain; charset=utf-8"),)


def test_plain_text_keeps_its_lines() -> None:
    paragraphs = [line.removesuffix("</p>") for line in _PROSE.split("<p>")[1:]]
    lines = ("Reservoir full again", "By Ada Moor", *paragraphs)
    body = "\n\n".join(lines).encode()

    article = _article(
        PageSource("https://paper.example/a.txt", body, _CAPTURED_AT, headers=_PLAIN)
    )

    assert article.title == lines[0]
    assert article.authors == ("Ada Moor",)
    assert [block.text for block in article.blocks] == paragraphs


def test_markup_that_is_called_plain_text_is_markup() -> None:
    article = _article(replace(_SOURCE, headers=_PLAIN))

    assert article == _article()


def test_bytes_that_are_no_text_are_no_article() -> None:
    extraction = extract(replace(_SOURCE, body=bytes(range(256)) * 400))

    assert extraction.verdict.kind is VerdictKind.ERROR
    assert extraction.verdict.evidence == ("not text",)


def test_the_byline_in_a_story_s_first_brackets_is_read() -> None:
    body = (
        "<p>[서울=한빛뉴스 이도현 기자] 국회는 5일 본회의를 열어 청년 주거 지원 법안을 통과시켰다.</p>"
        + _PROSE
    )

    assert _article(_page(f"<h1>청년 월세 지원</h1>{body}")).authors == ("이도현",)


def test_a_last_line_that_names_the_author_is_no_text() -> None:
    source = _page(f"<h1>The reservoir</h1><p>By Ida Quist</p>{_PROSE}<p>IDA QUIST</p>")

    article = _article(source)

    assert article.authors == ("Ida Quist",)
    assert "QUIST" not in article.text
    assert [r.rule for r in article.removed if r.text == "IDA QUIST"] == [
        "names_author"
    ]


@pytest.mark.parametrize(
    "box",
    [
        "<p>আরও পড়ুন</p><p><a href=/2>মোংলায় জাহাজ ভিড়েছে</a></p>",
        "<p>Читайте также:</p><p><a href=/2>The mill by the dam is sold</a></p>",
        "<p><a href=/2>[관련기사] 여의도 불꽃축제 교통 통제</a></p>",
        "<p><a href=/2>【あわせて読みたい】武蔵野の桜、見ごろは月末</a></p>",
    ],
    ids=["label above a link", "label with colon", "in brackets", "in wide brackets"],
)
def test_read_also_within_a_story_is_no_text(box: str) -> None:
    first, rest = _PROSE.split("</p>", 1)

    article = _article(_page(f"<h1>The reservoir</h1>{first}</p>{box}{rest}"))

    assert len(article.blocks) == 3


def test_a_speaker_in_brackets_is_text() -> None:
    line = "<p>[기자] 서울시가 내년부터 한강 공원 주차장 요금을 다르게 받는다고 밝혔습니다.</p>"

    assert "[기자]" in _article(_page(f"<h1>주차 요금</h1>{line}{_PROSE}")).text


def test_the_reporter_in_a_story_s_first_brackets_is_read_in_ideographs() -> None:
    body = (
        "<p>（記者林美惠／台北報導）水庫去年乾旱後再度蓄滿，水利署週二表示，下游農田將提前兩週供水。</p>"
        * 2
    )

    assert _article(_page(f"<h1>水庫再度蓄滿</h1>{body}{_PROSE}")).authors == (
        "林美惠",
    )


def test_today_and_a_time_is_the_day_of_the_capture() -> None:
    source = _page(f"<h1>The reservoir</h1><p>Сегодня, 09:40</p>{_PROSE}")

    published = _article(source).published

    assert published is not None
    assert published.at.date() == _CAPTURED_AT.date()


@pytest.mark.parametrize(
    "line",
    [
        "Questions? Comments? Email us at news@paper.example.",
        "التعليقات المنشورة لا تعبر عن رأي الموقع وإنما تعبر عن رأي أصحابها",
    ],
)
def test_what_a_paper_says_to_its_readers_is_no_text(line: str) -> None:
    article = _article(_page(f"<article>{_PROSE}<p>{line}</p></article>"))

    assert article.text.endswith("at last.")
    assert [one.text for one in article.removed] == [line]
