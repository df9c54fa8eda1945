"""Live blogs of many shapes, split into their entries."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.extract.article import extract
from crawler.extract.layout.walk import lay_out
from crawler.extract.liveblog.live import Live, Span, heads_before
from crawler.extract.page import read_page
from crawler.extract.readers.live import Coverage, read_coverage
from crawler.extract.source import PageSource
from storage.model.article import Article

CAPTURED = datetime(2026, 5, 4, 18, 0, tzinfo=UTC)
TITLE = "Storm over the bay: the day live"
LEAD = (
    "A storm has closed the harbour of the old salt town since the early morning, and "
    "the council asked everybody to stay away from the quay until the water falls."
)
SAID = [
    ("15:40", "Bridge is open again", ("The bridge over the mill stream is open again, "
     "the fire service said, after two hours of pumping and some quarrels about it.")),
    ("14:05", "Ferries stay in port", ("No ferry will leave before the evening, the line "
     "told its passengers, who had waited in the hall for most of the afternoon.")),
    ("11:20", "Schools send children home", ("The three schools of the town sent all "
     "children home at eleven because the cellars began to fill with brown water.")),
    ("09:10", "First trees fall", ("The first trees fell across the coast road before "
     "nine, and nobody was hurt, although a cart of onions was lost to the wind.")),
]  # fmt: skip


def read(
    body: str, *, head: str = "", url: str = "https://paper.test/storm-live"
) -> Article:
    markup = (
        f"<html lang=en><head><title>{TITLE}</title>{head}</head><body><main>"
        f"<h1>{TITLE}</h1>{body}</main></body></html>"
    )
    article = extract(PageSource(url, markup.encode(), CAPTURED)).article
    assert article is not None
    return article


def published(at: str = "2026-05-04T08:00:00+02:00") -> str:
    return f'<meta property="article:published_time" content="{at}">'


def ld(**more: object) -> str:
    updates = [
        {
            "@type": "BlogPosting",
            "headline": headline,
            "articleBody": text,
            "datePublished": f"2026-05-04T{clock}:00+02:00",
            "author": {"@type": "Person", "name": "Ada Quill"},
            "url": f"https://paper.test/storm-live#e{number}",
        }
        for number, (clock, headline, text) in enumerate(SAID)
    ]
    node = {
        "@context": "https://schema.org",
        "@type": "LiveBlogPosting",
        "headline": TITLE,
        "datePublished": "2026-05-04T08:00:00+02:00",
        "liveBlogUpdate": updates,
        **more,
    }
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


def articles() -> str:
    return (
        f"<p>{LEAD}</p><div class=stream>"
        + "".join(
            f'<article id="e{n}"><time datetime="2026-05-04T{clock}:00+02:00">{clock}</time>'
            f"<h2>{headline}</h2><p>{text}</p></article>"
            for n, (clock, headline, text) in enumerate(SAID)
        )
        + "</div>"
    )


def list_items() -> str:
    return (
        f"<p>{LEAD}</p><ol class=live-updates>"
        + "".join(
            f"<li id=p{n}><div class=meta><span class=time>{clock}</span></div>"
            f"<h3>{headline}</h3><p>{text}</p></li>"
            for n, (clock, headline, text) in enumerate(SAID)
        )
        + "</ol>"
    )


def headings() -> str:
    return (
        f"<div class=article-body><p>{LEAD}</p>"
        + "".join(
            f"<h3>{clock} Uhr: {headline}</h3><p>{text}</p>"
            for clock, headline, text in SAID
        )
        + "</div>"
    )


def flat_times() -> str:
    return (
        f"<div class=article-body><p>{LEAD}</p>"
        + "".join(
            f"<p class=time>{clock}</p><h3>{headline}</h3><p>{text}</p><p>{text[::-1]}.</p>"
            for clock, headline, text in SAID
        )
        + "</div>"
    )


def paragraphs() -> str:
    return (
        f"<div class=article-body><p>{LEAD}</p>"
        + "".join(f"<p><strong>{clock}</strong> {text}</p>" for clock, _, text in SAID)
        + "</div>"
    )


def sections() -> str:
    return (
        f"<p>{LEAD}</p><div class=posts>"
        + "".join(
            f"<section class=post data-id=x{n}><header><span>{clock}h</span><h2>{headline}"
            f"</h2></header><div class=text><p>{text}</p></div></section>"
            for n, (clock, headline, text) in enumerate(SAID)
        )
        + "</div>"
    )


SHAPES = {
    "articles with time elements": articles,
    "list items with a line of time": list_items,
    "headings that begin with a time": headings,
    "lines of time in one flow": flat_times,
    "paragraphs that begin with a time": paragraphs,
    "sections with a header": sections,
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_live_blog_is_split_into_entries(shape: str) -> None:
    article = read(SHAPES[shape](), head=published())

    assert "live_blog" in article.marks
    assert len(article.entries) == 4
    for entry, (clock, _, text) in zip(article.entries, SAID, strict=True):
        inside = " ".join(b.text for b in article.blocks[entry.start : entry.end])
        assert text in inside
        assert entry.at is not None
        assert f"{entry.at.at:%Y-%m-%d %H:%M %z}" == f"2026-05-04 {clock} +0200"


@pytest.mark.parametrize("shape", SHAPES)
def test_the_text_is_the_lead_and_all_entries(shape: str) -> None:
    article = read(SHAPES[shape](), head=published())

    places = [article.text.index(text) for _, _, text in SAID]
    assert article.text.startswith(LEAD)
    assert places == sorted(places)
    assert article.entries[0].start == 1


def test_entries_have_headlines_and_anchors() -> None:
    article = read(articles(), head=published())

    assert [e.title for e in article.entries] == [said[1] for said in SAID]
    assert [e.anchor for e in article.entries] == ["e0", "e1", "e2", "e3"]


def test_a_line_that_is_a_time_alone_is_no_text() -> None:
    article = read(list_items(), head=published())

    assert "15:40" not in article.text
    assert [r.text for r in article.removed if r.boilerplate == "entry_time"] or [
        r.text for r in article.removed
    ]


def test_structured_data_adds_authors_and_exact_times() -> None:
    article = read(list_items(), head=ld())

    assert article.entries[0].authors == ("Ada Quill",)
    assert article.entries[0].at is not None


def test_updates_are_found_in_text_that_shows_no_times() -> None:
    body = f"<p>{LEAD}</p>" + "".join(
        f"<div><h2>{headline}</h2><p>{text}</p></div>" for _, headline, text in SAID
    )

    article = read(body, head=ld())

    assert [e.title for e in article.entries] == [said[1] for said in SAID]
    assert [e.at.at.hour for e in article.entries if e.at] == [15, 14, 11, 9]


def test_updates_that_only_structured_data_has_are_text() -> None:
    article = read(f"<p>{LEAD}</p><p>{LEAD[::-1]}.</p>", head=ld())

    assert all(text in article.text for _, _, text in SAID)
    assert len(article.entries) == 4


def test_coverage_that_ended_is_marked() -> None:
    ended = read(articles(), head=ld(coverageEndTime="2026-05-04T17:00:00+02:00"))
    going = read(articles(), head=ld(coverageEndTime="2026-05-05T17:00:00+02:00"))

    assert "live_ended" in ended.marks
    assert "live_ended" not in going.marks


def test_a_notice_says_that_it_ended() -> None:
    body = articles().replace(LEAD, f"{LEAD}</p><p>This live blog is now closed.")

    assert "live_ended" in read(body, head=published()).marks


def test_entries_of_other_streams_are_none_of_it() -> None:
    others = "".join(
        f'<li><span>{clock}</span> <a href="/live/{n}">Another story about a far town '
        f"and its own weather, number {n}</a></li>"
        for n, (clock, _, _) in enumerate(SAID)
    )

    article = read(
        f"{articles()}<aside class=sidebar><h3>More from live</h3><ul>{others}</ul></aside>",
        head=published(),
    )

    assert len(article.entries) == 4
    assert "Another story" not in article.text


def test_comments_with_times_are_no_entries() -> None:
    prose = "".join(f"<p>{text}</p>" for _, _, text in SAID)
    comments = "".join(
        f"<div class=comment id=c{n}><b>Reader {n}</b> <time>{clock}</time><p>{text[::-1]}"
        "</p></div>"
        for n, (clock, _, text) in enumerate(SAID)
    )

    article = read(
        f"<article><p>{LEAD}</p>{prose}</article><div class=comments>{comments}</div>"
    )

    assert article.entries == ()
    assert "live_blog" not in article.marks


def test_times_in_prose_make_no_live_blog() -> None:
    prose = "".join(
        f"<p>It was at {clock} that somebody saw it. {text}</p>"
        for clock, _, text in SAID
    )

    article = read(f"<article><p>{LEAD}</p>{prose}</article>")

    assert article.entries == ()


def test_a_clock_time_has_no_zone_where_the_page_speaks_in_utc() -> None:
    article = read(list_items(), head=published("2026-05-04T06:00:00Z"))

    assert [e.at.zone_stated for e in article.entries if e.at] == [False] * 4


def test_clock_times_on_both_sides_of_midnight_are_of_no_known_day() -> None:
    article = read(
        list_items().replace("11:20", "23:50"), head=published("2026-05-03T22:00:00Z")
    )

    assert [entry.at for entry in article.entries] == [None] * 4


def test_a_page_that_does_not_call_itself_live_has_no_entries() -> None:
    markup = articles().replace("stream", "story")
    page = f"<title>Town diary</title><main><h1>Town diary</h1>{markup}</main>"

    article = extract(
        PageSource("https://paper.test/diary", page.encode(), CAPTURED)
    ).article

    assert article is not None
    assert article.entries == ()


def test_broken_structured_data_is_left() -> None:
    broken = '<script type="application/ld+json">{"@type": "LiveBlogPosting", </script>'

    assert len(read(articles(), head=broken + published()).entries) == 4


@pytest.mark.parametrize(
    "wrap",
    [
        lambda node: {"@graph": [{"@type": "WebSite"}, node]},
        lambda node: [{"@type": "WebPage", "mainEntity": node}],
    ],
    ids=["graph", "main entity"],
)
def test_a_live_blog_is_found_within_structured_data(
    wrap: Callable[[dict[str, object]], object],
) -> None:
    updates = {"headline": "Gone", "author": ["Ada Quill", {"name": "Tom Low"}]}
    node = {"@type": ["LiveBlogPosting"], "liveBlogUpdate": updates}

    coverage = coverage_of(json.dumps(wrap(node)))

    assert coverage is not None
    (update,) = coverage.updates
    assert (update.title, update.authors) == ("Gone", ("Ada Quill", "Tom Low"))


def test_an_organisation_is_no_author_of_an_update() -> None:
    updates = [{"text": "Gone.", "author": {"@type": "Organization", "name": "Paper"}}]
    node = {"@type": "LiveBlogPosting", "liveBlogUpdate": [*updates, "odd"]}

    coverage = coverage_of(json.dumps(node))

    assert coverage is not None
    assert [(u.text, u.authors) for u in coverage.updates] == [("Gone.", ())]


@pytest.mark.parametrize(
    "raw",
    [
        "{broken LiveBlogPosting",
        '{"@type": "NewsArticle"}',
        '{"@type": "NewsArticle", "about": "LiveBlogPosting"}',
        '{"@graph": ' * 40 + '{"@type": "LiveBlogPosting"}' + "}" * 40,
    ],
    ids=["broken", "other", "mentioned", "too deep"],
)
def test_what_is_no_live_blog_has_no_coverage(raw: str) -> None:
    assert coverage_of(raw) is None


def coverage_of(raw: str) -> Coverage | None:
    markup = f'<script type="application/ld+json">{raw}</script>'
    return read_coverage(
        read_page(PageSource("https://a.test/", markup.encode(), CAPTURED))
    )


def test_a_heading_left_out_before_its_entry_is_found_again() -> None:
    body = LexborHTMLParser(
        "<h1>Storm</h1><div><h2>Bridge is open again</h2><p>The bridge is open.</p></div>"
        "<div><p>No ferry will leave.</p><h2>Ships of the day</h2></div>"
    ).body
    assert body is not None
    spans = (Span(start=1, stop=3), Span(start=3, stop=5))

    found = heads_before(
        lay_out(body, {}), [2, 3], Live(spans=spans, stamps=frozenset())
    )

    assert found == [1]
