"""An application's state names the author and time of the story with the page's title."""

import json
from datetime import UTC, datetime

import pytest

from crawler.extract.page import read_page
from crawler.extract.readers.draft import Draft, Field, witness
from crawler.extract.readers.state import read_state
from crawler.extract.source import PageSource

_TITLE = "The ferry sails again"
_TITLED: Draft = (witness(Field.TITLE, "dom:h1", _TITLE),)
_OTHER = {"headline": "The mill is sold", "authors": [{"name": "Tom Reeve"}]}


def _read(markup: str, draft: Draft = _TITLED) -> list[tuple[Field, str]]:
    page = read_page(
        PageSource(
            "https://paper.example/a",
            f"<html><body><h1>{_TITLE}</h1>{markup}</body></html>".encode(),
            datetime(2026, 3, 3, tzinfo=UTC),
        )
    )
    return [(w.field, w.claim.value) for w in read_state(page, draft)]


def _typed(state: object) -> str:
    return f'<script id="__NEXT_DATA__" type="application/json">{json.dumps(state)}</script>'


def _pushed(state: object) -> str:
    row = json.dumps("5:" + json.dumps(["$", "div", None, {"article": state}]) + "\n")
    half = len(row) // 2
    pieces = (f'{row[:half]}"', f'"{row[half:]}')
    return "".join(
        f"<script>self.__next_f.push([1,{piece}])</script>" for piece in pieces
    )


@pytest.mark.parametrize(
    "authors",
    [
        {"authors": [{"name": "Ida Quist", "slug": "ida"}]},
        {"author": {"first_name": "Ida", "last_name": "Quist"}},
        {"author": "Ida Quist"},
        {"byline": "Ida Quist"},
        {"credits": {"by": [{"type": "author", "name": "Ida Quist"}]}},
        {"writer": [{"displayName": "Ida Quist"}]},
    ],
    ids=lambda authors: str(next(iter(authors))),
)
def test_the_author_beside_the_title(authors: dict[str, object]) -> None:
    state = {"props": {"article": {"headline": _TITLE, **authors}, "more": [_OTHER]}}

    assert _read(_typed(state)) == [(Field.AUTHOR, "Ida Quist")]


@pytest.mark.parametrize(
    "script",
    [
        "<script>Fusion.globalContent={};Fusion.globalContent=%s;Fusion.x=1</script>",
        "<script>window['__STATE__'] = %s;</script>",
    ],
)
def test_an_assigned_state(script: str) -> None:
    state = {"headlines": {"basic": _TITLE}, "credits": {"by": [{"name": "Ida Quist"}]}}

    assert _read(script % json.dumps(state)) == [(Field.AUTHOR, "Ida Quist")]


def test_a_state_in_a_string() -> None:
    state = json.dumps(json.dumps({"title": _TITLE, "author": "Ida Quist"}))

    assert _read(f"<script>window.S = JSON.parse({state})</script>") == [
        (Field.AUTHOR, "Ida Quist")
    ]


def test_a_streamed_state() -> None:
    article = {"title": _TITLE, "author": {"name": "Ida Quist"}}

    assert _read(_pushed(article)) == [(Field.AUTHOR, "Ida Quist")]


def test_the_time_beside_the_title() -> None:
    state = {"title": _TITLE, "publishedAt": "2026-03-01T10:00:00Z", "author": 12}

    assert _read(_typed(state)) == [(Field.PUBLISHED, "2026-03-01T10:00:00Z")]


@pytest.mark.parametrize(
    "markup",
    [
        _typed(_OTHER),
        "<script type=application/json>{broken author</script>",
        "<script>var author = {'a': 1}</script>",
        "<script type=application/json>" + '{"author":' * 5000 + "</script>",
        "",
    ],
    ids=["another story", "broken", "no JSON", "deep", "nothing"],
)
def test_nothing_is_said(markup: str) -> None:
    assert _read(markup) == []


def test_state_is_not_read_where_the_page_s_data_says_both() -> None:
    draft = (
        *_TITLED,
        witness(Field.AUTHOR, "json-ld:author", "Tom Reeve"),
        witness(Field.PUBLISHED, "meta:article:published_time", "2026-03-01"),
    )

    assert _read(_typed({"title": _TITLE, "author": "Ida Quist"}), draft) == []


def test_a_state_of_nuxt_beside_a_title_in_another_script() -> None:
    flat = [
        {"post": 1},
        {"title": 2, "author": 3},
        "Нов рибен пазар",
        {"name": 4},
        "Ида",
    ]
    script = f'<script type="application/json" id="__NUXT_DATA__">{json.dumps(flat)}</script>'
    draft = (witness(Field.TITLE, "title", "Нов рибен пазар | Harbour"),)

    assert _read(script, draft) == [(Field.AUTHOR, "Ида")]
