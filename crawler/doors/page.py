"""A kept page as it may be shown: its words and looks, nothing that acts; pure.

A new page is written from the parsed one, of elements and attributes that are named
here; everything else is left out, so nobody has to know what is dangerous. (nh3 cleans
by such lists too, but knows neither styles nor `srcset`, where most addresses stand.)
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import escape

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.discover.pages import base_of
from crawler.doors.images import candidates, image_of
from crawler.doors.styles import clean_styles
from crawler.errors import BadUrl
from crawler.urls import fetch_url

#: Left out with all that is in them.
_DROPPED = frozenset(
    """
    applet audio base button canvas datalist embed fencedframe frame frameset iframe
    input link math meta meter noembed noframes object optgroup option output param
    portal progress script select svg template textarea track video xmp plaintext
    listing
    """.split()  # noqa: SIM905  # a table of words
)
_KEPT = frozenset(
    """
    a abbr address article aside b bdi bdo big blockquote body br caption center cite
    code col colgroup dd del details dfn div dl dt em figcaption figure font footer h1
    h2 h3 h4 h5 h6 head header hgroup hr html i img ins kbd label legend li main mark
    menu nav ol p picture pre q rp rt ruby s samp section small source span strike
    strong style sub summary sup table tbody td tfoot th thead time title tr tt u ul var
    wbr
    """.split()  # noqa: SIM905  # a table of words
)
_VOID = frozenset({"br", "col", "hr", "img", "source", "wbr"})
_ATTRIBUTES = frozenset(
    """
    align alt bgcolor border cellpadding cellspacing class color colspan datetime dir
    face height hidden id lang media nowrap open reversed rowspan scope size sizes span
    start title type valign value width
    """.split()  # noqa: SIM905  # a table of words
)
_INLINE_IMAGE = re.compile(
    r"data:image/(?:png|jpe?g|gif|webp|avif|x-icon|bmp)[;,]", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where what a page refers to stands in the archive, by its absolute URL.

    `image` and `style` return None for what is not kept.
    """

    link: Callable[[str], str]
    image: Callable[[str], str | None]
    style: Callable[[str], str | None]


def shown_page(tree: LexborHTMLParser, url: str, places: Places, notice: str) -> str:
    """Return the page to show.

    Args:
        tree: The kept page.
        url: Where it was received from.
        places: Where its links lead, and its images and styles are.
        notice: Markup of ours to begin the body with.
    """
    pieces = ["<!doctype html>\n"]
    writer = _Writer(base=base_of(tree, url), places=places, notice=notice)
    if tree.root is not None:
        pieces += writer.written(tree.root)
    return "".join(pieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Writer:
    base: str
    places: Places
    notice: str

    def written(self, root: LexborNode) -> Iterator[str]:
        """Yield a tree as markup; without recursion, for trees are deep."""
        node: LexborNode | None = root
        while node is not None:
            yield from self._opened(node)
            inner = node.child if _is_entered(node) else None
            while inner is None and node is not None:
                yield from _closed(node)
                if node == root:
                    return
                inner = node.next
                node = node.parent if inner is None else node
            node = inner

    def _opened(self, node: LexborNode) -> Iterator[str]:
        tag = node.tag or ""
        if tag == "-text":
            yield escape(node.text_content or "", quote=False)
        elif tag == "style":
            text = clean_styles(node.text(deep=True), self._image)
            yield f"<style{self._attributes(node)}>{text}</style>"
        elif tag == "link":
            yield self._sheet(node)
        elif tag in _KEPT:
            yield f"<{tag}{self._attributes(node)}>"
            if tag == "head":
                yield '<meta charset="utf-8">'
            if tag == "body":
                yield self.notice

    def _attributes(self, node: LexborNode) -> str:
        said = node.attributes
        if node.tag == "img":
            said = {**said, "src": image_of(said)}
        pairs = (self._attribute(name, value or "") for name, value in said.items())
        return "".join(
            f' {name}="{escape(said)}"' for name, said in filter(None, pairs)
        )

    def _attribute(self, name: str, value: str) -> tuple[str, str] | None:
        """Return an attribute as it is shown, None where it is not."""
        said: str | None = None
        match name:
            case "href":
                said = self._link(value)
            case "src" | "background":
                said = self._image(value)
            case "srcset":
                said = ", ".join(self._candidates(value)) or None
            case "style":
                said = clean_styles(value, self._image)
            case _ if name in _ATTRIBUTES:
                said = value
        return None if said is None else (name, said)

    def _sheet(self, node: LexborNode) -> str:
        said = node.attributes
        url = self._absolute(sheet_of(said) or "")
        if url is None:
            return ""
        place = self.places.style(url)
        media = escape(said.get("media") or "all")
        return (
            f'<link rel="stylesheet" href="{escape(place)}" media="{media}">'
            if place
            else ""
        )

    def _link(self, value: str) -> str | None:
        if value.startswith("#"):
            return value
        url = self._absolute(value)
        if url is None:
            return None
        _, mark, place = value.partition("#")
        return self.places.link(url) + mark + place

    def _image(self, value: str) -> str | None:
        if _INLINE_IMAGE.match(value):
            return value
        url = self._absolute(value)
        return None if url is None else self.places.image(url)

    def _candidates(self, value: str) -> Iterator[str]:
        for written, size in candidates(value):
            place = self._image(written)
            if place is not None and "," not in place and " " not in place:
                yield f"{place} {size}".strip()

    def _absolute(self, value: str) -> str | None:
        try:
            return fetch_url(value, self.base) if value.strip() else None
        except BadUrl:
            return None


def sheet_of(attributes: Mapping[str, str | None]) -> str | None:
    """Return the address of a `link` to a style sheet, as written; None for others."""
    relations = (attributes.get("rel") or "").lower().split()
    is_sheet = "stylesheet" in relations and "alternate" not in relations
    return attributes.get("href") if is_sheet else None


def _is_entered(node: LexborNode) -> bool:
    if node.tag == "noscript":
        return not _repeats_image(node)
    return node.tag not in _DROPPED and node.tag != "style"


def _repeats_image(noscript: LexborNode) -> bool:
    """Tell the image that a page shows where no script puts in the one before it."""
    before = noscript.prev
    while before is not None and before.tag == "-text" and not before.text().strip():
        before = before.prev
    return before is not None and before.tag in {"img", "picture"}


def _closed(node: LexborNode) -> Iterator[str]:
    if node.tag in _KEPT and node.tag not in _VOID and node.tag != "style":
        yield f"</{node.tag}>"
