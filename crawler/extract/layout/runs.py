"""A run of text between block-level tags -> the lines it holds, with their links."""

import re

from crawler.extract.layout.markup import MARKS, unescape
from crawler.extract.measure import ends_sentence, weight
from storage.model.article import BlockKind

# Where a link starts and ends, where a line breaks and where two elements meet in a run.
LINK_STARTS, LINK_ENDS, BREAK, SEAM = MARKS
_BAR = " | "
_BLANK = " \t\r\n\f\xa0\u200b\ufeff" + LINK_STARTS + LINK_ENDS + BREAK
_MARKS = re.compile("([\x01\x02])")
# A line's text, its linked characters, its links.
RunLine = tuple[str, int, int]


def set_apart(text: str) -> str:
    """Return a run's one line with bars at its seams, without escapes and marks of links."""
    line = unescape(text).replace(LINK_STARTS, "").replace(LINK_ENDS, "")
    return " ".join(line.replace(SEAM, _BAR).split()).strip(_BLANK)


def read_run(text: str) -> str:
    """Return a run of markup text without escapes, or nothing where it is blank."""
    if "&" in text:
        text = unescape(text)
    return text if text.strip(_BLANK) else ""


def lines_of(run: str, kind: BlockKind) -> list[RunLine]:
    """Return the lines of a run, those without text as well: they hold their place."""
    if kind is BlockKind.PREFORMATTED or kind is BlockKind.TABLE:
        return _unlinked([run.replace(BREAK, "\n").strip("\n")])
    if BREAK in run:
        return _unlinked(_paragraphs(run, kind))
    line = " ".join(run.split())
    links = line.count(LINK_STARTS)
    if links > 1:
        return _unlinked([line])
    return [_one_link(line) if links else (line.strip(_BLANK), 0, 0)]


def _one_link(line: str) -> RunLine:
    if line[0] == LINK_STARTS and line.find(LINK_ENDS) == len(line) - 1:
        bare = line.strip(_BLANK)
        return bare, len(line[1:-1].strip()), 1
    before, _, rest = line.partition(LINK_STARTS)
    inside, _, after = rest.partition(LINK_ENDS)
    bare = f"{before}{inside}{after}" if before or after else inside
    return bare.strip(_BLANK), len(inside.strip()), 1


def _paragraphs(run: str, kind: BlockKind) -> list[str]:
    """Split a run at its line breaks where they part paragraphs.

    Two breaks always do; a single one does when the line before it ends a
    sentence or stands alone as a long line, and keeps its place otherwise.
    """
    paragraphs: list[list[str]] = []
    parts = True
    for line in (" ".join(line.split()) for line in run.split(BREAK)):
        if not line:
            parts = True
        elif parts or (
            kind is not BlockKind.HEADING and _parts_here(paragraphs[-1][-1])
        ):
            paragraphs.append([line])
            parts = False
        else:
            paragraphs[-1].append(line)
    return ["\n".join(lines) for lines in paragraphs]


def _parts_here(before: str) -> bool:
    return ends_sentence(before) and weight(before) > 60


def _unlinked(lines: list[str]) -> list[RunLine]:
    """Return lines without link marks; a link may be open from one to the next."""
    found: list[RunLine] = []
    open_links = 0
    for line in lines:
        linked = links = 0
        for part in _MARKS.split(line):
            if part == LINK_STARTS:
                open_links += 1
                links += 1
            elif part == LINK_ENDS:
                open_links = max(0, open_links - 1)
            elif open_links:
                linked += len(part.strip())
        bare = line.replace(LINK_STARTS, "").replace(LINK_ENDS, "").strip(_BLANK)
        found.append((bare, linked, links))
    return found
