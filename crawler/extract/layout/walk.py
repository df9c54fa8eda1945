"""The one walk over a parsed page that makes its blocks and containers."""

import re
from collections.abc import Mapping, Sequence

from selectolax.lexbor import LexborNode

from crawler.extract.layout.blocks import Container, Layout, TextBlock, measure_layout
from crawler.extract.layout.markup import (
    BREAKS,
    CLOSES,
    ENDS_LINK,
    INLINE,
    OPENS,
    SKIPS,
    STARTS_LINK,
    VOID,
    Piece,
    bare_pieces,
    cut_up,
    end_of,
    read_piece,
    text_after,
)
from crawler.extract.layout.panels import heads_panel, label_of
from crawler.extract.layout.runs import (
    BREAK,
    LINK_ENDS,
    LINK_STARTS,
    SEAM,
    lines_of,
    read_run,
    set_apart,
)
from crawler.extract.layout.tables import data_rows
from crawler.extract.replies import commented
from storage.model.article import BlockKind

_HEADINGS = {f"h{n}": n for n in range(1, 7)}
_LISTS = frozenset({"ul", "ol", "dl", "menu"})
_NESTING = _LISTS | {"blockquote", "pre"}
_EMBEDS = re.compile(
    r"twitter-tweet|twitter-video|instagram-media|tiktok-embed|fb-post|bluesky-embed"
)
# What a button is taken for that heads a panel and stands in no heading, as it should.
_HEADING = bare_pieces()["h3"]
_OF_LINKS = (STARTS_LINK, ENDS_LINK)
_MAX_BLOCKS = 20_000
# Inline elements that hold a name or a date of their own.
_MEETS = ("span", "a ", "time")
# In longer runs no line is sought that says who or when.
_LONGEST_LINE = 240
# Half the cost of calling a named tuple itself, which a page does hundreds of times.
_new = tuple.__new__


def lay_out(
    root: LexborNode, hooks: Mapping[LexborNode, str], *, hidden: bool = False
) -> Layout:
    """Walk a page and return its blocks.

    Args:
        root: Where to start, usually the body.
        hooks: Roles of nodes: `body`, `scope`, `drop:KIND`, `cut`.
        hidden: Whether parts that are not displayed are walked too.
    """
    walk = _Walk(hidden=hidden)
    walk.run(cut_up(root, hooks))
    comments = commented(walk.containers, walk.blocks)
    return measure_layout(walk.containers, walk.blocks, comments)


