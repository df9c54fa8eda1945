"""Words to search by, the same for every database.

Text is folded (NFKD, case folded, accents and Arabic, Hebrew and Cyrillic points
stripped, letters with strokes as without, Arabic letters that are mixed up as one,
decimal digits of every script as 0-9) and cut into words. Runs of scripts that put no
blanks between words become overlapping bigrams. Vowel signs and tone marks of Thai and
the Indic scripts stay: they tell words apart.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from storage.search.scripts import classes

MAX_INDEXED = 200_000
"""Characters of a text that are indexed."""

MAX_TITLE = 500
MAX_TITLES = 20
"""Characters of a headline that are indexed, and how many an article had."""

MAX_NAME = 100
MAX_NAMES = 30
"""Characters of an author's name or a tag that are indexed, and how many of them."""

MAX_TOKEN = 100
"""Characters of a word that are indexed; PostgreSQL takes 2 kB."""

BREAK = "\u00b6"
"""Stands between names or tags, so that no phrase goes over two of them."""

_MAX_DISTINCT = 500_000
"""Bytes of all different words of a text: a PostgreSQL tsvector holds 1 MB."""

_ALWAYS_FITS = 60_000
"""Characters whose words cannot be more than that."""

_PIECE = re.compile(r"c[cm]*|w[wm]*")
_NEEDS_PLACES = frozenset("cm")

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


# Letters that no decomposition takes apart, but readers type without: Turkish and
# Polish ones, ligatures, and the Persian forms of Arabic letters.
_LETTERS = str.maketrans(
    {
        "\u0131": "i",
        "\u0142": "l",
        "\u00f8": "o",
        "\u0111": "d",
        "\u0127": "h",
        "\u0167": "t",
        "\u00e6": "ae",
        "\u0153": "oe",
        "\u06cc": "\u064a",
        "\u06a9": "\u0643",
    }
)
# Letters of Arabic, Persian and Urdu that writers and keyboards take for one another
# (those with hamza are taken apart by NFKD). Lucene's ArabicNormalizer and
# PersianNormalizer merge them too.
_MIXED_UP = str.maketrans(
    {
        "\u0629": "\u0647",  # teh marbuta, heh
        "\u0649": "\u064a",  # alef maksura, yeh
        "\u0671": "\u0627",  # alef wasla, alef
        "\u06c1": "\u0647",  # heh goal, heh
        "\u06c3": "\u0647",  # teh marbuta goal, heh
    }
)
#: Halfwidth kana and its voicing mark, a character of its own.
_VOICED = re.compile("[\uff66-\uff9d][\uff9e\uff9f]")


class _Folds(dict[int, str]):
    """Folded characters by code point, found out when first asked for."""

    def __init__(self, letters: Mapping[int, str]) -> None:
        super().__init__()
        self._letters = letters

    def __missing__(self, code: int) -> str:
        self[code] = _folded(chr(code)).translate(self._letters)
        return self[code]


_FOLDS, _FOLDS_APART = _Folds(_LETTERS | _MIXED_UP), _Folds(_LETTERS)


def fold(text: str) -> str:
    """Return the text as it is compared: no case, no accents, ASCII digits."""
    return _whole(text).translate(_FOLDS)


def _whole(text: str) -> str:
    return _VOICED.sub(_composed, unicodedata.normalize("NFC", text))


def _composed(kana: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", kana.group())


def tokens(text: str) -> list[str]:
    """Return the words of a text, bigrams where the script has no blanks."""
    return _words(fold(text))


def tokens_apart(text: str) -> list[str]:
    """Return the words of a text as they have been since fingerprints are kept.

    Letters that are mixed up are two here: others would give each text of such a
    script another fingerprint.
    """
    return _words(_whole(text).translate(_FOLDS_APART))


def indexed(text: str) -> str:
    """Return the tokens to index, joined by blanks.

    After them stand the last characters of the runs without blanks: with them a
    query of one such character finds every place, as each other character
    begins a bigram.
    """
    folded = fold(text[:MAX_INDEXED])[:MAX_INDEXED]
    words = _words(folded)
    last = sorted({folded[end - 1] for end in _ends_of_runs(folded)})
    if last:
        words += [BREAK, *last]
    return " ".join(words if len(folded) <= _ALWAYS_FITS else _fitting(words))


def indexed_titles(titles: Sequence[str]) -> str:
    """Return the tokens of headlines; no phrase goes over two of them."""
    short = (indexed(title[:MAX_TITLE]) for title in titles[:MAX_TITLES])
    return f" {BREAK} ".join(words for words in short if words)


def indexed_names(names: Sequence[str]) -> str:
    """Return the tokens of names or tags; no phrase goes over two of them."""
    short = (indexed(name[:MAX_NAME]) for name in names[:MAX_NAMES])
    return f" {BREAK} ".join(words for words in short if words)


def _fitting(words: list[str]) -> Iterator[str]:
    """Yield as many words as one tsvector holds."""
    seen: set[str] = set()
    room = _MAX_DISTINCT
    for word in words:
        if word not in seen:
            seen.add(word)
            room -= len(word.encode())
        if room < 0:
            return
        yield word


def token_spans(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield each token with its first and behind-last character in the text.

    The text has to be NFC already.
    """
    places = origins(text)
    for token, start, end in _cut(fold(text)):
        yield token, places[start], places[end - 1] + 1


def origins(text: str) -> Sequence[int]:
    """Return where in the text each character of the folded text comes from.

    The text has to be NFC already.
    """
    pieces = {one: _FOLDS[ord(one)] for one in set(text)}
    voiced = [(kana.start(), kana.group()) for kana in _VOICED.finditer(text)]
    if not voiced and all(len(piece) == 1 for piece in pieces.values()):
        return range(len(text))
    row = [pieces[one] for one in text]
    for place, kana in voiced:
        row[place : place + 2] = fold(kana), ""
    return [place for place, piece in enumerate(row) for _ in piece]


def only_words(folded: str) -> str | None:
    """Return a folded text with a blank for each character that is in no word.

    None where blanks alone do not part the words: marks and scripts without blanks.
    Most texts are of letters, blanks and signs alone, and are told so by the few
    characters they are made of; looking at each place of them costs ten times more.
    """
    kinds = {one: classes(one) for one in set(folded)}
    if not _NEEDS_PLACES.isdisjoint(kinds.values()):
        return None
    for one, kind in kinds.items():
        if kind != "w":
            folded = folded.replace(one, " ")
    return folded


def is_single(token: str) -> bool:
    """Say whether a token is one character of a script without blanks."""
    return len(token) == 1 and classes(token) == "c"


def _words(folded: str) -> list[str]:
    """Return the tokens of a text, without their places."""
    words = only_words(folded)
    if words is None:
        return [token for token, _, _ in _cut(folded)]
    return [word[:MAX_TOKEN] for word in words.split()]


def _cut(folded: str) -> Iterator[tuple[str, int, int]]:
    kinds = classes(folded)
    for piece in _PIECE.finditer(kinds):
        start, end = piece.span()
        if kinds[start] == "w" or end - start == 1:
            yield folded[start : min(end, start + MAX_TOKEN)], start, end
        else:
            for place in range(start, end - 1):
                yield folded[place : place + 2], place, place + 2


def _ends_of_runs(folded: str) -> Iterator[int]:
    if "c" not in {classes(one) for one in set(folded)}:
        return
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
