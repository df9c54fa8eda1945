"""The one walk over a parsed page that makes its blocks and containers."""

import re
from collections.abc import Mapping

from selectolax.lexbor import LexborNode

from crawler.extract.blocks import Container, Layout, TextBlock, measure_layout
from crawler.extract.chrome import chrome_of
from crawler.extract.measure import ends_sentence, weight
from storage.model import BlockKind

DROPPED = frozenset(
    [
        "script",
        "style",
        "template",
        "noscript",
        "button",
        "dialog",
        "svg",
        "iframe",
        "input",
        "select",
        "textarea",
        "object",
        "canvas",
        "video",
        "audio",
        "embed",
        "applet",
        "math",
        "noembed",
        "noframes",
        "head",
        "map",
        "meter",
        "progress",
        "datalist",
    ],
)
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "frameset",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ],
)
_HEADINGS = {f"h{n}": n for n in range(1, 7)}
_LISTS = frozenset({"ul", "ol", "dl", "menu"})
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_HIDDEN_NAME = re.compile(
    r"(?:^|\s)(?:sr-only|visually-?hidden|screen-reader(?:-text)?|a11y-hidden|visuallyhidden)(?:\s|$)",
)
_EMBEDS = re.compile(
    r"twitter-tweet|twitter-video|instagram-media|tiktok-embed|fb-post|bluesky-embed"
)
_SPACES = re.compile(r"\s+")
# Where a link starts and ends in the run being gathered; `charset` lets neither in.
_LINK_STARTS = "\x01"
_LINK_ENDS = "\x02"
_BLANK = " \t\r\n\f\xa0\u200b\ufeff" + _LINK_STARTS + _LINK_ENDS
_MAX_DATA_CELL = 160
_MAX_BLOCKS = 20_000


def lay_out(
    root: LexborNode, hooks: Mapping[int, str], *, hidden: bool = False
) -> Layout:
    """Walk a page and return its blocks.

    Args:
        root: Where to start, usually the body.
        hooks: Roles of nodes by `mem_id`: `body`, `scope`, `drop:KIND`, `cut`.
        hidden: Whether parts that are not displayed are walked too.
    """
    walk = _Walk(hooks, hidden=hidden)
    walk.run(root)
    return measure_layout(walk.containers, walk.blocks)


class _Walk:
    """The state of one walk: where it stands and the run of text being gathered."""

    def __init__(self, hooks: Mapping[int, str], *, hidden: bool) -> None:
        self.containers: list[Container] = []
        self.blocks: list[TextBlock] = []
        self._hooks = hooks
        self._hidden = hidden
        self._open: list[int] = [-1]
        self._parts: list[str] = []
        self._in_link = 0
        self._link = ""
        self._target = ""
        self._lists = 0
        self._quotes = 0
        self._pre = 0
        self._embeds = 0

    def run(self, root: LexborNode) -> None:
        """Visit every node below the root in document order."""
        node: LexborNode | None = root
        stack: list[tuple[LexborNode, str, bool]] = []
        while node is not None:
            tag = node.tag or ""
            if tag == "-text":
                self._text(node.text_content or "")
            elif not tag.startswith("-"):
                entered = self._enter(node, tag)
                if entered is not None:
                    child = node.first_child
                    if child is not None:
                        stack.append((node, tag, entered))
                        node = child
                        continue
                    self._leave(tag, is_container=entered)
            following = node.next if node is not root else None
            while following is None and stack:
                node, tag, is_container = stack.pop()
                self._leave(tag, is_container=is_container)
                following = node.next if node is not root else None
            node = following
            if len(self.blocks) > _MAX_BLOCKS:
                break
        self._flush()

    def _text(self, text: str) -> None:
        if self._pre:
            self._parts.append(text)
        elif not text.isspace():
            self._parts.append(_SPACES.sub(" ", text))
        elif self._parts:
            self._parts.append(" ")

    def _enter(self, node: LexborNode, tag: str) -> bool | None:
        """Open an element; None when it is not walked, else whether it is a container."""
        if tag in DROPPED:
            return None
        if tag == "br":
            self._parts.append("\n")
            return None
        attributes = node.attributes
        if attributes and self._is_hidden(attributes):
            return None
        if tag == "a" and (target := attributes.get("href")):
            self._in_link += 1
            self._link = target
            self._target = self._target or target
            self._parts.append(_LINK_STARTS)
        if tag not in _BLOCKS and not (self._hooks and node.mem_id in self._hooks):
            return False
        self._open_container(node, tag, attributes)
        if tag == "table" and (rows := _data_rows(node)):
            self._parts.append("\n".join(rows))
            self._flush(BlockKind.TABLE)
            self._leave(tag, is_container=True)
            return None
        return True

    def _is_hidden(self, attributes: Mapping[str, str | None]) -> bool:
        if attributes.get("role") == "button" or attributes.get("aria-modal") == "true":
            return True
        names = attributes.get("class")
        if names and _HIDDEN_NAME.search(names):
            return True
        if self._hidden:
            return False
        style = attributes.get("style")
        return "hidden" in attributes or bool(style and _HIDDEN_STYLE.search(style))

    def _open_container(
        self, node: LexborNode, tag: str, attributes: Mapping[str, str | None]
    ) -> None:
        self._flush()
        names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}".strip()
        chrome = chrome_of(tag, names, attributes.get("role") or "")
        hook = self._hooks.get(node.mem_id) if self._hooks else None
        self.containers.append(
            Container(self._open[-1], tag, attributes, chrome, hook),
        )
        self._open.append(len(self.containers) - 1)
        if tag in _LISTS:
            self._lists += 1
        elif tag == "blockquote":
            self._quotes += 1
            self._embeds += bool(_EMBEDS.search(names))
        elif tag == "pre":
            self._pre += 1

    def _leave(self, tag: str, *, is_container: bool) -> None:
        if tag == "a" and self._in_link:
            self._in_link -= 1
            self._parts.append(_LINK_ENDS)
        if not is_container:
            return
        self._flush()
        closed = self.containers[self._open.pop()]
        if tag in _LISTS:
            self._lists -= 1
        elif tag == "blockquote":
            self._quotes -= 1
            self._embeds -= bool(
                self._embeds and _EMBEDS.search(closed.attributes.get("class") or "")
            )
        elif tag == "pre":
            self._pre -= 1

    def _flush(self, kind: BlockKind | None = None) -> None:
        """End the run of text being gathered and keep it as blocks."""
        if not self._parts:
            return
        text = "".join(self._parts)
        target = self._target
        self._target = self._link if self._in_link else ""
        self._parts = [_LINK_STARTS] if self._in_link else []
        if not text.strip(_BLANK):
            return
        container = max(self._open[-1], 0)
        tag = self.containers[container].tag
        kind = kind or self._kind(tag)
        level = _HEADINGS.get(tag, 0) or (
            self._lists if kind is BlockKind.LIST_ITEM else 0
        )
        whole = kind in {BlockKind.PREFORMATTED, BlockKind.TABLE}
        lines = [text.strip("\n")] if whole else _lines(text, kind)
        in_link = False
        for piece, line in enumerate(lines):
            bare, linked, links, in_link = _unlink(line, in_link=in_link)
            if bare:
                self.blocks.append(
                    TextBlock(
                        kind,
                        bare,
                        level,
                        tag,
                        container,
                        linked,
                        links,
                        piece,
                        target if linked else "",
                    ),
                )

    def _kind(self, tag: str) -> BlockKind:
        if tag in _HEADINGS:
            return BlockKind.HEADING
        if self._embeds:
            return BlockKind.EMBED
        if self._pre:
            return BlockKind.PREFORMATTED
        if self._quotes:
            return BlockKind.QUOTE
        if self._lists:
            return BlockKind.LIST_ITEM
        return BlockKind.PARAGRAPH


