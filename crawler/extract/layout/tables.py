"""Tables of data are text; tables that lay a page out are not."""

from collections.abc import Sequence

from crawler.extract.layout.markup import (
    DROPPED,
    VOID,
    end_of,
    text_after,
    unescape,
)

_MAX_DATA_CELL = 160
_LAYS_OUT = frozenset({"table", "h1", "h2", "article", "form", "ul", "ol"})
_CELLS = frozenset({"td", "th"})
_UNSEEN = DROPPED - VOID


def data_rows(pieces: Sequence[str], at: int) -> tuple[list[str], int]:
    """Return the rows of a table of data and the place of its end; no rows for layout.

    Layout holds tables, long cells or one column; spans are never multiplied out.
    A table within another is taken for layout before this is asked.

    Args:
        pieces: Of the page, see `markup.cut_up`.
        at: The place after the table's start.
    """
    rows: list[list[str]] = [[]]
    cell: list[str] | None = None
    place = at
    while place < len(pieces):
        head, _, text = pieces[place].partition(">")
        tag = head.partition(" ")[0]
        if tag == "/table":
            break
        if tag in _LAYS_OUT:
            return [], at
        if tag in _UNSEEN:
            place = end_of(pieces, place + 1, tag)
            text = text_after(pieces, place)
        elif tag in _CELLS:
            cell = []
        elif tag in {"/td", "/th"} and cell is not None:
            if not _closes(rows[-1], cell):
                return [], at
            cell = None
        elif tag == "tr":
            rows.append([])
        if cell is not None:
            cell.append(text)
        place += 1
    lines = [" | ".join(row) for row in rows if row]
    widest = max(map(len, rows))
    return (lines, place) if widest >= 2 and len(lines) >= 2 else ([], at)


def _closes(row: list[str], cell: Sequence[str]) -> bool:
    """Add a cell's text to its row; False where it is too long for a table of data."""
    text = " ".join(unescape(" ".join(cell)).split())
    if text:
        row.append(text)
    return len(text) <= _MAX_DATA_CELL
