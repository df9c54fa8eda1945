"""What each character is to a reader of words: one class letter a character.

The standard `re` knows no scripts and its word class has no vowel signs, so
text is mapped to class letters of equal length, and patterns run over those.

    w  letter or digit of a script that puts blanks between words
    c  letter of a script that does not (Han, kana, Hangul, Thai, Lao, ...)
    m  mark: belongs to the character before it
    s  white space
    p  anything else
"""

import unicodedata
from bisect import bisect

# Unicode 15 blocks, first and last code point. Hangul does put blanks between
# words, but particles stick to them: "정부는" has to be found by "정부".
_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1100, 0x11FF),  # Hangul Jamo
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x2FDF),  # CJK and Kangxi radicals
    (0x3005, 0x3007),  # ideographic iteration mark, closing mark, zero
    (0x3040, 0x318F),  # Hiragana, Katakana, Bopomofo, Hangul compatibility
    (0x31A0, 0x31FF),  # Bopomofo and Katakana extensions
    (0x3400, 0x4DBF),  # CJK extension A
    (0x4E00, 0x9FFF),  # CJK
    (0xA960, 0xA97F),  # Hangul Jamo extended A
    (0xAA60, 0xAA7F),  # Myanmar extended A
    (0xAC00, 0xD7FF),  # Hangul
    (0xF900, 0xFAFF),  # CJK compatibility
    (0x1AFF0, 0x1B16F),  # kana supplements
    (0x20000, 0x3FFFF),  # CJK extensions B and up
)
_STARTS = [first for first, _ in _UNSPACED]


class _Classes(dict[int, str]):
    """Class letters by code point, found out when first asked for."""

    def __missing__(self, code: int) -> str:
        self[code] = _class_of(chr(code))
        return self[code]


_CLASSES = _Classes()


def classes(text: str) -> str:
    """Return one class letter for each character of the text."""
    return text.translate(_CLASSES)


def _class_of(character: str) -> str:
    category = unicodedata.category(character)
    if character.isspace():
        return "s"
    if category[0] == "M":
        return "m"
    if category[0] == "L" or category[0] == "N":
        return "c" if _unspaced(ord(character)) and category != "Nd" else "w"
    return "p"


def _unspaced(code: int) -> bool:
    place = bisect(_STARTS, code) - 1
    return place >= 0 and code <= _UNSPACED[place][1]
