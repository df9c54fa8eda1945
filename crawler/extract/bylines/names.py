"""What a string that is given as an author is: names of people, of desks, or neither.

Everything is told by the script and shape of the words and by the small tables of
`words`; nothing knows a site.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from crawler.extract.bylines.words import (
    AGENCIES,
    CREDENTIALS,
    DESK_WORDS,
    GENERIC,
    INTERFACE_WORDS,
    LABELS,
    LABELS_OPEN,
    LINK_WORDS,
    NOT_NAMES,
    OTHER_ROLES,
    PARTICLES,
    POSTING_WORDS,
    ROLE_ADJECTIVES,
    ROLE_NOUNS,
    TITLES_AFTER,
)
from crawler.extract.datelines.head import is_known_place
from crawler.lexicon.calendar import months_anywhere, weekdays_anywhere


class Kind(IntEnum):
    """What a name stands for, the surest person last.

    LOOSE are words that might be a name if the page says so in its data.
    """

    NOTHING = 0
    ACCOUNT = 1
    LOOSE = 2
    DESK = 3
    SHORT = 4
    PERSON = 5


class Name(NamedTuple):
    """A name and what it stands for."""

    text: str
    kind: Kind


_MAX_NAME = 60
_MAX_WORDS = 5
_MOST_LOOSE = 3
_MAX_UNCASED = 40
_DENSE_LENGTH = range(2, 6)
CASED = re.compile("[A-Za-z\u00c0-\u024f\u0370-\u03ff\u0400-\u052f\u0530-\u058f]")
_MARKS = re.compile(r"[\W_]+")
_DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
NAME_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|[.'’`ʼ´\-‐‑])*\.?", re.UNICODE)
_ADDRESS = re.compile(r"[<(\[]?[\w.+-]+@[\w.-]+\.\w{2,}[>)\]]?")
_URL = re.compile(
    r"(?:https?:)?//\S+|\bwww\.\S+|\b[\w-]+\.[a-z]{2,6}/\S*", re.IGNORECASE
)
_HANDLE = re.compile(r"(?:^|\s)\(?@\w+\)?")
PARENTHESES = re.compile(r"\s*[(（\[【《<][^()（）]{0,60}[)）\]】》>]")
_TALK = re.compile(
    r"\s+(?:im Gespräch mit|im Interview mit|in conversation with|as told to|entretien avec"
    r"|intervista di|entrevista de)\s+",
    re.IGNORECASE,
)
JOINERS = re.compile(
    r"\s*(?:[,;&/、|•·]|，|／|；|\s(?:and|und|et|y|e|i|og|och|oraz|en|ja|és|ve|dan|și|și|и|та|і|và|και|و"
    r"|with|mit|avec|con|con la colaboración de)\s)\s*",
    re.IGNORECASE,
)
# With a capital, `Dan` is a name.
_AND = re.compile(r"^(?:(?i:and|und|et|och)|dan|og)\s+")
_TURNED = re.compile(r"([^\s,]+), ([^\s,]+(?: [^\s,]\.?)?)")
# A name of two or three ideographs set wide: "王　明".
_SPACED = re.compile("^([\u3400-\u9fff]) ([\u3400-\u9fff]{1,2})$")
_LINKED = re.compile(
    rf"^(?:(?:{'|'.join(LINK_WORDS)})\s+){{1,5}}(?:by|von|par|por|de|di|da|af|av|door|oleh|from)\s+(?=\S)",
    re.IGNORECASE,
)
_OPEN = "|".join(sorted(map(re.escape, LABELS_OPEN), key=len, reverse=True))
_ROLES = "|".join(
    sorted(map(re.escape, {*OTHER_ROLES, *LABELS}), key=len, reverse=True)
)
_OPENING = re.compile(rf"^(?:{_OPEN})\s*[:：]?\s+(?=[^\W_])", re.IGNORECASE)
_LEADING_ROLE = re.compile(rf"^(?:{_ROLES})(?:\s*[:：]\s*|\s+)(?=\S)", re.IGNORECASE)
_TRAILING_ROLE = re.compile(rf"[\s,]+[-–—]?\s*(?:{_ROLES})\.?$", re.IGNORECASE)
_DASH = re.compile(r"\s+[-–—]\s+.*$")
TITLED = re.compile(
    r"^(?:[^\s=]{2,8}=)?(?!本报|本報|特約|特约|见习|見習|通讯)"
    r"(?P<name>[^\W\d_]{2,5}(?:[·、,]\s?[^\W\d_]{2,5}){0,3})"
    rf"\s?(?:{'|'.join(TITLES_AFTER)})(?:\s|$|=)"
)
_CAPITALS = re.compile(
    r"[A-Z]{2,6}(?:-[A-Z]{1,3})?|[A-Z][a-z]?\.?[A-Z][a-z]?\.?(?:[A-Z]\.?)?"
)
_EDGE = ' \t\n.,،;:|–—-*•·/"“”„»«‹›「」'
_DOMAIN = re.compile(r"\w\.(?:com|net|org|de|at|ch|fr|co|info|tv)\b")
_DIGITS = re.compile(r"\s\d")
_CLOCK = re.compile(r"\d:\d")
_DATED = re.compile(
    r"(?<=\w)[\s,]+(?:[a-zà-ÿ]{2,3}\s)?\d{1,4}(?:[./:-]\d|\.?\s|,|$|(?:st|nd|rd|th)\b).*$"
)


@lru_cache(maxsize=2048)
def names_in(raw: str, sites: frozenset[str]) -> tuple[Name, ...]:
    """Return the names that one author string lists, in order.

    Args:
        raw: As the page has it.
        sites: Names of the site as `key_of` folds them.
    """
    text = " ".join(unicodedata.normalize("NFC", raw).split())
    if not text or len(text) > 400:
        return ()
    if key_of(text) in sites:
        return (Name(text.strip(_EDGE), Kind.DESK),)
    if is_known_place(text.partition(",")[0]):
        return ()
    text = without_contacts(_LINKED.sub("", text))
    dated = _DATED.search(text)
    if dated:
        text = without_calendar(text[: dated.start()])
    if _is_whole_desk(text):
        return (Name(trimmed(text), Kind.DESK),)
    text = _SPACED.sub(r"\1\2", text)
    turned = _TURNED.fullmatch(text) if CASED.search(text) else None
    if turned and not (
        is_desk_word(turned[1]) or is_desk_word(turned[2]) or _is_credential(turned[2])
    ):
        text = f"{turned[2]} {turned[1]}"
    return tuple(_names(text, sites))


def key_of(text: str) -> str:
    """Return a name's letters and digits in lower case."""
    return _MARKS.sub("", text).casefold()


