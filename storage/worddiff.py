"""The difference of two texts in words, in time that grows with their length.

Whole sentences are matched first, words only where sentences differ. Both use
patience diff (match what occurs once on either side, then what lies between)
and leave small rests to an exact longest common subsequence.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby, pairwise
from typing import TypeVar

from storage.search.scripts import classes

MAX_CELLS = 40_000
"""Up to this product of lengths, a rest is compared exactly."""

_PIECE = re.compile(r"(?:c[m]*|w[wm]*(?:jw[wm]*)*|m+|[pj])s*|s+")
_JOINER = re.compile(r"(?<=\d)[.,:/](?=\d)|(?<=\w)['’\-](?=\w)")
_SENTENCE_ENDS = frozenset(".!?…。！？।؟")

_T = TypeVar("_T", bound=Hashable)


class DiffKind(StrEnum):
    """What became of a part."""

    EQUAL = "equal"
    INSERT = "insert"
    DELETE = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffPart:
    """Some consecutive words and what became of them."""

    kind: DiffKind
    text: str


def word_diff(old: str, new: str) -> tuple[DiffPart, ...]:
    """Return both texts as parts that are equal, deleted or inserted.

    Where both change, the deleted part comes first. Equal and inserted parts
    together are the new text; equal and deleted ones are the old text, except
    that the kind of white space in equal parts is the new text's.
    """
    before, after = pieces(old), pieces(new)
    marked: list[tuple[DiffKind, str]] = []
    i = j = 0
    for i_next, j_next in [*_word_pairs(before, after), (len(before), len(after))]:
        marked += [(DiffKind.DELETE, piece) for piece in before[i:i_next]]
        marked += [(DiffKind.INSERT, piece) for piece in after[j:j_next]]
        if i_next < len(before) and j_next < len(after):
            marked += _equal(before[i_next], after[j_next])
        i, j = i_next + 1, j_next + 1
    return tuple(
        DiffPart(kind=kind, text="".join(piece for _, piece in run))
        for kind, run in groupby(_settled(marked), key=lambda mark: mark[0])
    )


def _equal(old: str, new: str) -> list[tuple[DiffKind, str]]:
    """Mark a word that both have; blanks that only one has are its own."""
    word = new.rstrip()
    if bool(old[len(word) :]) == bool(new[len(word) :]):
        return [(DiffKind.EQUAL, new)]
    return [
        (kind, text)
        for kind, text in (
            (DiffKind.EQUAL, word),
            (DiffKind.DELETE, old[len(word) :]),
            (DiffKind.INSERT, new[len(word) :]),
        )
        if text
    ]


def pieces(text: str) -> list[str]:
    """Return the text cut into words, each with the white space after it.

    Scripts without blanks are cut into characters, with their marks. A number
    is one word with its separators; other punctuation stands alone.
    """
    kinds = list(classes(text))
    for joiner in _JOINER.finditer(text):
        kinds[joiner.start()] = "j"
    return [text[slice(*piece.span())] for piece in _PIECE.finditer("".join(kinds))]


def is_word(piece: str) -> bool:
    """Say whether a piece is a word and not punctuation or white space."""
    return classes(piece[:1]) in {"w", "c"}


def _word_pairs(before: list[str], after: list[str]) -> Iterator[tuple[int, int]]:
    """Yield the places of equal words, rising on both sides."""
    old_ends, new_ends = _sentence_ends(before), _sentence_ends(after)
    old_keys, new_keys = _keys(before), _keys(after)
    pairs = _pairs(_sentences(old_keys, old_ends), _sentences(new_keys, new_ends))
    i = j = 0
    for old_sentence, new_sentence in [*pairs, (len(old_ends), len(new_ends))]:
        i_next = ([0, *old_ends])[old_sentence]
        j_next = ([0, *new_ends])[new_sentence]
        for a, b in _pairs(old_keys[i:i_next], new_keys[j:j_next]):
            yield i + a, j + b
        if old_sentence == len(old_ends):
            return
        i, j = old_ends[old_sentence], new_ends[new_sentence]
        yield from zip(range(i_next, i), range(j_next, j), strict=True)


def _keys(words: list[str]) -> list[str]:
    return [word.strip() for word in words]


def _sentence_ends(words: list[str]) -> list[int]:
    """Return the place behind each sentence's last word."""
    ends = [
        place
        for place, word in enumerate(words, start=1)
        if word[0] in _SENTENCE_ENDS or "\n" in word
    ]
    if words and (not ends or ends[-1] != len(words)):
        ends.append(len(words))
    return ends


