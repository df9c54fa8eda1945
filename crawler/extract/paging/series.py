"""The series an article is a part of, as structured data or its own lines say."""

import re
from collections.abc import Iterable, Sequence

from crawler.extract.readers.draft import Draft, Field, of_field
from storage.model.article import Series

_WORDS = (
    r"part|teil|folge|episode|bagian|partie|parte|deel|del|часть|bölüm|część|část|phần"
)
_OF = r"of|von|dari|sur|de|di|van|af|av|из|z|trên|/"
# "Part 2 of 5", and "第2回（全5回）".
_COUNTED = re.compile(
    rf"(?<!\w)(?:{_WORDS})\s+(\d{{1,2}}|[ivx]{{1,4}})\s*(?:{_OF})\s*(\d{{1,2}}|[ivx]{{1,4}})(?!\w)"
    r"|第\s?(\d{1,2})\s?[回部].{0,4}全\s?(\d{1,2})\s?[回部]",
    re.IGNORECASE,
)
# "The long drought, part 2": only a headline says so much with so little.
_NUMBERED = re.compile(
    rf"[,:;–—(\[|-]\s*(?:{_WORDS})\s+(\d{{1,2}}|[ivx]{{1,4}})(?:\s*[)\]:–—-]|$)",
    re.IGNORECASE,
)
_LONGEST = 240
_MOST = 60
_ROMAN = {"i": 1, "v": 5, "x": 10}


def read_series(draft: Draft, title: str, lines: Iterable[str]) -> Series | None:
    """Return the series of an article, or None.

    Args:
        draft: What structured data claims.
        title: The headline.
        lines: Short lines around the text, where it says which part it is.
    """
    names = [claim.value for claim in of_field(draft, Field.SERIES)]
    numbers = [claim.value for claim in of_field(draft, Field.EPISODE)]
    number = next((int(n) for n in numbers if n.isdecimal() and len(n) < 4), None)
    told = _told(title, [line for line in lines if len(line) <= _LONGEST])
    if not names and told is None:
        return None
    return Series(
        name=names[0] if names else None,
        number=told[0] if told else number,
        total=told[1] if told else None,
    )


def _told(title: str, lines: Sequence[str]) -> tuple[int, int | None] | None:
    for line in (title, *lines):
        if found := _COUNTED.search(line):
            this, total = [_number(part) for part in found.groups() if part]
            if 1 <= this <= total <= _MOST:
                return this, total
    if (found := _NUMBERED.search(title)) and 1 <= (
        number := _number(found[1])
    ) <= _MOST:
        return number, None
    return None


def _number(digits: str) -> int:
    """Return a number in western or Roman digits."""
    if digits.isdecimal():
        return int(digits)
    values = [_ROMAN[letter] for letter in digits.lower()]
    following = [*values[1:], 0]
    return sum(
        -value if value < after else value
        for value, after in zip(values, following, strict=True)
    )