def split_names(text: str) -> list[str]:
    """Return the pieces of a list of names, as it spells them."""
    pieces: list[str] = []
    for part in _TALK.split(text):
        pieces += filter(
            None, (trimmed(_AND.sub("", piece)) for piece in JOINERS.split(part))
        )
    return pieces


def trimmed(piece: str) -> str:
    """Return a name without the marks around it; the stop of "Jr." stays."""
    name = piece.strip(_EDGE)
    return f"{name}." if name.endswith(("Jr", "Sr")) and f"{name}." in piece else name


def without_calendar(name: str) -> str:
    """Leave out the months, weekdays and small words that end a text."""
    words = name.split()
    while words:
        last = words[-1].casefold().strip(".,،-–—@·|()")
        small = len(last) <= 3 and words[-1][:1].islower()
        if (
            last
            and not small
            and last not in months_anywhere()
            and last not in weekdays_anywhere()
        ):
            break
        words.pop()
    return " ".join(words)


def _names(text: str, sites: Collection[str]) -> Iterator[Name]:
    followers = False
    for piece in split_names(text):
        if key_of(piece) in sites:
            yield Name(piece, Kind.DESK)
            continue
        if key_of(piece) in GENERIC and key_of(piece) not in _DESKS:
            yield Name(piece, Kind.ACCOUNT)
            continue
        if piece != text and is_known_place(piece):
            continue
        name = clean_name(piece)
        kind = kind_of(name, sites)
        if kind is Kind.DESK and kind_of(piece, sites) is Kind.DESK:
            name = piece
        if followers and (
            has_rank(piece) or (kind < Kind.PERSON and _follows(piece, name))
        ):
            continue
        if kind is not Kind.NOTHING:
            followers = followers or kind is Kind.PERSON
            yield Name(name, kind)


