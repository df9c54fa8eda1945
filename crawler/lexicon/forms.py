"""The forms in which interface words are compared: case, marks, digits, spaces."""

import re
import unicodedata
from collections.abc import Iterable

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u0307]")
_DECORATION = (
    " \t.:;,|*•·●▪■►▶▷→←↑↓➜➤»«›‹<>-‐‑–—―_~=+/\\()[]【】〔〕「」『』《》〈〉\"'“”„‟‘’‚"
    "¤✓✔★☆♥❤👁🔗📷📸💬🕒⏱✉☎\ufe0f"
)
_UNIT = r"k|m|b|rb|ribu|jt|juta|mil|mio|mln|tis|tsd|tys|тыс|тис|млн|bin|千|万|萬|億|亿|만|천|หมื่น|แสน|هزار|ألف"
_NUMBER = re.compile(r"\d+(?:[.,'’ ]\d{3})*(?:[.,]\d+)?")
_SCALED = re.compile(rf"{_NUMBER.pattern} ?(?:{_UNIT})(?![^\W\d_])")
_UNIT_VALUES = (
    ("k rb ribu tis tsd tys тыс тис bin mil 千 천 هزار ألف", 1_000),
    ("万 萬 만 หมื่น", 10_000),
    ("แสน", 100_000),
    ("m jt juta mio mln млн", 1_000_000),
    ("億 亿", 100_000_000),
    ("b", 1_000_000_000),
)
_TONED = re.compile("[άέήίόύώΐΰ]")
_UNTONED = str.maketrans("άέήίόύώΐΰ", "αεηιουωϊϋ")
_UNIT_OF = {unit: value for units, value in _UNIT_VALUES for unit in units.split()}


def word_set(words: str) -> frozenset[str]:
    """Return the words of a text as a set: long tables read better so."""
    return frozenset(words.split())


def plain(text: str) -> str:
    """Return the text with compatible forms, case and spaces made one."""
    if text.isascii():
        return " ".join(text.lower().split())
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(_INVISIBLE.sub("", folded).split())


def plain_all(texts: Iterable[str]) -> list[str]:
    """Return the plain forms of many one-line texts, at a third of the cost."""
    folded = unicodedata.normalize("NFKC", "\n".join(texts)).casefold()
    lines = _INVISIBLE.sub("", folded).split("\n")
    return [" ".join(line.split()) for line in lines]


def untoned(text: str) -> str:
    """Return a plain Greek text without its accents, as capitals are written."""
    return text.translate(_UNTONED) if _TONED.search(text) else text


def bare(text: str) -> str:
    """Return the plain text without decoration at its ends."""
    return text.strip(_DECORATION)


def masked(text: str) -> tuple[str, tuple[str, ...]]:
    """Return a plain text with `{n}` for its numbers and no space, and the numbers.

    Spaces go because sites write `1 234 views`, `1234views` and `Views : 1234`.
    """
    return _mask(text, _NUMBER)


def masked_scaled(text: str) -> tuple[str, tuple[str, ...]]:
    """Do as `masked` for numbers with a unit of scale: `1,2 rb`, `3k`, `5万`."""
    return _mask(text, _SCALED)


def whole_number(text: str) -> int | None:
    """Return the value of a counter such as `1.234`, `1,2 rb` or `3k`, or None."""
    match = re.fullmatch(r"([\d.,'’ ]*\d) ?([^\d.,'’ ]*)", text)
    if match is None:
        return None
    digits, unit = match[1], match[2]
    scale = _UNIT_OF.get(unit, 1)
    if scale > 1:
        fraction = re.fullmatch(r"(\d+)(?:[.,](\d{1,2}))?", digits)
        if fraction is not None:
            return round(float(f"{int(fraction[1])}.{int(fraction[2] or 0)}") * scale)
    return int("".join(str(int(mark)) for mark in digits if mark.isdigit())) * scale


def _mask(text: str, number: re.Pattern[str]) -> tuple[str, tuple[str, ...]]:
    numbers = tuple(number.findall(text))
    if numbers:
        text = number.sub("{n}", text)
    return text.replace(" ", ""), numbers
