"""What a kept page needs to be shown as it looked: its styles and images; pure."""

from collections.abc import Callable, Iterable, Iterator

from selectolax.lexbor import LexborNode

from crawler.charset import decoded
from crawler.discover.pages import base_of, parse_page
from crawler.doors.images import image_of, is_inline
from crawler.doors.page import sheet_of
from crawler.doors.styles import clean_styles
from crawler.errors import BadUrl, NotReadable
from crawler.urls import fetch_url
from storage.model.exchange import Exchange

#: So many are kept of one page, and of one style sheet.
MOST_OF_PAGE, MOST_OF_STYLE = 100, 50
_SHOWING = "link,style,img,[style],[background]"


def assets_of_page(page: Exchange) -> tuple[str, ...]:
    """Return the absolute URLs of a page's style sheets and images; each once.

    Of an image in several sizes one is named, that which replay shows.
    """
    text = decoded(page.body, page.header("content-type"))
    try:
        tree = parse_page(text.encode("utf-8", "replace"))
    except NotReadable:
        return ()
    written: list[str] = []
    for node in tree.css(_SHOWING):
        _note(node, written.append)
    return _named(written, base_of(tree, page.url), MOST_OF_PAGE)


def assets_of_style(sheet: Exchange) -> tuple[str, ...]:
    """Return the absolute URLs of the images that a style sheet names; each once.

    None for what is no style sheet.
    """
    stated = sheet.header("content-type") or ""
    if not stated.lower().startswith("text/css"):
        return ()
    written: list[str] = []
    clean_styles(decoded(sheet.body, stated), written.append)
    return _named(written, sheet.url, MOST_OF_STYLE)


def _note(node: LexborNode, note: Callable[[str], None]) -> None:
    said = node.attributes
    match node.tag:
        case "link":
            note(sheet_of(said) or "")
        case "style":
            clean_styles(node.text(deep=True), note)
        case "img":
            note(image_of(said) or "")
    clean_styles(said.get("style") or "", note)
    note(said.get("background") or "")


def _named(written: Iterable[str], base: str, most: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_absolute(written, base)))[:most]


def _absolute(written: Iterable[str], base: str) -> Iterator[str]:
    for one in written:
        if one.strip() and not is_inline(one):
            try:
                yield fetch_url(one, base)
            except BadUrl:
                continue
