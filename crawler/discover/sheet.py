"""Lists of sites in tables: CSV (RFC 4180) with a header, as spreadsheets save it.

Where a comma is a decimal mark they part the cells by semicolons, and as "Unicode
text" by tabs; Excel may say which in a first line of its own (`sep=;`).
"""

import csv
import io
import re
from collections.abc import Iterator

from crawler.discover.outline import Listed, Outline
from crawler.errors import NotReadable

_DELIMITERS = ",;\t"
_SAYS_DELIMITER = re.compile(r"sep=.\s*", re.IGNORECASE)
_COMMENT = "#"
#: What programs and people call a column, and what it is here.
_COLUMNS = {
    "feed": "feeds",
    "feed url": "feeds",
    "feeds": "feeds",
    "feedurl": "feeds",
    "group": "group",
    "home": "home",
    "home page": "home",
    "homepage": "home",
    "htmlurl": "home",
    "lang": "language",
    "language": "language",
    "name": "name",
    "rss": "feeds",
    "section": "sections",
    "sections": "sections",
    "sitemap": "sitemaps",
    "sitemaps": "sitemaps",
    "title": "name",
    "url": "url",
    "website": "home",
    "xmlurl": "feeds",
}
_OF_ADDRESSES = frozenset({"feeds", "home", "sections", "sitemaps", "url"})
#: These take several addresses, with white space between them.
_MANY = frozenset({"feeds", "sections", "sitemaps"})


def read_sheet(text: str, *, feeds: bool = False) -> Listed | None:
    """Read the sites of a table; None where its first line is no header of one.

    Args:
        text: The table, without a byte order mark.
        feeds: What stands in the column `url` is a feed, not a home page.

    Raises:
        NotReadable: it has a header, and then is no table.
    """
    lines = text.splitlines(keepends=True)
    begin = _first_line(lines)
    if begin is None:
        return None
    header, delimiter = _header(lines[begin])
    names = [
        "feeds" if feeds and name == "url" else name for name in map(_known, header)
    ]
    if not _OF_ADDRESSES.intersection(names):
        return None
    rows = csv.reader(io.StringIO("".join(lines[begin + 1 :])), delimiter=delimiter)
    try:
        found = tuple(_outlines(rows, names, begin + 1))
    except csv.Error as error:
        raise NotReadable(f"line {begin + 1 + rows.line_num}: {error}") from error
    unread = [
        said for said, name in zip(header, names, strict=True) if said and not name
    ]
    return Listed(outlines=found, unread=tuple(unread))


def _first_line(lines: list[str]) -> int | None:
    """Return where a table begins: after blank lines, comments and its own remark."""
    for number, line in enumerate(lines):
        said = line.strip()
        is_said = said and not said.startswith(_COMMENT)
        if is_said and not _SAYS_DELIMITER.fullmatch(said):
            return number
    return None


def _header(line: str) -> tuple[list[str], str]:
    """Return the names in a header, and what parts them: what gives the most we know."""
    read = [(next(csv.reader([line], delimiter=mark)), mark) for mark in _DELIMITERS]
    names, mark = max(read, key=lambda one: sum(map(bool, map(_known, one[0]))))
    return [name.strip() for name in names], mark


def _known(name: str) -> str:
    return _COLUMNS.get(name.strip().casefold().replace("_", " "), "")


def _outlines(
    rows: Iterator[list[str]], names: list[str], before: int
) -> Iterator[Outline]:
    """Yield the sites of rows; `before` is the number of lines that stand before them."""
    at = before + 1
    for row in rows:
        place, at = f"line {at}", before + rows.line_num + 1  # type: ignore[attr-defined]
        cells = [cell.strip() for cell in row]
        if not any(cells) or cells[0].startswith(_COMMENT):
            continue
        said = _by_name(names, cells)
        yield Outline(
            place=place,
            home=said.get("home") or said.get("url", ""),
            name=said.get("name", ""),
            language=said.get("language", ""),
            group=said.get("group", ""),
            **{name: tuple(said.get(name, "").split()) for name in _MANY},
        )


def _by_name(names: list[str], cells: list[str]) -> dict[str, str]:
    """Return what a row says by column; of two columns of a name, what both say."""
    said: dict[str, str] = {}
    for name, cell in zip(names, cells, strict=False):
        if cell:
            said[name] = f"{said[name]} {cell}" if name in said else cell
    return said