def _follows(piece: str, name: str) -> bool:
    """Tell what stands behind a name in a list but is none: degree or place."""
    return not name or _is_credential(piece) or is_known_place(name)


def has_rank(piece: str) -> bool:
    """Tell a rank with or without the firm behind it: "Head of Content"."""
    words = [word.casefold().strip(".:") for word in piece.split()]
    return any(word in ROLE_NOUNS or word.endswith(_RANKS) for word in words)


def clean_name(piece: str) -> str:
    """Return a name without labels, roles, degrees, brackets and dates."""
    name = trimmed(PARENTHESES.sub("", piece))
    dated = _DIGITS.search(name)
    if dated:
        name = without_calendar(name[: dated.start()])
    name = trimmed(_DASH.sub("", name))
    opened = _OPENING.match(name)
    if opened:
        name = name[opened.end() :]
    while True:
        shorter = trimmed(_TRAILING_ROLE.sub("", _LEADING_ROLE.sub("", name)))
        if shorter == name or not shorter:
            break
        name = shorter
    titled = TITLED.match(name)
    return titled["name"] if titled else _without_rank(_without_controls(name))


def _without_controls(name: str) -> str:
    """Leave out what the page puts behind a full name: "Jane Doe Follow", "Jane Doe May"."""
    words = name.split()
    while len(words) > 2 and _is_control(words[-1]):
        words.pop()
    return " ".join(words)


def _is_control(word: str) -> bool:
    folded = word.casefold().strip(".,")
    small = word.islower() and len(word) <= 2
    return small or folded in INTERFACE_WORDS or folded in months_anywhere()


def _without_rank(name: str) -> str:
    """Leave out a rank written right behind or before a name: "Jane Doe Content Manager"."""
    words = name.split()
    if (
        len(words) >= 3
        and words[0].count("-")
        and words[0].rsplit("-", 1)[-1].casefold() in ROLE_NOUNS
    ):
        return " ".join(words[1:])
    if words and words[-1].casefold().strip(".") in ROLE_NOUNS:
        if (
            len(words) <= 2
            or words[-1].islower()
            or words[0].casefold() in ROLE_ADJECTIVES
        ):
            return "" if len(words) > 1 else name
        size = (
            3
            if len(words) > 4
            and (len(words[1].strip(".")) == 1 or words[1].casefold() in PARTICLES)
            else 2
        )
        return " ".join(words[:size])
    return name


def kind_of(name: str, sites: Collection[str]) -> Kind:
    """Return what a cleaned name stands for."""
    key = key_of(name)
    words = name.split()
    if not key or len(name) > _MAX_NAME or _is_no_name(name, key, words):
        return Kind.NOTHING
    if key in GENERIC or any(key_of(word) in _ACCOUNTS for word in words):
        return Kind.DESK if key in _DESKS else Kind.ACCOUNT
    if is_agency(name) or key in sites or _is_desk(name, words, sites):
        return Kind.DESK
    return Kind.PERSON if is_personal(name) else _lesser(name, words)


def _lesser(name: str, words: list[str]) -> Kind:
    """Return what a name that is not a person's in full may be."""
    if len(words) > 1 and not _DENSE.search(name):
        return Kind.LOOSE if len(words) <= _MOST_LOOSE else Kind.NOTHING
    return Kind.SHORT if _may_be_short(name) else Kind.NOTHING


def _is_no_name(name: str, key: str, words: list[str]) -> bool:
    return (
        key.isdigit()
        or key in CREDENTIALS
        or (key in _ROLE_KEYS and key not in _DESKS)
        or key in ROLE_ADJECTIVES
        or name.casefold() in INTERFACE_WORDS
        or words[-1].casefold() in INTERFACE_WORDS
        or all(word.casefold() in POSTING_WORDS for word in words)
        or "…" in name
        or _CLOCK.search(name) is not None
        or name.endswith(("...", "!", "?"))
    )


def _may_be_short(name: str) -> bool:
    """Allow an account's name or a first name alone."""
    if _DENSE.search(name):
        return len(name) <= 8
    folded = name.casefold()
    letters = sum(map(str.isalpha, name))
    return (
        letters >= 2
        and 2 * letters >= len(name)
        and folded not in LABELS_OPEN
        and folded not in PARTICLES
        and folded not in POSTING_WORDS
        and folded not in months_anywhere()
    )


