"""Read bylines: lines that say who wrote a story.

A byline is a label and something like a name: "Von Anna Schmidt" is one, "Von
Anfang an war klar" is not. So the name decides, not the label: at most five
words a name, capitalised or particles ("van der"), no digit, no final mark. In
scripts without capitals only a label with a delimiter or a title after the name
("홍길동 기자") will do.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from crawler.extract.bylines.names import (
    CASED,
    JOINERS,
    NAME_WORD,
    PARENTHESES,
    TITLED,
    is_agency,
    is_desk_word,
    key_of,
    trimmed,
    without_contacts,
)
from crawler.extract.bylines.words import (
    AGENCIES,
    GENERIC,
    IDEOGRAPHIC_LABELS,
    LABELS,
    LABELS_OPEN,
    NOT_NAMES,
    OTHER_ROLES,
    PARTICLES,
)
from crawler.extract.datelines.head import is_known_place
from crawler.late_regex import late

_MAX_BYLINE = 160
_LEADING_BRACKET = late(r"^[\[(（【][^\])）】]{1,20}[\])）】]\s*")
_FROM_PLACE = late(r"(?<=\w)\s(?:in|aus|from|reporting from|dari)\s[^\W\d_a-z].*$")
_IDEOGRAPHIC_NAMES = late("[\u3400-\u9fff]{2,4}(?:[ 、][\u3400-\u9fff]{2,4}){0,4}")
_DOMAIN = late(r"\w\.(?:com|net|org|id|info)\b", re.IGNORECASE)
_DESK_MARK = late(r"[(\[][\w*]{2,12}(?:\s?[/,-]\s?[\w*]{2,12}){0,3}[)\]]")
_WITH_AGENCY = late(
    r"(?:^|[\s,(/]+)(?:(?i:avec|with|mit|con|com|dengan|and|und|et|y|dan)\s)?[/,(]?\s*"
    rf"(?P<agency>{'|'.join(map(re.escape, AGENCIES))})(?:\s(?:Staff|News))?\)?\.?$"
)
_PARTS = late(
    r"\s*[|;•]\s*|,\s+(?=\S+(?:\s\S+)?\s?[:：])|\s{2,}|(?<=\S)\s+(?=(?:Editor|Penulis|Reporter)\s?:)"
)
_LABEL_END = late(r"\s*(?:[:：=/／]|\s[-–—|]\s)\s*")


def _by_first_word(labels: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """Return labels by their first word, longest first."""
    found: dict[str, tuple[str, ...]] = {}
    for label in sorted(labels, key=len, reverse=True):
        first = label.split(" ", 1)[0]
        found[first] = (*found.get(first, ()), label)
    return found


_LABELS_BY_WORD = _by_first_word(LABELS)
_OPEN_BY_WORD = _by_first_word(LABELS_OPEN)
_AGENCY_KEYS = frozenset(map(key_of, AGENCIES))


@dataclass(frozen=True, slots=True, kw_only=True)
class Byline:
    """Who a line says wrote the story.

    Attributes:
        names: The writers; empty when the line credits only a desk or agency.
        source: The agency or desk it names, or None.
    """

    names: tuple[str, ...]
    source: str | None = None


def read_byline(text: str, *, language: str | None = None) -> Byline | None:
    """Return the byline that a line is, or None if it is none.

    Args:
        text: The line.
        language: The text's language if known. It only rules out labels that
            are common words of that language.
    """
    line = " ".join(unicodedata.normalize("NFC", text).split())
    if not line or len(line) > _MAX_BYLINE:
        return None
    desk = _read_desk(line)
    if desk is not None:
        return desk
    writers: list[str] = []
    source: str | None = None
    found = False
    for part in _PARTS.split(_strip_brackets(line)):
        credit = _read_part(part, language)
        if credit is None:
            if not found:
                return None
            continue
        found = True
        writers.extend(name for name in credit.names if name not in writers)
        source = source or credit.source
    return Byline(names=tuple(writers), source=source) if found else None


def _read_desk(line: str) -> Byline | None:
    if _DESK_MARK.fullmatch(line):
        inside = line[1:-1]
        known = key_of(inside) in _AGENCY_KEYS
        return Byline(names=(), source=inside) if known or inside.islower() else None
    if is_agency(line.strip("()[] ")):
        return Byline(names=(), source=line.strip("()[] "))
    return None


def _strip_brackets(line: str) -> str:
    if line[0] in "([（【" and line[-1] in ")]）】":
        return line[1:-1].strip()
    return line


def _read_part(part: str, language: str | None) -> Byline | None:
    titled = TITLED.match(_LEADING_BRACKET.sub("", part))
    if titled:
        return Byline(names=tuple(JOINERS.split(titled["name"])))
    for slot, open_label in _slots(part, language):
        if slot is None:
            return Byline(names=())
        credit = _read_names(slot, strict=open_label)
        if credit is not None:
            return credit
    return None


def _slots(part: str, language: str | None) -> Iterator[tuple[str | None, bool]]:
    """Yield what may be names after a label; None for another role's label."""
    delimiter = _LABEL_END.search(part, 0, 40)
    if delimiter:
        label = part[: delimiter.start()].casefold().strip(" .")
        if label in OTHER_ROLES:
            yield None, False
        if label in LABELS or label in LABELS_OPEN:
            yield part[delimiter.end() :], False
    folded = part.casefold()
    word = folded.split(" ", 1)[0]
    for label in _OPEN_BY_WORD.get(word, ()):
        if folded.startswith(f"{label} ") and not _foreign(label, language):
            yield part[len(label) + 1 :], True
    for label in _LABELS_BY_WORD.get(word, ()):
        if folded.startswith(label) and part[len(label) : len(label) + 1] == " ":
            slot = part[len(label) + 1 :]
            yield (
                slot,
                not (
                    label in IDEOGRAPHIC_LABELS and _IDEOGRAPHIC_NAMES.fullmatch(slot)
                ),
            )


