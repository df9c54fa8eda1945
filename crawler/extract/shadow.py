"""Shadow trees that stand in the markup, put where the browser shows them.

A component's text stands in a `<template shadowrootmode>` (HTML, section 4.12.3) that
its server sent, or that was written down of a rendered page. The parser leaves all
templates out, as the browser does: but of these it makes what it shows.
"""

import re
from collections.abc import Iterator

_MARK = "shadowrootmode"
_EDGE = re.compile(r"<template(?=[\s>/])[^>]{0,1000}>|</template\s*>", re.IGNORECASE)
_SHOWN = re.compile(r"\sshadowrootmode\s*=\s*[\"']?(?:open|closed)\b", re.IGNORECASE)


def open_shadows(markup: str) -> str:
    """Return markup with its shadow trees as plain parts of their hosts.

    What slots show of a host stands behind its shadow tree, as it is written.
    """
    return "".join(_opened(markup)) if _MARK in markup.lower() else markup


def _opened(markup: str) -> Iterator[str]:
    at = 0
    is_shown: list[bool] = []
    for edge in _EDGE.finditer(markup):
        begins = not edge[0].startswith("</")
        if begins:
            is_shown.append(_SHOWN.search(edge[0]) is not None)
        if not is_shown or not (is_shown[-1] if begins else is_shown.pop()):
            continue
        yield markup[at : edge.start()]
        yield "<div>" if begins else "</div>"
        at = edge.end()
    yield markup[at:]
