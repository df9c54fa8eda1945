"""Plain text as a page: its first line the headline, the rest blocks of one container."""

from collections.abc import Sequence

from crawler.extract.layout.blocks import Container, Layout, TextBlock, measure_layout
from crawler.extract.measure import ends_sentence, weight
from storage.model.article import BlockKind

_LONGEST_TITLE = 250


def read_plain(lines: Sequence[str]) -> tuple[str | None, Layout]:
    """Return the headline, if the first line is one, and the other lines as a layout."""
    rest = [" ".join(line.split()) for line in lines]
    rest = [line for line in rest if line]
    title = None
    if (
        len(rest) > 1
        and weight(rest[0]) <= _LONGEST_TITLE
        and not _is_sentence(rest[0])
    ):
        title, *rest = rest
    blocks = [TextBlock(BlockKind.PARAGRAPH, line, 0, "p", 0, 0, 0) for line in rest]
    return title, measure_layout([Container(-1, "body", "", None, None)], blocks)


def _is_sentence(line: str) -> bool:
    return ends_sentence(line) and line[-1] not in "?!" and len(line) > 60
