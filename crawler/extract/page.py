"""A capture decoded, looked over and parsed once."""

import re
from dataclasses import dataclass
from html import unescape
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from crawler.charset import decode
from crawler.extract.messages import without_messages
from crawler.extract.prescan import prescan, without_scripts
from crawler.extract.shadow import open_shadows
from crawler.extract.source import PageSource
from crawler.extract.streamed import put_in_place

_TAG = re.compile(r"<[^<>]{0,20000}>")
_BREAK = re.compile(
    r"<(?:/?(?:p|div|h[1-6]|li|tr|blockquote|article|section)|br)\b", re.IGNORECASE
)
#: What makes text markup, if it stands near the start: servers call both plain text.
_MARKED = re.compile("<[!?/a-z]", re.IGNORECASE)
_START = 4096
# How words are read aloud, set above them.
_READINGS = "rt, rtc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A decoded page.

    Attributes:
        url: The URL that answered.
        markup: The decoded text of the payload, with what came later in its place.
        tree: The parse, or None where markup was unfit to parse.
        charset: What it was decoded with.
        encoded: The same in UTF-8: the payload itself where it came so.
        defects: What was odd about it, as evidence for the verdict.
    """

    url: str
    markup: str
    tree: LexborHTMLParser | None
    charset: str
    encoded: bytes = b""
    defects: tuple[str, ...] = ()

    @property
    def host(self) -> str:
        """The host name of the page, or nothing."""
        try:
            return urlsplit(self.url).hostname or ""
        except ValueError:
            return ""

    def resolve(self, reference: str) -> str | None:
        """Return a reference as an absolute http(s) URL, its blanks escaped, or None."""
        try:
            absolute = urljoin(self.url, reference.strip()).replace(" ", "%20")
            scheme = urlsplit(absolute).scheme
        except ValueError:
            return None
        return absolute if scheme in {"http", "https"} else None

    def select(self, selector: str) -> list[LexborNode]:
        """Return the nodes a CSS selector matches; a bad selector matches none."""
        if self.tree is None:
            return []
        try:
            return self.tree.css(selector)
        except (SelectolaxError, ValueError):
            return []


def read_page(source: PageSource) -> Page:
    """Decode and parse a capture; `tree` is None where it may not be parsed.

    Nor is what is said to be plain text, and has no tag.
    """
    markup, charset = decode(source.body, source.header("content-type"))
    markup, messages = without_messages(markup)
    scan = prescan(markup)
    markup = open_shadows(scan.markup)
    is_opened = markup is not scan.markup
    defects = (*messages, *scan.defects)
    tree = placed = None
    if scan.unfit is not None:
        defects = (*defects, f"not parsed: {scan.unfit}")
    elif not _is_plain(source, markup):
        tree = _parse(markup)
        placed = put_in_place(markup, tree)
    if placed is not None:
        markup, tree = placed, _parse(placed)
    encoded = source.body
    if charset != "utf-8" or messages or is_opened or placed is not None:
        encoded = markup.encode("utf-8", "surrogatepass")
    return Page(
        url=source.url,
        markup=markup,
        tree=tree,
        charset=charset,
        encoded=encoded,
        defects=defects,
    )


def _is_plain(source: PageSource, markup: str) -> bool:
    said = (source.header("content-type") or "").lower()
    return said.startswith("text/plain") and not _MARKED.search(markup, 0, _START)


def _parse(markup: str) -> LexborHTMLParser:
    try:
        tree = LexborHTMLParser(markup)
    except SelectolaxError as error:  # all markup is HTML: only memory can run out
        raise MemoryError(str(error)) from error
    if "<ruby" in markup or "<RUBY" in markup:
        _take_readings(tree)
    return tree


def _take_readings(tree: LexborHTMLParser) -> None:
    """Leave of words that are set with their readings the words alone, in one run.

    Readings stay that the page sets in brackets (`rp`) where there is one line: a
    daily says so how a foreign name is read.
    """
    for ruby in reversed(tree.css("ruby")):  # what is within another first
        if ruby.css_first("rp") is None:
            for node in reversed(ruby.css(_READINGS)):
                node.decompose()
    tree.unwrap_tags(["ruby", "rb"])
    if tree.root is not None:
        tree.root.merge_text_nodes()


def plain_lines(markup: str) -> list[str]:
    """Return the lines of markup without its tags, for what cannot be parsed."""
    bare = _BREAK.sub("\n<", without_scripts(markup))
    lines = (
        " ".join(unescape(line).split()) for line in _TAG.sub("", bare).split("\n")
    )
    return [line for line in lines if line]
