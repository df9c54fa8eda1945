"""Mend lines that markup has torn, and find text that is cut off.

A paragraph can lose its end: the page breaks inside a word and leaves the full
stop alone in the next block. The stop goes back to its paragraph and the defect is
named; the missing letters are never made up.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from crawler.lexicon.match import match_line

_LONG = 80
_EXCERPT_LENGTHS = frozenset((140, 155, 156, 157, 158, 159, 160, 200, 300, 500))
_EXCERPT_WORDS = 55
_FINAL_MARKS = tuple(".!?。！？…؟।။።։:;")
_CLOSERS = "\"'”’»“）)]」』›"
_ELLIPSIS = re.compile(r"(?:…|\.{3})\s*$")
_EXCERPT_MARK = re.compile(r"[\[(（【]\s*(?:…|\.{3}|&hellip;|&#8230;)\s*[\])）】]\s*$")
_NUMBER_END = re.compile(r"\d$")
_NUMBER_START = re.compile(r"^\d")
_DIGIT_JOINTS = frozenset(".,:")
_JAPANESE = re.compile(r"[\u3040-\u30ff]")
# Hiragana of the i and e rows end a clause that goes on (renyou and te forms).
_CONTINUES = re.compile(r"[いきぎしちにひびみりえけげせてでねべめれ]$")
_LAST_WORD = re.compile(r"[^\W\d_]+$")
_CONTINUATIONS = frozenset(("read_more", "paywall"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """Lines put together again, and where they are damaged.

    Attributes:
        lines: The lines that remain.
        cut_at: Input lines whose text breaks off or was torn.
        orphans: Input lines that held only punctuation.
        defects: What is wrong for good, with the paragraph's place in `lines`,
            such as `cut_mid_word: paragraph 0, last token "anta"`.
        sources: For every line of `lines`, the input lines it was made of.
    """

    lines: tuple[str, ...]
    cut_at: tuple[int, ...]
    orphans: tuple[int, ...]
    defects: tuple[str, ...]
    sources: tuple[tuple[int, ...], ...]


class _Mending:
    """The lines so far, each with its sources, and the damage found."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.given = [line.strip() for line in lines]
        self.text = " ".join(self.given)
        self.made: list[tuple[str, tuple[int, ...]]] = []
        self.cut_at: list[int] = []
        self.orphans: list[int] = []
        self.defects: list[str] = []

    def join_around(self, index: int) -> bool:
        """Join a number torn at its point: "$3", ".", "5 million"."""
        mark = self.given[index]
        if mark not in _DIGIT_JOINTS or not self.made or index + 1 >= len(self.given):
            return False
        before, sources = self.made[-1]
        after = self.given[index + 1]
        if not (_NUMBER_END.search(before) and _NUMBER_START.search(after)):
            return False
        self.made[-1] = (before + mark + after, (*sources, index, index + 1))
        self.cut_at.append(sources[-1])
        return True

    def join_before(self, index: int) -> None:
        """Give an orphan mark back to an unfinished line, or let it go."""
        if not self.made:
            return
        before, sources = self.made[-1]
        if _is_finished(before) or _is_interface(before) or sources[-1] != index - 1:
            return
        mark = self.given[index]
        if self._breaks_word(before):
            token = _last_word(before)
            place = len(self.made) - 1
            self.cut_at.append(sources[-1])
            self.defects.append(
                f'cut_mid_word: paragraph {place}, last token "{token}"'
            )
        self.made[-1] = (before + mark, (*sources, index))

    def _breaks_word(self, line: str) -> bool:
        """Tell whether a long line seems to end inside a word.

        A last token that stands elsewhere in the text as a whole word is one.
        """
        token = _last_word(line)
        if len(line) < _LONG or not token:
            return False
        return (
            len(re.findall(rf"(?<![^\W_]){re.escape(token)}(?![^\W_])", self.text)) < 2
        )


def mend_lines(lines: Sequence[str]) -> Mended:
    """Return the lines with orphan punctuation settled and cuts named.

    An orphan mark between two halves of a number joins all three lines; after a
    line without a final mark it joins that line; else it goes.
    """
    mending = _Mending(lines)
    skip = -1
    for index, line in enumerate(mending.given):
        if index == skip:
            continue
        if not _is_orphan(line):
            mending.made.append((line, (index,)))
            continue
        mending.orphans.append(index)
        if mending.join_around(index):
            skip = index + 1
        else:
            mending.join_before(index)
    for place, (line, sources) in enumerate(mending.made):
        following = mending.made[place + 1][0] if place + 1 < len(mending.made) else ""
        reason = _excerpt_defect(
            line, following, is_last=place + 1 == len(mending.made)
        )
        if reason is not None:
            mending.cut_at.append(sources[-1])
            mending.defects.append(f"{reason[0]}: paragraph {place}, {reason[1]}")
    return Mended(
        lines=tuple(line for line, _ in mending.made),
        cut_at=tuple(sorted(set(mending.cut_at))),
        orphans=tuple(mending.orphans),
        defects=tuple(mending.defects),
        sources=tuple(sources for _, sources in mending.made),
    )


def _is_orphan(line: str) -> bool:
    """Tell whether a line is only sentence punctuation (`***` is a divider)."""
    return 0 < len(line) <= 4 and all(
        mark in ".,;:!?…。！？、،؟।\"'”’)]»" for mark in line
    )


def _is_finished(line: str) -> bool:
    return line.rstrip(_CLOSERS + " ").endswith(_FINAL_MARKS)


def _is_interface(line: str) -> bool:
    match = match_line(line)
    return match is not None and match.boilerplate in _CONTINUATIONS


def _last_word(line: str) -> str:
    match = _LAST_WORD.search(line)
    return match[0] if match else ""


def _excerpt_defect(
    line: str, following: str, *, is_last: bool
) -> tuple[str, str] | None:
    """Return (defect, evidence) for a line that breaks off, or None."""
    if _EXCERPT_MARK.search(line):
        return "cut_excerpt", "ends in an excerpt mark"
    ellipsis = _ELLIPSIS.search(line) is not None
    if _is_finished(line) and not ellipsis:
        return None
    if is_last and (_has_excerpt_length(line) or (ellipsis and len(line) >= _LONG)):
        return "cut_excerpt", f"the text ends after {len(line)} characters"
    if (ellipsis or len(line) >= _LONG) and following and _is_interface(following):
        return "cut_excerpt", "breaks off before a read-more line"
    if _ends_within_clause(line):
        return "cut_suspect", "ends in a continuing form"
    return None


def _ends_within_clause(line: str) -> bool:
    japanese = _JAPANESE.search(line) is not None and "、" in line
    return japanese and len(line) >= 15 and _CONTINUES.search(line) is not None


def _has_excerpt_length(line: str) -> bool:
    return len(line) in _EXCERPT_LENGTHS or len(line.split()) == _EXCERPT_WORDS
