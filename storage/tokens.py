"""Words to search by, the same for every database, and the query language.

Text is folded (NFKD, case folded, accents and Arabic, Hebrew and Cyrillic points
stripped, decimal digits of every script as 0-9) and cut into words. Runs of
scripts that put no blanks between words become overlapping bigrams. Vowel signs
and tone marks of Thai and the Indic scripts stay: they tell words apart.

A query is words, "phrases", beginnings*, -exclusions and title:, author:,
source: or lang: before any of them. All have to match.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from storage.errors import BadQuery
from storage.scripts import classes

MAX_INDEXED = 200_000
"""Characters of a text that are indexed; a PostgreSQL tsvector holds 1 MB."""

MAX_TERMS = 20
MAX_TERM = 200
"""Characters of one term."""

_PIECE = re.compile(r"c[cm]*|w[wm]*")

_TERM = re.compile(
    r"""(?P<minus>-)?(?:(?P<field>title|author|source|lang):)?
    (?:"(?P<phrase>[^"]*)"?(?P<after>\*)?|(?P<word>[^\s"]+))""",
    re.VERBOSE | re.IGNORECASE,
)
_QUOTES = str.maketrans("\u201c\u201d\u201e\u00ab\u00bb", '"""""')

# Marks that are stripped; all others stay. First and last code point.
_STRIPPED = (
    (0x0300, 0x036F),  # combining diacritics
    (0x0483, 0x0489),  # Cyrillic
    (0x0591, 0x05C7),  # Hebrew points
    (0x0610, 0x061A),  # Arabic signs
    (0x064B, 0x065F),  # Arabic points
    (0x0670, 0x0670),  # Arabic superscript alef
    (0x06D6, 0x06ED),  # Quranic marks
    (0x1AB0, 0x1AFF),  # combining diacritics, extended
    (0x1DC0, 0x1DFF),  # combining diacritics, supplement
    (0x20D0, 0x20FF),  # combining marks for symbols
    (0xFE00, 0xFE0F),  # variation selectors
    (0xFE20, 0xFE2F),  # combining half marks
)
_TATWEEL = "\u0640"


class SearchField(StrEnum):
    """Where a term has to match."""

    ANYWHERE = "anywhere"
    TITLE = "title"
    AUTHOR = "author"
    SOURCE = "source"
    LANG = "lang"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One term of a query.

    Attributes:
        tokens: What has to stand side by side, in this order.
        field: Where.
        prefix: The last token may go on.
        excluded: Such articles are left out.
        raw: The term as typed, without its field and quotes.
    """

    tokens: tuple[str, ...]
    field: SearchField
    prefix: bool
    excluded: bool
    raw: str


class _Folds(dict[int, str]):
    """Folded characters by code point, found out when first asked for."""

    def __missing__(self, code: int) -> str:
        self[code] = _folded(chr(code))
        return self[code]


_FOLDS = _Folds()


def fold(text: str) -> str:
    """Return the text as it is compared: no case, no accents, ASCII digits."""
    return unicodedata.normalize("NFC", text).translate(_FOLDS)


def tokens(text: str) -> list[str]:
    """Return the words of a text, bigrams where the script has no blanks."""
    return [token for token, _, _ in _cut(fold(text))]


def indexed(text: str) -> str:
    """Return the tokens to index, joined by blanks.

    After them stand the last characters of the runs without blanks: with them a
    query of one such character finds every place, as each other character
    begins a bigram.
    """
    folded = fold(text[:MAX_INDEXED])
    last = {folded[end - 1] for end in _ends_of_runs(folded)}
    return " ".join([token for token, _, _ in _cut(folded)] + sorted(last))


def token_spans(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield each token with its first and behind-last character in the text.

    The text has to be NFC already.
    """
    pieces = [_FOLDS[ord(character)] for character in text]
    origins = [place for place, piece in enumerate(pieces) for _ in piece]
    for token, start, end in _cut("".join(pieces)):
        yield token, origins[start], origins[end - 1] + 1


def is_single(token: str) -> bool:
    """Say whether a token is one character of a script without blanks."""
    return len(token) == 1 and classes(token) == "c"


def query_tokens(query: str) -> tuple[Term, ...]:
    """Return the terms of a query, in its order.

    What holds no letter or digit is passed over.

    Raises:
        BadQuery: There is nothing to look for, or too much.
    """
    terms = []
    for match in _TERM.finditer(query.translate(_QUOTES)):
        term = _term(match)
        if term is not None:
            terms.append(term)
        if len(terms) > MAX_TERMS:
            raise BadQuery(f"a query has at most {MAX_TERMS} terms")
    if all(term.excluded for term in terms):
        raise BadQuery("the query names nothing to look for")
    return tuple(terms)


def _term(match: re.Match[str]) -> Term | None:
    raw = match["word"] if match["phrase"] is None else match["phrase"]
    if len(raw) > MAX_TERM:
        raise BadQuery(f"a term has at most {MAX_TERM} characters")
    words = tokens(raw)
    if not words:
        return None
    starred = match["after"] is not None or (match["word"] or "").endswith("*")
    return Term(
        tokens=tuple(words[1:] if _may_be_cut_off(words) else words),
        field=SearchField((match["field"] or SearchField.ANYWHERE).lower()),
        prefix=starred or is_single(words[-1]),
        excluded=match["minus"] is not None,
        raw=raw.strip().rstrip("*"),
    )


def _may_be_cut_off(words: list[str]) -> bool:
    """Say whether the first token may be the end of a bigram in the text.

    A query of "第5回" has to find "は第5回", whose tokens are は第, 5, 回.
    """
    return len(words) > 1 and is_single(words[0])


def _cut(folded: str) -> Iterator[tuple[str, int, int]]:
    kinds = classes(folded)
    for piece in _PIECE.finditer(kinds):
        start, end = piece.span()
        if kinds[start] == "w" or end - start == 1:
            yield folded[start:end], start, end
        else:
            for place in range(start, end - 1):
                yield folded[place : place + 2], place, place + 2


def _ends_of_runs(folded: str) -> Iterator[int]:
    for piece in _PIECE.finditer(classes(folded)):
        if len(piece.group()) > 1 and piece.group()[-1] == "c":
            yield piece.end()


def _folded(character: str) -> str:
    if unicodedata.category(character) == "Cf" or character == _TATWEEL:
        return ""
    if unicodedata.category(character) == "Nd":
        return str(unicodedata.decimal(character))
    plain = unicodedata.normalize("NFKD", character).casefold()
    decomposed = unicodedata.normalize("NFKD", plain)
    kept = "".join(mark for mark in decomposed if not _is_stripped(ord(mark)))
    return unicodedata.normalize("NFC", kept)


def _is_stripped(code: int) -> bool:
    return any(first <= code <= last for first, last in _STRIPPED)
