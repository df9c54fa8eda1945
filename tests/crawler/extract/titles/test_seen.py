"""What stands visibly where a story begins, and what does not count."""

from selectolax.lexbor import LexborHTMLParser

from crawler.extract.layout.walk import lay_out
from crawler.extract.titles.seen import Heading, Seen, look_before


def _seen(body: str, first: int) -> Seen:
    root = LexborHTMLParser(f"<html><body>{body}</body></html>").body
    assert root is not None
    return look_before(lay_out(root, {}), first)


def test_lines_and_headings_are_counted_from_the_story() -> None:
    seen = _seen("<p>Monday</p><h1>Old mill</h1><p>It grinds again.</p>", 2)

    assert seen.lines == {"Monday": 2, "Old mill": 1, "It grinds again.": 0}
    assert seen.headings == {"oldmill": Heading("Old mill", 1, 1)}


def test_a_heading_is_found_however_it_is_spelt() -> None:
    seen = _seen("<h1>“Old” mill</h1><p>It grinds again.</p>", 1)

    assert seen.distance("Old mill") == 1
    assert seen.distance("New mill") is None


def test_a_paragraph_is_no_line() -> None:
    seen = _seen(f"<p>{'Water rises. ' * 40}</p><h2>Old mill</h2>", 1)

    assert list(seen.lines) == ["Old mill"]


def test_the_footer_is_not_where_a_story_begins() -> None:
    prose = "<p>The mill by the river grinds flour again, says the miller.</p>" * 6
    seen = _seen(f"<h1>Old mill</h1>{prose}<footer><h2>About us</h2></footer>", 4)

    assert list(seen.headings) == ["oldmill"]
