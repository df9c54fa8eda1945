"""What a container's tag, role, class and id say it is: navigation, comments, share bar.

Names are weak evidence: they are read as whole words of a class or id, never as
parts of words ("bar" and "ad" are in too many), and a container that
holds most of the page's prose loses its mark (see `blocks`).
"""

import json
import re
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from types import MappingProxyType

_DATA = json.loads(
    files("crawler.extract").joinpath("data/chrome.json").read_text("utf-8")
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_TAGS = MappingProxyType(
    {
        "nav": "navigation",
        "footer": "footer",
        "aside": "sidebar",
        "menu": "navigation",
        "figcaption": "caption",
        "form": "form",
        "address": "author",
        "time": "date",
    },
)
_ROLES = MappingProxyType(
    {
        "navigation": "navigation",
        "menu": "navigation",
        "menubar": "navigation",
        "banner": "navigation",
        "contentinfo": "footer",
        "complementary": "sidebar",
        "search": "form",
        "form": "form",
        "dialog": "dialog",
        "alertdialog": "dialog",
        "toolbar": "share",
        "tooltip": "hidden",
    },
)


def _table(strength: str) -> dict[str, str]:
    return {name: kind for kind, names in _DATA[strength].items() for name in names}


_STRONG = _table("strong")
_SOFT = _table("soft")
_STATES = frozenset(
    {"label", "has", "no", "with", "without", "not", "is", "js", "single"}
)
_LAYOUTS = frozenset({"grid", "layout"})
SOFT = frozenset(_DATA["soft"])
#: Furniture in which no part of a story is looked for, whatever leads to it.
NO_STORY = frozenset(
    ("ad", "comments", "cookies", "dialog", "form", "hidden", "navigation", "related")
)
# What a name must have for any kind to be found in it: most have nothing of it.
_WHOLE = frozenset({*_STRONG, *_SOFT})
_PARTS = frozenset(word for name in _WHOLE for word in _WORD.findall(name))
# For ASCII in lower case, several times faster than the pattern: all else is a space.
_LETTERS = bytes(
    code if chr(code).islower() else ord(" ") for code in range(128)
).ljust(256)


def chrome_of(tag: str, names: str, role: str) -> str | None:
    """Return the kind of page furniture a container is, or None.

    Args:
        tag: Tag name.
        names: Class and id attributes, joined by a space.
        role: ARIA role, or nothing.
    """
    marked = _ROLES.get(role) or _TAGS.get(tag)
    if marked is not None or not names or tag in {"body", "html", "main"}:
        return marked
    soft = None
    for name in names.split():
        strong, weak = _kinds_of(name)
        if strong is not None and (strong != "factbox" or tag != "table"):
            return strong
        soft = soft or weak
    return soft


@lru_cache(maxsize=8192)
def _kinds_of(name: str) -> tuple[str | None, str | None]:
    """Return what one class or id says for sure, and what it may say."""
    whole = name.lower()
    if name == whole and name.isascii() and whole not in _WHOLE:
        bare = name.encode("ascii").translate(_LETTERS).decode("ascii")
        if _PARTS.isdisjoint(bare.split()):
            return None, None
    words = [word.lower() for word in _WORD.findall(name)]
    if whole not in _WHOLE and _PARTS.isdisjoint(words):
        return None, None
    pairs = [f"{a}-{b}" for a, b in pairwise(words)] if len(words) > 1 else ()
    soft = None
    for word in (whole, *pairs, *words):
        if word in _STRONG and not _is_frame(words):
            return _STRONG[word], soft
        soft = soft or _SOFT.get(word)
    return None, soft


def _is_frame(words: list[str]) -> bool:
    """Tell a name of a layout or state that only mentions furniture (`has-sidebar`, `sidebar-grid`)."""
    return words[0] in _STATES or not _LAYOUTS.isdisjoint(words)
