"""The story in a page's data, for pages that a script would put together.

Applications send the story as markup in a string of JSON, `<` written as its
escape, or as a list of blocks, among their state, and show nothing before a script has run.
"""

import json
import re
from collections.abc import Collection

from crawler.extract.layout.blocks import Layout
from crawler.extract.layout.walk import lay_out
from crawler.extract.measure import fold
from crawler.extract.page import Page, read_page
from crawler.extract.readers.richtext import story_markup
from crawler.extract.readers.state import states_of
from crawler.extract.source import PageSource

_LITERAL = re.compile(r'"((?:[^"\\]|\\.){150,})"', re.DOTALL)
_PARAGRAPH = re.compile(r"(?:<|\\u003c)(?:p|br)\b", re.IGNORECASE)
_CANDIDATES = 8
_SHORTEST = 8


def lay_out_embedded(
    source: PageSource, page: Page, titles: Collection[str]
) -> Layout | None:
    """Return the layout of the longest story in a script that also holds the page's title.

    Args:
        source: The capture.
        page: Its parse.
        titles: Titles of the page as read: what stands beside another title is
            another story.
    """
    wanted = {_half(fold(title)) for title in titles} - {""}
    found: list[str] = []
    for script in page.select("script:not([src])"):
        text = script.text()
        if _PARAGRAPH.search(text) and _holds(text, wanted):
            found += filter(None, map(_markup, _LITERAL.findall(text)))
    folded = {fold(title) for title in titles} - {""}
    told = (story_markup(state, folded) for state in states_of(page, titles))
    found += filter(None, told)
    found.sort(key=len, reverse=True)
    layouts = [_lay_out(source, markup) for markup in found[:_CANDIDATES]]
    return max(filter(None, layouts), key=lambda each: each.mass[0], default=None)


def _holds(script: str, titles: Collection[str]) -> bool:
    folded = fold(script)
    return any(title in folded or fold(json.dumps(title)) in folded for title in titles)


def _half(title: str) -> str:
    """Return the first half of a title: the site's name may stand behind it."""
    return title[: max(_SHORTEST, len(title) // 2)] if len(title) >= _SHORTEST else ""


def _markup(literal: str) -> str | None:
    if not _PARAGRAPH.search(literal):
        return None
    try:
        text = json.loads(f'"{literal}"', strict=False)
    except ValueError:
        return None
    return text if isinstance(text, str) and "<" in text else None


def _lay_out(source: PageSource, markup: str) -> Layout | None:
    page = read_page(
        PageSource(
            source.url,
            markup.encode(errors="replace"),
            source.captured_at,
            headers=(("content-type", "text/html; charset=utf-8"),),
        )
    )
    if page.tree is None or page.tree.body is None:
        return None
    layout = lay_out(page.tree.body, {})
    return layout if layout.containers else None
