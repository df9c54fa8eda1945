"""A story kept as a list of blocks in JSON is read in the words of every system."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from crawler.extract.article import extract
from crawler.extract.readers.devalue import revived
from crawler.extract.readers.richtext import is_title, story_markup
from crawler.extract.source import PageSource
from storage.model.verdict import VerdictKind

_TITLE = "Нов рибен пазар на брегот на езерото"
_PROSE = [
    f"Пазарот број {n} има две ладилни комори и електронски ваги, а рибарите велат дека "
    "загубите веќе се многу помали отколку порано, кога сонцето им ја расипуваше рибата."
    for n in range(4)
]
_HEAD = "Цените пораснаа"

Block = Callable[[str, str], object]


def _sanity(kind: str, text: str) -> object:
    style = {"p": "normal", "h": "h2", "q": "blockquote"}[kind]
    return {
        "_type": "block",
        "style": style,
        "children": [{"_type": "span", "text": text}],
    }


def _contentful(kind: str, text: str) -> object:
    name = {"p": "paragraph", "h": "heading-2", "q": "blockquote"}[kind]
    return {
        "nodeType": name,
        "content": [{"nodeType": "text", "value": text, "marks": []}],
    }


def _strapi(kind: str, text: str) -> object:
    name = {"p": "paragraph", "h": "heading", "q": "quote"}[kind]
    return {"type": name, "children": [{"type": "text", "text": text}]}


def _editorjs(kind: str, text: str) -> object:
    name = {"p": "paragraph", "h": "header", "q": "quote"}[kind]
    return {"id": "x1", "type": name, "data": {"text": text}}


def _arc(kind: str, text: str) -> object:
    name = {"p": "text", "h": "header", "q": "quote"}[kind]
    return {
        "type": name,
        "content": text if kind != "p" else f"<b>{text[:8]}</b>{text[8:]}",
    }


def _wordpress(kind: str, text: str) -> object:
    name = {"p": "core/paragraph", "h": "core/heading", "q": "core/quote"}[kind]
    return {"name": name, "attributes": {"content": text}}


_IN_WORDS_OF = (_sanity, _contentful, _strapi, _editorjs, _arc, _wordpress)
_MORE: list[object] = [
    {"_type": "image", "caption": "Една рака со риба на пазарот", "type": "image"},
    {"type": "related", "items": [{"type": "text", "text": "Друга сторија"}]},
]


def _blocks(block: Block) -> list[object]:
    first, *rest = _PROSE
    return [
        block("p", first),
        block("h", _HEAD),
        *(block("p", text) for text in rest[:-1]),
        *_MORE,
        block("q", rest[-1]),
    ]


def _read(state: object) -> tuple[VerdictKind, list[str]]:
    page = (
        f"<html><head><title>{_TITLE} | Harbour Lamp</title></head><body><div id=app></div>"
        f"<script type=application/json>{json.dumps(state)}</script></body></html>"
    )
    source = PageSource(
        "https://lamp.example/a", page.encode(), datetime(2026, 3, 4, tzinfo=UTC)
    )
    extraction = extract(source)
    blocks = extraction.article.blocks if extraction.article else ()
    return extraction.verdict.kind, [block.text for block in blocks]


@pytest.mark.parametrize("block", _IN_WORDS_OF, ids=lambda f: f.__name__.strip("_"))
def test_a_story_of_blocks_is_read(block: Block) -> None:
    first, *rest = _PROSE

    kind, texts = _read({"props": {"post": {"title": _TITLE, "body": _blocks(block)}}})

    assert kind is VerdictKind.ARTICLE
    assert texts == [first, _HEAD, *rest]


def test_the_blocks_of_another_story_are_not() -> None:
    other = {"title": "Друга сторија за езерото", "body": _blocks(_sanity)}

    kind, texts = _read({"post": {"title": _TITLE, "related": [other]}})

    assert (kind, texts) == (VerdictKind.ERROR, [])


def test_a_list_gives_its_items() -> None:
    items = [
        {"type": "list-item", "children": [{"type": "text", "text": text}]}
        for text in _PROSE
    ]
    story = {
        "title": "A",
        "body": [_strapi("p", _PROSE[0]), {"type": "list", "children": items}],
    }

    markup = story_markup(story, {"a"})

    assert markup.count("<li>") == len(_PROSE)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("Ferry sails again", True),
        ("Ferry sails again | Lamp", True),
        ("Ferry", False),
        ("", False),
    ],
)
def test_a_title_may_lack_what_the_window_adds(text: str, *, known: bool) -> None:
    assert is_title(text, {"ferrysailsagainlamp"}) is known


def test_a_flat_list_is_put_together() -> None:
    flat = [
        {"data": 1},
        ["Reactive", 2],
        {"title": 3, "tags": 4, "self": 2},
        "T",
        [3, 99],
    ]

    made = revived(flat)

    assert isinstance(made, dict)
    assert made["data"]["title"] == "T"
    assert made["data"]["tags"] == ["T", None]