def _lines(text: str, kind: BlockKind) -> list[str]:
    """Split a run at its line breaks where they part paragraphs.

    Two breaks always do; a single one does when the line before it ends a
    sentence or stands alone as a long line, and keeps its place otherwise.
    """
    if "\n" not in text:
        return [" ".join(text.split())]
    paragraphs: list[str] = []
    for part in re.split(r"\n\s*\n", text):
        joined: list[str] = []
        for line in (" ".join(line.split()) for line in part.split("\n")):
            if not line:
                continue
            if joined and kind is not BlockKind.HEADING and _parts_here(joined[-1]):
                joined.append(line)
            elif joined:
                joined[-1] = f"{joined[-1]}\n{line}"
            else:
                joined.append(line)
        paragraphs += joined
    return paragraphs


def _parts_here(before: str) -> bool:
    last = before.rsplit("\n", 1)[-1]
    return ends_sentence(last) and weight(last) > 60


def _unlink(line: str, *, in_link: bool) -> tuple[str, int, int, bool]:
    """Return a line without link marks, its linked characters, its links, and whether a link is open."""
    if not in_link and _LINK_STARTS not in line:
        return line.replace(_LINK_ENDS, "").strip(_BLANK), 0, 0, False
    linked = 0
    links = 0
    open_links = int(in_link)
    for part in re.split("([\x01\x02])", line):
        if part == _LINK_STARTS:
            open_links += 1
            links += 1
        elif part == _LINK_ENDS:
            open_links = max(0, open_links - 1)
        elif open_links:
            linked += len(part.strip())
    bare = line.replace(_LINK_STARTS, "").replace(_LINK_ENDS, "")
    return " ".join(bare.split(" ")).strip(_BLANK), linked, links, open_links > 0


def _data_rows(table: LexborNode) -> list[str]:
    """Return the rows of a table of data; nothing for a table that is layout.

    Layout holds tables, long cells or one column; spans are never multiplied out.
    """
    rows: list[str] = []
    widest = 0
    if table.css_first("table table, h1, h2, article, form, ul, ol") is not None:
        return []
    for row in table.css("tr"):
        cells: list[str] = []
        cell = row.first_child
        while cell is not None:
            if cell.tag in {"td", "th"}:
                text = " ".join(cell.text(separator=" ").split())
                if len(text) > _MAX_DATA_CELL:
                    return []
                if text:
                    cells.append(text)
            cell = cell.next
        widest = max(widest, len(cells))
        if cells:
            rows.append(" | ".join(cells))
    return rows if widest >= 2 and len(rows) >= 2 else []