def _sentences(keys: list[str], ends: list[int]) -> list[tuple[str, ...]]:
    starts = [0, *ends[:-1]]
    return [tuple(keys[start:end]) for start, end in zip(starts, ends, strict=False)]


def _pairs(old: Sequence[_T], new: Sequence[_T]) -> list[tuple[int, int]]:
    """Return the places of equal items, rising on both sides."""
    found: list[tuple[int, int]] = []
    waiting = [(0, len(old), 0, len(new))]
    while waiting:
        i, i_end, j, j_end = waiting.pop()
        while i < i_end and j < j_end and old[i] == new[j]:
            found.append((i, j))
            i, j = i + 1, j + 1
        while i < i_end and j < j_end and old[i_end - 1] == new[j_end - 1]:
            i_end, j_end = i_end - 1, j_end - 1
            found.append((i_end, j_end))
        anchors = _anchors(old[i:i_end], new[j:j_end])
        if anchors:
            found += [(i + a, j + b) for a, b in anchors]
            waiting += _gaps(anchors, (i, i_end, j, j_end))
        elif (i_end - i) * (j_end - j) <= MAX_CELLS:
            exact = _common(old[i:i_end], new[j:j_end])
            found += [(i + a, j + b) for a, b in exact]
    return sorted(found)


def _gaps(
    anchors: list[tuple[int, int]], within: tuple[int, int, int, int]
) -> Iterator[tuple[int, int, int, int]]:
    """Yield what lies before, between and behind the anchors."""
    i, i_end, j, j_end = within
    edges = [(i - 1, j - 1), *((i + a, j + b) for a, b in anchors), (i_end, j_end)]
    for (a, b), (a_next, b_next) in pairwise(edges):
        yield a + 1, a_next, b + 1, b_next


def _anchors(old: Sequence[_T], new: Sequence[_T]) -> list[tuple[int, int]]:
    """Return the longest rising row of items that occur once on either side."""
    old_counts, new_counts = Counter(old), Counter(new)
    places = {item: place for place, item in enumerate(new) if new_counts[item] == 1}
    unique = [
        (place, places[item])
        for place, item in enumerate(old)
        if old_counts[item] == 1 and item in places
    ]
    return _rising(unique)


def _rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest subsequence whose second numbers rise (patience)."""
    tops: list[int] = []
    piles: list[int] = []
    before: list[int] = []
    for place, (_, second) in enumerate(pairs):
        pile = bisect_left(tops, second)
        before.append(piles[pile - 1] if pile else -1)
        tops[pile : pile + 1] = [second]
        piles[pile : pile + 1] = [place]
    row: list[tuple[int, int]] = []
    place = piles[-1] if piles else -1
    while place >= 0:
        row.append(pairs[place])
        place = before[place]
    return row[::-1]


def _common(old: Sequence[_T], new: Sequence[_T]) -> list[tuple[int, int]]:
    """Return the places of a longest common subsequence, by its table."""
    table = [[0] * (len(new) + 1)]
    for item in reversed(old):
        below, row = table[-1], [0] * (len(new) + 1)
        for place in range(len(new) - 1, -1, -1):
            same = item == new[place]
            row[place] = (
                below[place + 1] + 1 if same else max(below[place], row[place + 1])
            )
        table.append(row)
    table.reverse()
    i = j = 0
    found: list[tuple[int, int]] = []
    while i < len(old) and j < len(new):
        if old[i] == new[j]:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif table[i + 1][j] >= table[i][j + 1]:
            i += 1
        else:
            j += 1
    return found


def _settled(marked: list[tuple[DiffKind, str]]) -> Iterator[tuple[DiffKind, str]]:
    """Put deletions before insertions, and drop equal commas between changes."""
    runs = [
        (equal, list(run))
        for equal, run in groupby(marked, key=lambda mark: mark[0] is DiffKind.EQUAL)
    ]
    changed: list[tuple[DiffKind, str]] = []
    for place, (equal, run) in enumerate(runs):
        inner = 0 < place < len(runs) - 1
        if not equal:
            changed += run
        elif inner and not any(is_word(piece) for _, piece in run):
            changed += [(DiffKind.DELETE, piece) for _, piece in run]
            changed += [(DiffKind.INSERT, piece) for _, piece in run]
        else:
            yield from _parted(changed)
            yield from run
            changed = []
    yield from _parted(changed)


def _parted(changed: list[tuple[DiffKind, str]]) -> list[tuple[DiffKind, str]]:
    return [mark for mark in changed if mark[0] is DiffKind.DELETE] + [
        mark for mark in changed if mark[0] is DiffKind.INSERT
    ]
