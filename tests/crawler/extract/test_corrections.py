"""A newsroom's correction is part of the story, wherever the page sets it."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.extract.corrections import corrections
from crawler.extract.layout.walk import lay_out

_STORY = (
    "<p>The reservoir has filled again after a dry year, the board said on Monday.</p>"
)
_NOTE = "An earlier version of this article said that the reservoir was built in 1912."
_WRONG = "The reservoir was built in 1921, and not nine years earlier as we had said."


def _found(rest: str, before: str = "") -> list[str]:
    """Return the blocks that are added to the story in a page."""
    root = LexborHTMLParser(f"<body>{before}<main>{_STORY}</main>{rest}</body>").body
    assert root is not None
    layout = lay_out(root, {})
    texts = [block.text for block in layout.blocks]
    story = next(i for i, text in enumerate(texts) if text in _STORY)
    return [texts[i] for i in corrections(layout, [story])]


@pytest.mark.parametrize(
    "part",
    [
        f"<footer><p><sub>•</sub> {_NOTE}</p></footer>",
        f"<aside><p>{_NOTE}</p></aside>",
        f"<aside class=article-correction><div>{_WRONG}</div></aside>",
        f"<div id=editors-note><p>{_WRONG}</p></div>",
        f"<footer><p>Correction, March 4: {_WRONG}</p></footer>",
    ],
    ids=["in a foot", "aside", "by its name", "by its id", "by its label"],
)
def test_a_correction_behind_the_story_belongs_to_it(part: str) -> None:
    (text,) = _found(part)

    assert text.endswith((_NOTE, _WRONG))


@pytest.mark.parametrize(
    "note",
    [
        "Korrektur, 4. März: Der Stausee wurde im Jahr 1921 gebaut und nicht 1912.",
        "In einer früheren Fassung hieß es, der Stausee sei im Jahr 1912 gebaut worden.",
        "Rectificatif : le barrage a été construit en 1921, et non en 1912.",
        "Una versión anterior de este artículo decía que la presa es del año 1912.",
        "Ralat: Waduk itu dibangun pada tahun 1921, bukan pada tahun 1912.",
        "تصحيح: بني الخزان في عام 1921 وليس في عام 1912 كما ذكرنا من قبل.",
        "【訂正】貯水池が造られたのは1912年ではなく、1921年でした。おわびします。",
    ],
    ids=["de", "de sentence", "fr", "es", "id", "ar", "ja"],
)
def test_corrections_are_known_in_many_languages(note: str) -> None:
    assert _found(f"<footer><p>{note}</p></footer>") == [note]


def test_a_correction_over_the_story_belongs_to_it() -> None:
    assert _found("", before=f"<aside><p>{_NOTE}</p></aside>") == [_NOTE]


def test_a_correction_keeps_its_heading() -> None:
    part = f"<aside><h2>Corrections and clarifications</h2><p>{_NOTE}</p></aside>"

    assert _found(part) == ["Corrections and clarifications", _NOTE]


@pytest.mark.parametrize(
    "part",
    [
        f"<div class=comments><p>{_NOTE}</p></div>",
        f"<h2>Old tram returns to the hill</h2><p>{_NOTE}</p>",
        f"<aside><p><a href=/s/1>{_NOTE}</a></p></aside>",
        f"<div class=corrections-link><p>{_WRONG}</p></div>",
        f"{'<p>More.</p>' * 12}<p>{_NOTE}</p>",
        "<aside><p>Correction fluid was spilt on the minutes of the board.</p></aside>",
        "<aside><h2>Correction</h2></aside>",
    ],
    ids=[
        *("a comment", "another story", "a link", "another name"),
        *("far away", "no label", "a heading alone"),
    ],
)
def test_other_parts_do_not(part: str) -> None:
    assert _found(part) == []
