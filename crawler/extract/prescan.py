"""A linear look at markup before a parser that is quadratic in some of it.

lexbor needs 5 s for 50,000 nested `<div>`, 10 s for 50,000 attributes on one
tag and 19 s for 50,000 `<option>`: each in under half a megabyte.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_DEPTH = 1000
MAX_ATTRIBUTES = 2000
MAX_OPTIONS = 2000

# Elements that never stay open, or that a sibling closes.
_SHALLOW = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "colgroup",
        "dd",
        "dt",
        "embed",
        "frame",
        "hr",
        "img",
        "input",
        "li",
        "link",
        "meta",
        "option",
        "optgroup",
        "p",
        "param",
        "path",
        "rect",
        "circle",
        "polygon",
        "source",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "track",
        "use",
        "wbr",
    ],
)
_OPTION = re.compile(r"</?(?:option|optgroup|select)\b[^<>]{0,2000}>", re.IGNORECASE)
_OPTIONS = re.compile(r"<option", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_UNQUOTED = re.compile(r"=[^\s\"'>]+")
_START = re.compile(r"<[a-zA-Z]")
# Letters of both cases are spelled out: a pattern that begins with a mark of its own
# is searched for several times faster than one that ignores case.
_SCRIPT, _STYLE = "[sS][cC][rR][iI][pP][tT]", "[sS][tT][yY][lL][eE]"
_RAW = re.compile(rf"<({_SCRIPT}|{_STYLE})\b")
_RAW_ENDS = {"script": re.compile(f"</{_SCRIPT}"), "style": re.compile(f"</{_STYLE}")}
_WINDOW = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What the pre-scan found.

    `markup` is fit to parse when `unfit` is None; options beyond the limit are
    already taken out of it. `defects` says what was odd.
    """

    markup: str
    unfit: str | None = None
    defects: tuple[str, ...] = ()


def prescan(markup: str) -> Scan:
    """Tell whether markup may be parsed, and take out what may not."""
    defects: tuple[str, ...] = ()
    bare = without_scripts(markup)
    tags = bare.count("<")
    if tags > MAX_OPTIONS and len(_OPTIONS.findall(bare)) > MAX_OPTIONS:
        markup = _OPTION.sub("", markup)
        bare = without_scripts(markup)
        defects = (f"over {MAX_OPTIONS} options",)
    unfit = None
    if tags - bare.count("</") > MAX_DEPTH and _too_deep(bare):
        unfit = f"over {MAX_DEPTH} open elements"
    elif _too_many_attributes(bare):
        unfit = f"over {MAX_ATTRIBUTES} attributes in one tag"
    return Scan(markup=markup, unfit=unfit, defects=defects)


def without_scripts(markup: str) -> str:
    """Return markup without script and style elements, in one linear pass."""
    pieces: list[str] = []
    at = 0
    while opened := _RAW.search(markup, at):
        pieces.append(markup[at : opened.start()])
        closed = _RAW_ENDS[opened[1].lower()].search(markup, opened.end())
        if closed is None:
            return "".join(pieces)
        at = closed.end()
    pieces.append(markup[at:])
    return "".join(pieces)


def _too_deep(markup: str) -> bool:
    if _deepest(markup) <= MAX_DEPTH:
        return False
    depth = 0
    for close, name in _TAG.findall(markup):
        if name.lower() in _SHALLOW:
            continue
        depth = max(0, depth - 1) if close else depth + 1
        if depth > MAX_DEPTH:
            return True
    return False


def _deepest(markup: str) -> int:
    """Return a depth that markup does not exceed, counted window by window."""
    deepest = depth = 0
    for start in range(0, len(markup), _WINDOW):
        end = start + _WINDOW
        closed = markup.count("</", start, end)
        opened = markup.count("<", start, end) - closed
        deepest = max(deepest, depth + opened)
        # Ends without a start take nothing from what is opened after them.
        depth = max(depth + opened - closed, opened)
    return deepest


def _long_pieces(markup: str) -> Iterator[str]:
    """Return what stands between two `>` and is longer than twice so many letters as attributes.

    A piece of that length holds a whole window without `>`, wherever the windows begin.
    """
    at = 0
    while at < len(markup):
        if markup.find(">", at, at + MAX_ATTRIBUTES) >= 0:
            at += MAX_ATTRIBUTES
            continue
        start, end = markup.rfind(">", 0, at) + 1, markup.find(">", at)
        end = len(markup) if end < 0 else end
        if end - start > 2 * MAX_ATTRIBUTES:
            yield markup[start:end]
        at = end + 1


def _too_many_attributes(markup: str) -> bool:
    for piece in _long_pieces(markup):
        if tag := _START.search(piece):
            inside = _QUOTED.sub('""', piece[tag.start() :])
            if (
                len(inside.split()) > MAX_ATTRIBUTES
                or inside.count("=") > MAX_ATTRIBUTES
                or _UNQUOTED.sub("", inside).count("/") > MAX_ATTRIBUTES
            ):
                return True
    return False