class _Walk:
    """The state of one walk: where it stands and the run of text being gathered."""

    def __init__(self, *, hidden: bool) -> None:
        self.containers: list[Container] = []
        self.blocks: list[TextBlock] = []
        self._hidden = hidden
        self._open: list[int] = [-1]
        self._tags: list[str] = [""]
        self._parts: list[str] = []
        self._in_link = 0
        self._link = ""
        self._target = ""
        self._nested = 0
        self._lists = 0
        self._quotes = 0
        self._pre = 0
        self._embeds = 0
        self._flow = BlockKind.PARAGRAPH
        # Open inline elements by tag, from a hooked one on: whether it is a container.
        self._hooked: dict[str, list[bool]] = {}

    def run(self, pieces: Sequence[str]) -> None:  # noqa: C901, PLR0912 - the one hot loop: calls cost more than its work
        """Visit every piece in document order."""
        known = bare_pieces()
        parts, hooked, opened, tags = self._parts, self._hooked, self._open, self._tags
        at, end = 0, len(pieces)
        while at < end:
            head, _, text = pieces[at].partition(">")
            at += 1
            piece = known.get(head)
            if piece is None:
                piece = known[head] = read_piece(head, hidden=self._hidden)
            does = piece[0]
            if does == CLOSES:
                if parts:
                    self._flush()
                if tags[-1] == piece[1] and piece[1] not in _NESTING:
                    tags.pop()
                    opened.pop()
                else:
                    self._leave(piece[1])
            elif does == OPENS:
                self._enter(piece)
                if len(self.blocks) > _MAX_BLOCKS:
                    break
            elif does == INLINE:
                if hooked or piece[5]:
                    self._pass_hooked(piece)
            elif does in _OF_LINKS:
                self._link_up(piece)
            elif does == BREAKS:
                parts.append(BREAK)
            else:
                at, text = self._pass(pieces, at, piece)
            if not text:
                if piece[7] and parts and pieces[at : at + 1]:
                    self._meet(pieces[at])
                continue
            if self._pre:
                parts.append(text.replace("\n", BREAK))
            elif not text.isspace():
                parts.append(text)
            elif parts:
                parts.append(" ")
        if parts:
            self._flush()

    def _pass(self, pieces: Sequence[str], at: int, piece: Piece) -> tuple[int, str]:
        """Pass over what is not walked piece by piece; return the next place and the text before it."""
        if piece.does == SKIPS:
            end = end_of(pieces, at, piece.tag)
            in_heading = self._tags[-1] in _HEADINGS
            if heads_panel(pieces, at, end, in_heading=in_heading):
                self._head(label_of(pieces, at, end), in_heading=in_heading)
            return end + 1, text_after(pieces, end)
        is_nested = "table" in self._tags
        self._enter(piece)
        rows, end = ([], at) if is_nested else data_rows(pieces, at)
        if not rows:
            return at, text_after(pieces, at - 1)
        self._parts.append(BREAK.join(rows))
        self._flush(BlockKind.TABLE)
        self._leave(piece.tag)
        return end + 1, text_after(pieces, end)

    def _head(self, label: str, *, in_heading: bool) -> None:
        """Take the words of a button as those of the heading around it, or as a heading."""
        if in_heading:
            self._parts.append(label)
            return
        self._enter(_HEADING)
        self._parts.append(label)
        self._leave(_HEADING.tag)

    def _meet(self, following: str) -> None:
        """Mark where one inline element ends and the next begins without a space."""
        if following.startswith(_MEETS) and self._parts[-1] != SEAM:
            self._parts.append(SEAM)

    def _link_up(self, piece: Piece) -> None:
        """Mark where a link starts or ends."""
        does, _, _, _, _, hook, target, _ = piece
        if does == STARTS_LINK:
            self._in_link += 1
            self._link = target
            self._target = self._target or target
            self._parts.append(LINK_STARTS)
        elif self._in_link:
            self._in_link -= 1
            self._parts.append(LINK_ENDS)
        if self._hooked or hook:
            self._pass_hooked(piece)

    def _pass_hooked(self, piece: Piece) -> None:
        """Open and close inline elements that hooks make containers, and tell their ends from others."""
        tag = piece.tag
        if tag in VOID:
            if piece.hook:
                self._enter(piece)
                self._leave(tag)
            return
        if piece.ends:
            if self._hooked.get(tag) and self._hooked[tag].pop():
                self._leave(tag)
        elif piece.hook or self._hooked.get(tag):
            self._hooked.setdefault(tag, []).append(piece.hook is not None)
            if piece.hook:
                self._enter(piece)

    def _enter(self, piece: Piece) -> None:
        """Open a container."""
        if self._parts:
            self._flush()
        containers, opened = self.containers, self._open
        _, tag, attributes, names, chrome, hook, _, _ = piece
        container = opened[-1], tag, attributes, chrome, hook, names
        if tag != "hr":
            opened.append(len(containers))
            self._tags.append(tag)
        containers.append(_new(Container, container))
        if tag in _NESTING:
            self._nest(tag, names, 1)

    def _leave(self, tag: str) -> None:
        """Close the nearest open container of a tag with all within it."""
        if self._parts:
            self._flush()
        tags = self._tags
        if tags[-1] == tag:
            tags.pop()
            index = self._open.pop()
            if tag in _NESTING:
                self._nest(tag, self.containers[index].names, -1)
            return
        if tag not in tags:
            return
        closed = ""
        while closed != tag:
            closed, index = tags.pop(), self._open.pop()
            if closed in _NESTING:
                self._nest(closed, self.containers[index].names, -1)

    def _nest(self, tag: str, names: str, by: int) -> None:
        self._nested += by
        if tag in _LISTS:
            self._lists += by
        elif tag == "pre":
            self._pre += by
        else:
            self._quotes += by
            self._embeds += by if _EMBEDS.search(names) else 0
        self._flow = self._kind_here()

    def _flush(self, kind: BlockKind | None = None) -> None:
        """End the run of text being gathered and keep it as blocks."""
        parts, target = self._parts, self._target
        text = parts[0] if len(parts) == 1 else "".join(parts)
        parts.clear()
        self._target = ""
        if self._in_link:
            self._target = self._link
            parts.append(LINK_STARTS)
        apart = ""
        if SEAM in text:
            if len(text) <= _LONGEST_LINE and BREAK not in text:
                apart = set_apart(text)
            text = text.replace(SEAM, "")
        run = read_run(text)
        if not run:
            return
        container = max(self._open[-1], 0)
        tag = self.containers[container][1]
        level = _HEADINGS.get(tag, 0)
        if kind is None:
            kind = BlockKind.HEADING if level else self._flow
        if kind is BlockKind.LIST_ITEM:
            level = self._lists
        for piece, (text, linked, links) in enumerate(lines_of(run, kind)):
            if text:
                leads = target if linked else ""
                block = (
                    *(kind, text, level, tag, container, linked, links, piece, leads),
                    apart,
                )
                self.blocks.append(_new(TextBlock, block))

    def _kind_here(self) -> BlockKind:
        """Return the kind of what is no heading."""
        if not self._nested:
            return BlockKind.PARAGRAPH
        if self._embeds:
            return BlockKind.EMBED
        if self._pre:
            return BlockKind.PREFORMATTED
        if self._quotes:
            return BlockKind.QUOTE
        return BlockKind.LIST_ITEM