def _foreign(label: str, language: str | None) -> bool:
    """Tell whether an open label is a common word in the line's own language."""
    common_in = LABELS_OPEN[label]
    if language is None or common_in is None:
        return False
    return language.partition("-")[0] in common_in.split()


def _read_names(slot: str, *, strict: bool) -> Byline | None:
    text = _FROM_PLACE.sub("", without_contacts(slot).strip())
    if text.endswith(("!", "?", "。")):
        return None
    source = None
    agency = _WITH_AGENCY.search(text)
    if agency:
        source = agency["agency"]
        text = text[: agency.start()].strip()
    if not text or key_of(text) in GENERIC or _all_desk_words(text):
        return Byline(names=(), source=source or text or None)
    if _IDEOGRAPHIC_NAMES.fullmatch(text):
        return Byline(names=tuple(text.replace("、", " ").split()), source=source)
    names: list[str] = []
    for piece in JOINERS.split(PARENTHESES.sub("", text)):
        name = trimmed(piece)
        if _is_name(name, strict=strict):
            names.append(name)
            continue
        leads = names or _DOMAIN.search(name) or is_known_place(name)
        if not leads or not _may_follow_names(name):
            return None
    return Byline(names=tuple(names), source=source) if names or source else None


def _all_desk_words(text: str) -> bool:
    return all(is_desk_word(word) for word in text.split())


def _is_name(text: str, *, strict: bool) -> bool:
    words = text.split()
    if not words or len(words) > 5 or any(map(str.isdigit, text)):
        return False
    if not CASED.search(text):
        return not strict and len(text) <= 30
    if len(words) < 2 and strict:
        return False
    if not all(NAME_WORD.fullmatch(word) for word in words):
        return False
    if any(word.casefold() in NOT_NAMES for word in words):
        return False
    capitals = [word for word in words if word[0].isupper()]
    others = [word for word in words if not word[0].isupper()]
    return (
        bool(capitals)
        and words[-1][0].isupper()
        and all(word.casefold() in PARTICLES for word in others)
    )


def _may_follow_names(text: str) -> bool:
    """Allow a place or a degree after a name: "Anna Schmidt, Berlin", "MS, RDN"."""
    words = text.split()
    if len(words) > 4 or any(map(str.isdigit, text)):
        return False
    return (
        not words
        or words[0][0].isupper()
        or is_desk_word(words[0])
        or text.casefold() in OTHER_ROLES
    )
