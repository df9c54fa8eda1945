"""A story that an editor keeps as a list of blocks in JSON, as markup.

Every headless system has its own words for one thing: a list of objects, each of a kind
(`type`, `_type`, `nodeType`, `style`), whose text stands in spans within. So kinds are
told by what their names hold, and what is no paragraph, heading, quotation or list
(pictures, embedded posts, boxes of links) is left out.
"""

import html
import re
from collections.abc import Collection, Iterator, Mapping

from crawler.extract.measure import fold

#: Of a story's blocks there are no fewer, and they hold no less.
_FEWEST, _LEAST = 2, 300
_MAX_OBJECTS = 50_000
_DEEPEST = 12
_LONGEST_TITLE = 300
_KINDS = (
    "style",
    "nodeType",
    "type",
    "_type",
    "blockType",
    "name",
    "tag",
    "__typename",
)
_TITLES = ("headline", "headlines", "title")
_WITHIN = (
    "text", "value", "content", "children", "data", "attributes", "nodes", "body", "items",
)  # fmt: skip
_HEADING = re.compile(r"(?:^|[^a-z])h[1-6]$|head(?:ing|er|line)|^title$|subtitle")
_QUOTE = re.compile(r"quot|zitat|citation")
_LIST = re.compile(r"list|^[uo]l$")
_ITEM = re.compile(r"item|^li$")
_PROSE = re.compile(
    r"paragraph|^p$|text|^block$|^normal$|^span$|^core/|^unstyled$|^$|^copy$"
)
_NONE = re.compile(
    r"image|photo|video|audio|embed|gallery|advert|\bads?\b|promo|related|newsletter|caption|button|divider|html|link"
)
_MARKUP = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)


def story_markup(state: object, titles: Collection[str]) -> str:
    """Return the longest story of blocks in an object with one of some titles, or nothing.

    Args:
        state: A value as JSON gives it.
        titles: Folded titles of the page.
    """
    stories = (_story(node, titles) for node in _titled(state, titles))
    return max(stories, key=len, default="")


def is_title(text: str, titles: Collection[str]) -> bool:
    """Tell one of some folded titles, or one whose rest is no longer than it."""
    folded = fold(text) if len(text) <= _LONGEST_TITLE else ""
    return bool(folded) and any(
        title == folded
        or (title.startswith(folded) and 2 * len(folded) >= len(title) > _FEWEST)
        for title in titles
    )


def _titled(state: object, titles: Collection[str]) -> Iterator[Mapping[str, object]]:
    waiting, seen = [state], 0
    while waiting and seen < _MAX_OBJECTS:
        current = waiting.pop()
        seen += 1
        if isinstance(current, dict):
            if any(is_title(text, titles) for text in _stated_titles(current)):
                yield current
            waiting += current.values()
        elif isinstance(current, list):
            waiting += current


def _stated_titles(node: Mapping[str, object]) -> Iterator[str]:
    for key in _TITLES:
        stated = node.get(key)
        yield from [stated] if isinstance(stated, str) else ()
        if isinstance(stated, dict):
            yield from (text for text in stated.values() if isinstance(text, str))


def _story(node: Mapping[str, object], titles: Collection[str]) -> str:
    """Return the longest list of blocks within an object, other stories left out."""
    best, waiting = "", [(node, 0)]
    while waiting:
        current, depth = waiting.pop()
        if depth > _DEEPEST:
            continue
        if isinstance(current, list):
            best = max(best, _markup_of(current), key=len)
            waiting += [(item, depth + 1) for item in current]
        elif isinstance(current, dict):
            stated = list(_stated_titles(current))
            if not stated or any(is_title(text, titles) for text in stated):
                waiting += [(value, depth + 1) for value in current.values()]
    return best


def _markup_of(blocks: list[object]) -> str:
    made = [
        _element(block) for block in blocks if isinstance(block, dict) and _kind(block)
    ]
    made = [element for element in made if element]
    markup = "".join(made)
    return markup if len(made) >= _FEWEST and len(markup) >= _LEAST else ""


def _kind(block: Mapping[str, object]) -> str:
    """Return the element that a block is, or nothing for what is none of the text."""
    named = [
        value.lower() for key in _KINDS if isinstance(value := block.get(key), str)
    ]
    if not named or any(map(_NONE.search, named)):
        return ""
    for pattern, element in (
        (_HEADING, "h2"),
        (_QUOTE, "blockquote"),
        (_ITEM, "li"),
        (_LIST, "ul"),
        (_PROSE, "p"),
    ):
        if any(map(pattern.search, named)):
            return element
    return ""


def _element(block: Mapping[str, object]) -> str:
    tag = _kind(block)
    inner = "".join(_inner(block, _DEEPEST, items=tag == "ul")).strip()
    return f"<{tag}>{inner}</{tag}>" if inner else ""


def _inner(value: object, depth: int, *, items: bool) -> Iterator[str]:
    """Yield the text within a block, in order; that of a list by its items."""
    if depth <= 0:
        return
    if isinstance(value, str):
        text = value if _MARKUP.search(value) else html.escape(value, quote=False)
        yield f"<li>{text}</li>" if items else text
    elif isinstance(value, list):
        for item in value:
            yield from _inner(item, depth - 1, items=items)
    elif isinstance(value, dict):
        is_item = items and _kind(value) == "li"
        within = (value[key] for key in _WITHIN if key in value)
        text = "".join(
            piece
            for part in within
            for piece in _inner(part, depth - 1, items=items and not is_item)
        )
        yield f"<li>{text}</li>" if is_item and text else text