def _is_whole_desk(text: str) -> bool:
    """Tell an organisation's name with a joining word in it: "Center for Evaluation and Research"."""
    if "," in text or not any(map(is_desk_word, text.split())):
        return False
    pieces = split_names(text)
    return len(pieces) > 1 and not any(
        is_personal(piece) and not any(map(is_desk_word, piece.split()))
        for piece in pieces
    )


def is_personal(name: str) -> bool:
    """Tell whether a text has the shape of a full personal name in its script."""
    words = name.split()
    if not words or len(words) > _MAX_WORDS or any(map(str.isdigit, name)):
        return False
    if CASED.search(name):
        return _is_spelled_as_name(words)
    if _DENSE.search(name):
        return "·" in name or len(name.replace(" ", "")) in _DENSE_LENGTH
    return len(words) >= 2 and len(name) <= _MAX_UNCASED


def _is_spelled_as_name(words: list[str]) -> bool:
    """Tell two to five words with capitals, particles among them, as a personal name."""
    small = [word for word in words if not word[0].isupper()]
    return (
        len(words) >= 2
        and words[-1][0].isupper()
        and len(small) < len(words)
        and all(word.casefold() in PARTICLES for word in small)
        and any(len(word.strip(".")) > 1 for word in words)
        and all(map(NAME_WORD.fullmatch, words))
        and words[0].casefold() not in _NEVER_FIRST
        and not any(map(_is_never_a_name, words))
        and not _is_acronym(words)
    )


def _is_never_a_name(word: str) -> bool:
    folded = word.casefold()
    return folded in NOT_NAMES or folded.endswith(("’s", "'s"))


def _is_acronym(words: list[str]) -> bool:
    """Tell an organisation by its first word: "EFC Harbour Eagles"; not "JANE DOE"."""
    first = words[0].strip(".")
    return (
        len(first) > 2
        and first.isupper()
        and "." not in first
        and not all(word.isupper() or word.casefold() in PARTICLES for word in words)
    )


def _is_desk(name: str, words: list[str], sites: Collection[str]) -> bool:
    if any(map(is_desk_word, words)) or _DOMAIN.search(name):
        return True
    if len(words) > 1 and _is_acronym(words):
        return True
    key = key_of(name)
    return any(len(site) > 3 and key.startswith(site) for site in sites)


def is_agency(text: str) -> bool:
    """Tell whether a text is a news agency's name."""
    key = key_of(text)
    stem = re.sub(r"(?:staff|redaktion|redaksi|desk|newsroom)$", "", key)
    return bool(stem) and stem in _AGENCY_KEYS


def is_desk_word(word: str) -> bool:
    """Tell whether a word makes a name that of a desk."""
    folded = word.casefold().strip(".,:()")
    return folded in DESK_WORDS or folded.rsplit("-", 1)[-1] in DESK_WORDS


def _is_credential(text: str) -> bool:
    return key_of(text) in CREDENTIALS or bool(_CAPITALS.fullmatch(text.strip(" .")))


def without_contacts(raw: str) -> str:
    """Return a text without addresses, links and handles."""
    text = _URL.sub(" ", _ADDRESS.sub(" ", raw))
    return " ".join(_HANDLE.sub(" ", text).split())


_NEVER_FIRST = frozenset(
    {"zum", "zur", "vom", "im", "am", "on", "of", "bei", "mit", "aus", "nach"}
)
_RANKS = (
    "leiter",
    "leiterin",
    "redakteur",
    "redakteurin",
    "korrespondent",
    "korrespondentin",
)
_AGENCY_KEYS = frozenset(key_of(name) for name in AGENCIES)
_ROLE_KEYS = frozenset(key_of(role) for role in {*OTHER_ROLES, *LABELS})
_ACCOUNTS = frozenset(
    {"admin", "administrator", "webmaster", "wpadmin", "wordpressadmin", "superadmin"}
)
_DESKS = frozenset(
    key
    for key in GENERIC
    if key.startswith(
        (
            "redak",
            "redac",
            "redaz",
            "news",
            "staff",
            "editorial",
            "toimitus",
            "ред",
            "编辑",
            "編",
        )
    )
)
