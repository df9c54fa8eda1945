"""A few lines of a text around the words that were looked for."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from storage.search.query import SearchField, Term
from storage.search.tokens import fold, is_single, only_words, origins, token_spans

SNIPPET = 240
"""Characters of a snippet, give or take a word."""

_LEAD = 60
_ELLIPSIS = "…"


def snippet(text: str, terms: Sequence[Term]) -> tuple[tuple[str, bool], ...]:
    """Return the passage with most of the terms, in parts marked or not.

    A text without any of them gives its beginning. White space is folded.
    """
    plain = " ".join(unicodedata.normalize("NFC", text).split())
    marks = sorted(
        {
            (first, _whole(plain, behind), number)
            for first, behind, number in _places(plain, terms)
        }
    )
    first, last = _window(plain, marks)
    parts = _parts(plain[first:last], [(a - first, b - first) for a, b, _ in marks])
    if first > 0:
        parts.insert(0, (_ELLIPSIS, False))
    if last < len(plain):
        parts.append((_ELLIPSIS, False))
    return tuple(parts)


def _places(text: str, terms: Sequence[Term]) -> Iterator[tuple[int, int, int]]:
    """Yield where each term stands: first, behind-last character, its number."""
    sought = [
        (number, term)
        for number, term in enumerate(terms)
        if term.field is SearchField.ANYWHERE
    ]
    words = only_words(fold(text))
    if words is None:
        yield from _places_by_token(text, sought)
        return
    places = origins(text)
    for number, term in sought:
        for found in _pattern(term).finditer(f" {words} "):
            yield places[found.start()], places[found.end(1) - 2] + 1, number


def _pattern(term: Term) -> re.Pattern[str]:
    """Return what finds a term among words with blanks around; it may overlap."""
    end = "[^ ]*)" if term.prefix else ")(?= )"
    return re.compile(f" (?=({' +'.join(map(re.escape, term.tokens))}{end})")


def _places_by_token(
    text: str, terms: Sequence[tuple[int, Term]]
) -> Iterator[tuple[int, int, int]]:
    """Yield the same of any text, however its words are parted."""
    spans = list(token_spans(text))
    wanted: dict[str, list[int]] = {}
    for place, (token, _, _) in enumerate(spans):
        wanted.setdefault(token, []).append(place)
    for number, term in terms:
        if is_single(term.tokens[0]) and len(term.tokens) == 1:
            yield from _characters(spans, term.tokens[0], number)
            continue
        for place in _starts(wanted, term):
            behind = place + len(term.tokens)
            if _matches([token for token, _, _ in spans[place:behind]], term):
                yield spans[place][1], spans[behind - 1][2], number


def _characters(
    spans: list[tuple[str, int, int]], character: str, number: int
) -> Iterator[tuple[int, int, int]]:
    """Yield where a character stands that may be either half of a bigram."""
    for token, start, end in spans:
        if token[0] == character:
            yield start, start + 1, number
        elif token[-1] == character:
            yield end - 1, end, number


def _starts(wanted: dict[str, list[int]], term: Term) -> list[int]:
    if len(term.tokens) > 1 or not term.prefix:
        return wanted.get(term.tokens[0], [])
    begun = (
        places for token, places in wanted.items() if token.startswith(term.tokens[0])
    )
    return [place for places in begun for place in places]


def _matches(found: list[str], term: Term) -> bool:
    *inner, last = term.tokens
    if len(found) < len(term.tokens) or found[:-1] != inner:
        return False
    return found[-1].startswith(last) if term.prefix else found[-1] == last


def _window(text: str, marks: list[tuple[int, int, int]]) -> tuple[int, int]:
    """Return the passage that holds the most different terms, the first such."""
    best, start = 0, 0
    behind = 0
    for place, (first, _, _) in enumerate(marks):
        behind = max(behind, place)
        while behind < len(marks) and marks[behind][1] <= first + SNIPPET - _LEAD:
            behind += 1
        different = len({number for _, _, number in marks[place:behind]})
        if different > best:
            best, start = different, max(0, first - _LEAD)
    return _between_words(text, start, start + SNIPPET)


def _between_words(text: str, start: int, end: int) -> tuple[int, int]:
    if start > 0:
        blank = text.find(" ", start, start + _LEAD // 2)
        start = blank + 1 if blank >= 0 else start
    if end < len(text):
        blank = text.rfind(" ", end - _LEAD // 2, end)
        end = blank if blank >= 0 else end
    return _whole(text, start), _whole(text, min(end, len(text)))


def _whole(text: str, place: int) -> int:
    """Return a place, or the next that parts no letter from its marks."""
    while place < len(text) and unicodedata.category(text[place])[0] == "M":
        place += 1
    return place


def _parts(passage: str, marks: list[tuple[int, int]]) -> list[tuple[str, bool]]:
    """Return a passage in parts, marked or not; marks are sorted by their first."""
    parts = []
    at = 0
    for first, behind in _joined(marks, len(passage)):
        parts += [(passage[at:first], False), (passage[first:behind], True)]
        at = behind
    return [part for part in (*parts, (passage[at:], False)) if part[0]]


def _joined(marks: list[tuple[int, int]], end: int) -> list[tuple[int, int]]:
    """Return the marks before an end, those that touch made one."""
    joined: list[tuple[int, int]] = []
    for first, last in marks:
        behind = min(last, end)
        if joined and first <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], behind)
        elif max(first, 0) < behind:
            joined.append((max(first, 0), behind))
    return joined
