"""Read bylines, and make lists of authors out of what pages call authors.

A byline is a label and something like a name: "Von Anna Schmidt" is one, "Von
Anfang an war klar" is not. So the name decides, not the label: at most five
words a name, capitalised or particles ("van der"), no digit, no final mark. In
scripts without capitals only a label with a delimiter or a title after the name
("홍길동 기자") will do.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from crawler.extract.bylines_words import (
    AGENCIES,
    CREDENTIALS,
    DESK_WORDS,
    GENERIC,
    IDEOGRAPHIC_LABELS,
    LABELS,
    LABELS_OPEN,
    NOT_NAMES,
    OTHER_ROLES,
    PARTICLES,
    ROLE_ADJECTIVES,
    TITLES_AFTER,
)
from crawler.extract.datelines_head import is_known_place

_MAX_BYLINE = 160
_CASED = re.compile("[A-Za-z\u00c0-\u024f\u0370-\u03ff\u0400-\u052f\u0530-\u058f]")
_NAME_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|[.'’`\-])*\.?", re.UNICODE)
_ADDRESS = re.compile(r"<?[\w.+-]+@[\w.-]+\.\w{2,}>?")
_LEADING_BRACKET = re.compile(r"^[\[(（【][^\])）】]{1,20}[\])）】]\s*")
_FROM_PLACE = re.compile(
    r"(?<=\w)\s(?:in|aus|from|reporting from|dari)\s[^\W\d_a-z].*$"
)
_IDEOGRAPHIC_NAMES = re.compile(
    "[\u3400-\u9fff]{2,4}(?:[ 、][\u3400-\u9fff]{2,4}){0,4}"
)
_DOMAIN = re.compile(r"\w\.(?:com|net|org|id|info)\b", re.IGNORECASE)
_URL = re.compile(
    r"(?:https?://|www\.)\S+|\b\S+\.(?:com|org|net|co\.id|info)/\S*", re.IGNORECASE
)
_HANDLE = re.compile(r"(?:^|\s)\(?@\w+\)?")
_DESK_MARK = re.compile(r"[(\[][\w*]{2,12}(?:\s?[/,-]\s?[\w*]{2,12}){0,3}[)\]]")
_WITH_AGENCY = re.compile(
    r"(?:^|[\s,(/]+)(?:(?i:avec|with|mit|con|com|dengan|and|und|et|y|dan)\s)?[/,(]?\s*"
    rf"(?P<agency>{'|'.join(map(re.escape, AGENCIES))})(?:\s(?:Staff|News))?\)?\.?$"
)
_JOINERS = re.compile(
    r"\s*(?:[,;&/、·|]|，|／|\s(?:and|und|et|y|e|i|og|och|en|ja|és|ve|dan|și|și|и|та|і|và|και|및|و)\s)\s*"
)
_PARTS = re.compile(
    r"\s*[|;•]\s*|,\s+(?=\S+(?:\s\S+)?\s?[:：])|\s{2,}|(?<=\S)\s+(?=(?:Editor|Penulis|Reporter)\s?:)"
)
_LABEL_END = re.compile(r"\s*(?:[:：=/／]|\s[-–—|]\s)\s*")
_PARENTHESES = re.compile(r"\s*[(（\[【][^()（）]{0,60}[)）\]】]")
_LABELS_LONGEST_FIRST = sorted(LABELS, key=len, reverse=True)
_ROLE_WORDS = "|".join(
    sorted(map(re.escape, {*OTHER_ROLES, *LABELS}), key=len, reverse=True)
)
_TRAILING_ROLE = re.compile(rf"[\s,]+[-–—]?\s*(?:{_ROLE_WORDS})\.?$", re.IGNORECASE)
_LEADING_ROLE = re.compile(
    rf"^(?:{_ROLE_WORDS})(?:\s*[:：]\s*|\s+)(?=\S)", re.IGNORECASE
)
_EDGE = ' \t\n.,;:|–—-*•·/"“”'


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


def split_authors(raw: str) -> tuple[str, ...]:
    """Return the single authors that one author string lists, as it spells them.

    "Smith, John" with one comma and single words on both sides is one name
    turned round, and is turned back.
    """
    text = " ".join(raw.split())
    turned = re.fullmatch(r"([^\s,]+), ([^\s,]+(?: [^\s,]\.?)?)", text)
    if turned and not _is_desk_word(turned[1]) and not _is_desk_word(turned[2]):
        return (f"{turned[2]} {turned[1]}",)
    return tuple(part for part in map(_trimmed, _JOINERS.split(text)) if part)


def clean_authors(raws: Sequence[str], site_names: Collection[str]) -> tuple[str, ...]:
    """Return the people in what a page names as its authors, each once.

    Labels, roles, addresses, handles and credentials go; so do generic accounts
    and the site itself. If that leaves nobody, a desk with a name of its own
    ("Dadunation Redaksi", "Reuters Staff") is kept: it is who the page says wrote.
    """
    sites = {_key(name) for name in site_names}
    people: dict[str, str] = {}
    desks: dict[str, str] = {}
    for raw in raws:
        for piece in split_authors(_without_contacts(raw)):
            name = _clean_name(piece)
            key = _key(name)
            if not key or key in sites or key in GENERIC or len(name) > 80:
                continue
            desks_or_people = desks if _is_desk(name, sites) else people
            desks_or_people.setdefault(key, name)
    return tuple((people or desks).values())


def _read_desk(line: str) -> Byline | None:
    if _DESK_MARK.fullmatch(line):
        inside = line[1:-1]
        known = _key(inside) in {_key(name) for name in AGENCIES}
        return Byline(names=(), source=inside) if known or inside.islower() else None
    if _is_agency(line.strip("()[] ")):
        return Byline(names=(), source=line.strip("()[] "))
    return None


def _strip_brackets(line: str) -> str:
    if line[0] in "([（【" and line[-1] in ")]）】":
        return line[1:-1].strip()
    return line


def _read_part(part: str, language: str | None) -> Byline | None:
    titled = _TITLED.match(_LEADING_BRACKET.sub("", part))
    if titled:
        return Byline(names=tuple(_JOINERS.split(titled["name"])))
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
    for label in LABELS_OPEN:
        if folded.startswith(f"{label} ") and not _foreign(label, language):
            yield part[len(label) + 1 :], True
    for label in _LABELS_LONGEST_FIRST:
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
    text = _FROM_PLACE.sub("", _without_contacts(slot).strip())
    if text.endswith(("!", "?", "。")):
        return None
    source = None
    agency = _WITH_AGENCY.search(text)
    if agency:
        source = agency["agency"]
        text = text[: agency.start()].strip()
    if not text or _key(text) in GENERIC or _all_desk_words(text):
        return Byline(names=(), source=source or text or None)
    if _IDEOGRAPHIC_NAMES.fullmatch(text):
        return Byline(names=tuple(text.replace("、", " ").split()), source=source)
    names: list[str] = []
    for piece in _JOINERS.split(_PARENTHESES.sub("", text)):
        name = _trimmed(piece)
        if _is_name(name, strict=strict):
            names.append(name)
            continue
        leads = names or _DOMAIN.search(name) or is_known_place(name)
        if not leads or not _may_follow_names(name):
            return None
    return Byline(names=tuple(names), source=source) if names or source else None


def _trimmed(piece: str) -> str:
    name = piece.strip(_EDGE)
    return f"{name}." if name.endswith(("Jr", "Sr")) and f"{name}." in piece else name


def _all_desk_words(text: str) -> bool:
    return all(_is_desk_word(word) for word in text.split())


def _is_name(text: str, *, strict: bool) -> bool:
    words = text.split()
    if not words or len(words) > 5 or any(map(str.isdigit, text)):
        return False
    if not _CASED.search(text):
        return not strict and len(text) <= 30
    if len(words) < 2 and strict:
        return False
    if not all(_NAME_WORD.fullmatch(word) for word in words):
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
        or _is_desk_word(words[0])
        or text.casefold() in OTHER_ROLES
    )


def _is_agency(text: str) -> bool:
    key = _key(text)
    stem = re.sub(r"(?:staff|redaktion|redaksi|desk|newsroom)$", "", key)
    return bool(stem) and stem in _AGENCY_KEYS


def _without_contacts(raw: str) -> str:
    text = _URL.sub(" ", _ADDRESS.sub(" ", raw))
    return " ".join(_HANDLE.sub(" ", text).split())


def _clean_name(piece: str) -> str:
    name = _trimmed(_PARENTHESES.sub("", piece))
    for label in LABELS_OPEN:
        if (
            name.casefold().startswith(label + " ")
            and name[len(label) + 1 : len(label) + 2].isupper()
        ):
            name = name[len(label) + 1 :]
            break
    while True:
        shorter = _trimmed(_TRAILING_ROLE.sub("", _LEADING_ROLE.sub("", name)))
        if shorter == name or not shorter:
            break
        name = shorter
    if (
        _key(name) in CREDENTIALS
        or _key(name) in _ROLE_KEYS
        or _key(name) in ROLE_ADJECTIVES
    ):
        return ""
    titled = _TITLED.match(name)
    return titled["name"] if titled else name


def _is_desk(name: str, sites: Collection[str]) -> bool:
    words = name.split()
    return (
        _is_agency(name)
        or any(_is_desk_word(word) for word in words)
        or any(site and _key(name).startswith(site) for site in sites)
    )


def _is_desk_word(word: str) -> bool:
    return word.casefold().strip(".,:") in DESK_WORDS


def _key(text: str) -> str:
    return "".join(mark for mark in text.casefold() if mark.isalnum())


_AGENCY_KEYS = frozenset(_key(name) for name in AGENCIES)
_ROLE_KEYS = frozenset(_key(role) for role in {*OTHER_ROLES, *LABELS})
_TITLED = re.compile(
    rf"^(?:[^\s=]{{2,8}}=)?(?!本报|本報|特约|特約|见习|見習|通讯)(?P<name>[^\W\d_]{{2,5}}(?:[·、,]\s?[^\W\d_]{{2,5}}){{0,3}})\s?(?:{'|'.join(TITLES_AFTER)})(?:\s|$|=)"
)
