"""Parts of a page that its server sent later, put where the browser shows them.

React writes a page as it becomes ready (`renderToPipeableStream`; Next.js does so by
itself): where a part is awaited stands an empty template, `B:1` or `P:1`, and what is
shown meanwhile; the part comes at the end of the page in a hidden `S:1`, and a line of
script moves it. Its names are those of ReactFizzConfigDOM.js.
"""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

#: In every page with such parts; the others are not looked at.
_MARK = 'id="S:'
_PARTS = 'body > div[hidden][id^="S:"]'
# The comment says that what follows the template gives way to the part.
_PLACE = re.compile(r'(<!--\$[?~]-->)?<template id="[BP]:([0-9a-f]+)"></template>')
# Of what gives way: `$` opens a part within it, `/$` ends one, or the whole.
_EDGE = re.compile(r"<!--(?:(/[$&])|\$[?!~]?|&)-->")
_MOST_PARTS = 1000
_LONGEST = 100_000


def put_in_place(markup: str, tree: LexborHTMLParser) -> str | None:
    """Return the markup as the browser shows it, or None where nothing came later.

    Args:
        markup: As it was sent.
        tree: Its parse.
    """
    if _MARK not in markup:
        return None
    whole = tree.html or ""
    places = {place[2] for place in _PLACE.finditer(whole)}
    nodes = [n for n in tree.css(_PARTS) if _name(n) in places]
    if not nodes or len(nodes) > _MOST_PARTS:
        return None
    rest: list[str] = []
    parts: dict[str, str] = {}
    at = 0
    for node in nodes:
        part = node.html or ""
        start = whole.find(part, at)
        if start < 0 or _name(node) in parts:
            return None
        parts[_name(node)] = node.inner_html or ""
        rest.append(whole[at:start])
        at = start + len(part)
    rest.append(whole[at:])
    return "".join(_filled("".join(rest), parts))


def _name(node: LexborNode) -> str:
    return (node.id or "").removeprefix("S:")


def _filled(shell: str, parts: dict[str, str]) -> Iterator[str]:
    """Return the pieces of a page with each part in its first place; parts have places, too."""
    open_ends = [(shell, 0)]
    while open_ends:
        markup, at = open_ends.pop()
        place = _PLACE.search(markup, at)
        if place is None:
            yield markup[at:]
            continue
        yield markup[at : place.start()]
        part = parts.pop(place[2], None)
        if part is None:
            yield place[0]
            open_ends.append((markup, place.end()))
            continue
        end = _end_of_wait(markup, place.end()) if place[1] else place.end()
        open_ends += [(markup, end), (part, 0)]


def _end_of_wait(markup: str, at: int) -> int:
    """Return where that ends which was shown until the part came, or `at` if it is not said."""
    depth = 0
    for edge in _EDGE.finditer(markup, at, at + _LONGEST):
        if not edge[1]:
            depth += 1
        elif depth:
            depth -= 1
        else:
            return edge.start()
    return at
