"""A story that stands only in a page's data is read, and only where it is the page's own."""

import json
from datetime import UTC, datetime

from crawler.extract.article import extract
from crawler.extract.source import PageSource
from storage.model.verdict import VerdictKind

_STORY = "<figure><figcaption>A pier</figcaption></figure>" + "".join(
    f"<p>The harbour office counted {n} barges on the river, and none of them carried "
    "a lamp, so the keeper rowed out with his own to lend it to them for the night.</p>"
    for n in range(5)
)


def _page(state: str, *, title: str = "Keeper lends his lamp", tail: str = "") -> bytes:
    return (
        f'<html><head><title>{title} | Harbour Lamp</title></head><body><div id="root">'
        f"</div><script>window.STATE = {state}</script>{tail}</body></html>"
    ).encode()


def _state(story: str = _STORY, *, ascii_only: bool = False) -> str:
    state = {"data": {"title": "Keeper lends his lamp", "html": story}}
    return json.dumps(state, ensure_ascii=ascii_only).replace("<", "\\u003c")


def _read(body: bytes) -> tuple[VerdictKind, list[str]]:
    extraction = extract(
        PageSource("https://lamp.example/1", body, datetime(2026, 3, 4, tzinfo=UTC))
    )
    blocks = extraction.article.blocks if extraction.article else ()
    return extraction.verdict.kind, [block.text for block in blocks]


def test_a_story_in_a_string_of_json_is_read() -> None:
    kind, texts = _read(_page(_state()))

    assert kind is VerdictKind.ARTICLE
    assert len(texts) == 5
    assert texts[3].startswith("The harbour office counted 3 barges")


def test_a_story_beside_another_title_is_not_the_pages() -> None:
    kind, _ = _read(_page(_state(), title="Baker wins a prize for bread"))

    assert kind is VerdictKind.ERROR


def test_a_page_that_shows_its_story_is_not_searched() -> None:
    shown = "<article><h1>Keeper lends his lamp</h1>" + "".join(
        f"<p>Sentence {n} stands on the page for all to read, without any script.</p>"
        for n in range(8)
    )

    kind, texts = _read(_page(_state(), tail=shown))

    assert kind is VerdictKind.ARTICLE
    assert texts[0] == (
        "Sentence 0 stands on the page for all to read, without any script."
    )


def test_broken_json_is_left_alone() -> None:
    broken = _state().replace("barges", "\\x barges")

    assert _read(_page(broken))[0] is VerdictKind.ERROR
