"""Sources and extractions survive the pipe unchanged; nonsense is refused."""

import io
import json
import resource
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from crawler.extract.anatomy import dissect
from crawler.extract.article import extract
from crawler.extract.children.anatomy_wire import (
    decode_anatomy,
    decode_page,
    encode_anatomy,
    encode_page,
)
from crawler.extract.children.child import serve
from crawler.extract.children.wire import (
    SAME,
    decode_extraction,
    decode_source,
    encode_extraction,
    encode_source,
    read_frame,
    write_frame,
)
from crawler.extract.source import Hint, HostKnowledge, PageSource, SiteRules
from storage.model.article import Blurb

_SOURCE = PageSource(
    "https://paper.example/story",
    b"<h1>Water</h1><p>The reservoir has filled again, the board said on Monday.</p>\xff",
    datetime(2026, 3, 3, tzinfo=UTC),
    status=203,
    headers=(("Content-Type", "text/html"),),
    hint=Hint(
        title="Water",
        published=datetime(2026, 3, 1, tzinfo=UTC),
        language="en",
        timezone="Asia/Jakarta",
        blurb=Blurb(authors=("Ani Wulan",), summary="The board.", tags=("water",)),
    ),
    rules=SiteRules(body="main", remove=(".x",), valid_from=date(2026, 1, 1)),
)


def test_a_source_survives() -> None:
    assert decode_source(*encode_source(_SOURCE)) == _SOURCE


#: A summary that was cut in the middle of an emoji.
_HALF = "Water rises \ud83d"
_STORY = "The reservoir has filled again, the board said on Monday."
_CUT = f"""<script type="application/ld+json">{{"@type": "NewsArticle",
"headline": "Water", "description": {json.dumps(_HALF)}}}</script>
<article><h1>Water</h1>{f"<p>{_STORY}</p>" * 9}</article>"""


def test_half_an_emoji_in_a_summary_costs_no_article() -> None:
    extraction = extract(replace(_SOURCE, body=_CUT.encode()))

    article = decode_extraction(encode_extraction(extraction)).article

    assert article is not None
    assert _STORY in article.text
    assert article.description == "Water rises \ufffd"


def test_half_an_emoji_is_explained() -> None:
    source = replace(_SOURCE, body=_CUT.encode(), hint=Hint(title=_HALF))

    anatomy = decode_anatomy(encode_anatomy(dissect(decode_page(*encode_page(source)))))

    assert _STORY in str(anatomy)


_KNOWN = HostKnowledge(
    blocks={-(2**63): (3, 2), 5: (50, 9)},
    pages=50,
    title_suffixes=("The Paper",),
    title_prefixes=("News",),
    day_first=True,
)


def test_what_is_known_of_its_host_survives() -> None:
    source = replace(_SOURCE, known=_KNOWN, own=frozenset({5, -(2**63)}))

    assert decode_source(*encode_source(source)) == source


def test_what_was_sent_before_is_not_sent_again() -> None:
    source = replace(_SOURCE, known=_KNOWN)

    frames = encode_source(source, _KNOWN)

    assert frames[1] == SAME
    assert decode_source(*frames, _KNOWN) == source


def test_three_thousand_blocks_are_some_tens_of_kilobytes() -> None:
    blocks = {n * 2**40: (n % 50, 1) for n in range(3000)}
    source = replace(_SOURCE, known=HostKnowledge(blocks=blocks, pages=50))

    assert len(encode_source(source)[1]) < 40_000


def test_a_child_remembers_what_is_known_of_the_host() -> None:
    source = replace(_SOURCE, known=_KNOWN)
    frames, out = io.BytesIO(), io.BytesIO()
    for frame in (*encode_source(source), *encode_source(source, _KNOWN)):
        write_frame(frames, frame)
    frames.seek(0)
    before = resource.getrlimit(resource.RLIMIT_CPU)
    try:
        serve(frames, out, cpu_seconds=100)
    finally:
        resource.setrlimit(resource.RLIMIT_CPU, before)
    out.seek(0)

    assert [read_frame(out), read_frame(out), read_frame(out)] == [
        *[encode_extraction(extract(source))] * 2,
        None,
    ]


def test_an_extraction_survives() -> None:
    extraction = extract(_SOURCE)

    assert decode_extraction(encode_extraction(extraction)) == extraction


def test_nonsense_is_no_extraction() -> None:
    with pytest.raises(ValueError, match="validation error"):
        decode_extraction(b'{"verdict": 1}')


def test_a_cut_frame_is_the_end() -> None:
    stream = io.BytesIO()
    write_frame(stream, b"page")

    assert read_frame(io.BytesIO(stream.getvalue())) == b"page"
    assert read_frame(io.BytesIO(stream.getvalue()[:-1])) is None
    assert read_frame(io.BytesIO()) is None


def test_a_child_answers_each_page_until_its_input_ends() -> None:
    frames, out = io.BytesIO(), io.BytesIO()
    for frame in encode_source(_SOURCE) * 2:
        write_frame(frames, frame)
    frames.seek(0)
    before = resource.getrlimit(resource.RLIMIT_CPU)
    try:
        serve(frames, out, cpu_seconds=100)
    finally:
        resource.setrlimit(resource.RLIMIT_CPU, before)
    out.seek(0)

    expected = encode_extraction(extract(_SOURCE))
    assert [read_frame(out), read_frame(out), read_frame(out)] == [
        expected,
        expected,
        None,
    ]
