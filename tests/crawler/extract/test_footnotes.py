"""Notes at a story's foot are part of it where its marks lead to them."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.extract.footnotes import footnotes
from crawler.extract.layout.walk import lay_out

_STORY = (
    "The reservoir above the village has filled again after a dry year, the board said"
)
_NOTE = "Minutes of the water board, 2 March 2026, page 14, kept in the archive."
_MARK = "<sup><a href=#n1>[1]</a></sup>"


def _found(rest: str, mark: str = _MARK) -> list[str]:
    """Return the blocks that are added to a story with a mark."""
    markup = f"<main><div><p>{_STORY}.{mark}</p>{rest}</div></main>"
    root = LexborHTMLParser(f"<body>{markup}</body>").body
    assert root is not None
    layout = lay_out(root, {})
    return [layout.blocks[i].text for i in footnotes(layout, [0])]


@pytest.mark.parametrize(
    "notes",
    [
        f"<ol><li id=n1>{_NOTE} <a href=#r1>↩</a></li></ol>",
        f"<ol><li id=n1><p>{_NOTE} <a href=#r1>↩</a></p></li></ol>",
        f"<p id=n1><a href=#r1>[1]</a> {_NOTE}</p>",
        f"<div><a id=n1 href=#r1>1</a><div><p>{_NOTE}</p></div></div>",
        f"<section><div><a href=#r1>1</a></div><div>{_NOTE}</div></section>",
    ],
    ids=["list", "paragraph in a list", "paragraphs", "substack", "apart"],
)
def test_notes_belong_to_the_story(notes: str) -> None:
    (note,) = _found(notes)

    assert _NOTE in note


def test_all_of_a_list_of_notes_belongs_to_it() -> None:
    notes = f"<ol><li>{_NOTE} <a href=#r1>↩</a></li><li>Ibid., p. 15.</li></ol>"

    assert _found(notes) == [f"{_NOTE} ↩", "Ibid., p. 15."]


@pytest.mark.parametrize(
    "rest",
    [
        f"<ul><li><a href=#part>{_NOTE}</a></li></ul>",
        f"<div class=comments><p><a href=#c1>#1</a> {_NOTE}</p></div>",
        f"<p>{_NOTE} <a href=#>♥</a></p>",
        f"<p>{_NOTE} <a href=/s/1>1</a></p>",
        "<p><a href=#top>↑</a></p>",
    ],
    ids=["table of contents", "comment", "leads nowhere", "another page", "to the top"],
)
def test_other_parts_do_not(rest: str) -> None:
    assert _found(rest) == []


def test_a_story_without_marks_has_no_notes() -> None:
    assert _found(f"<p><a href=#r1>1</a> {_NOTE}</p>", mark="") == []


def test_thousands_of_marks_are_not_sought_for_notes() -> None:
    rest = "<div><a href=#r1>1</a></div>" * 3000

    assert _found(f"{rest}<p><a href=#r1>1</a> {_NOTE}</p>") == []
