"""Read the dateline of a story's first paragraph: place, source, date.

A dateline is never cut from the text; it is only read. Everything it may be made
of stands before a mark ("-", ".--", ":", "/ТАСС/.") within 80 characters. A bare
place before a dash is doubtful ("Jakarta - Bandung is a route"), so it must be a
known city; with an agency, the site's name or a date beside it, anything that looks
like a place will do.
"""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import replace

from crawler.extract.datelines.cjk import read_cjk
from crawler.extract.datelines.head import (
    DOMAIN,
    LOWER_AGENCIES,
    Parts,
    is_known_place,
    is_source,
    known_places,
    read_head,
)
from crawler.lexicon.forms import plain
from storage.model.article import Dateline

_REACH = 80
_LOOK = 140
_END = re.compile(
    r"(?P<dash>(?<=[\s.)）/\]])[-–—―−‒]{1,3}(?=\s|$|[^\W\d_])|\s?[–—](?=\s)|\.[-–—]{1,2}\s?|(?<=\w)-{2}\s)"
    r"|(?P<colon>:\s)"
    r"|(?P<slashes>/[^\s/][^/]{1,30}/\.?(?=\s))"
    r"|(?P<bracket>\)\.?(?=\s[^\s\-–—.,]))"
)
_SENTENCE = re.compile(r"[.!?。](?:\s|$)")
_MARKS = re.compile(
    r"[-–—―−‒(\[（［【/:：電电]|\.(?:com|co|id|net|vn|ru|tv)\b", re.IGNORECASE
)
_FIRST_WORD = re.compile(r"[\w'’.\-]+")


def read_dateline(
    paragraph: str, *, site_names: Collection[str] = ()
) -> Dateline | None:
    """Return the dateline that a first paragraph begins with, or None.

    Args:
        paragraph: The first paragraph of prose.
        site_names: The site's names; one in the dateline is its source.
    """
    if not paragraph or not _may_have(paragraph[:_LOOK]):
        return None
    text = _widthless(paragraph[:_LOOK])
    sites = frozenset(map(plain, site_names))
    return (
        read_cjk(text, is_known_place)
        or _read_marked(text, paragraph, sites)
        or _read_unmarked(text, sites)
    )


def _may_have(head: str) -> bool:
    """Reject most paragraphs at once: those without any dateline mark."""
    return _MARKS.search(head) is not None


def _widthless(text: str) -> str:
    """Return the text in normal width, character for character."""
    if text.isascii():
        return text
    narrow = (
        unicodedata.normalize("NFKC", mark)
        if unicodedata.east_asian_width(mark) in "FH"
        else mark
        for mark in text
    )
    return (
        "".join(
            new if len(new) == 1 else old for new, old in zip(narrow, text, strict=True)
        )
        .replace("\u00a0", " ")
        .replace("\u3000", " ")
    )


def _read_marked(text: str, paragraph: str, sites: frozenset[str]) -> Dateline | None:
    for end in _END.finditer(text, 0, _REACH):
        slashed = end["slashes"] or ""
        head = text[: end.start()] + slashed.rstrip(".")
        if end["bracket"]:
            head += ")"
        rest = _skip_spaces(text, end.end())
        parts = read_head(head.strip(), sites)
        if parts is None:
            return None
        if rest >= len(text) and len(paragraph) <= rest:
            return None
        moved = (
            _source_after(text, rest, sites)
            if end["dash"] and not parts.source
            else None
        )
        if moved is not None:
            parts, rest = replace(parts, source=moved[0]), moved[1]
        parts = _place_last(parts, sites)
        led = _place_after(text, rest, parts, sites) if not parts.place else None
        if led is not None:
            parts, rest = led
        if _is_sure(parts, end, text, rest, sites):
            return Dateline(
                place=parts.place, source=parts.source, date=parts.date, rest=rest
            )
    return None


def _skip_spaces(text: str, start: int) -> int:
    """Return where prose may begin: behind spaces and further marks."""
    while start < len(text) and (text[start].isspace() or text[start] in ":–—-"):
        start += 1
    return start


def _source_after(
    text: str, rest: int, sites: frozenset[str]
) -> tuple[str, int] | None:
    """Read "МОСКВА, 28 апр — РИА Новости. Prose" and "JAKARTA - KOMPAS.com - "."""
    for stop in re.finditer(r"\.\s+|\s[-–—]\s", text[rest : rest + 40]):
        piece = text[rest : rest + stop.start()]
        if is_source(piece, sites):
            return piece, rest + stop.end()
    return None


def _place_last(parts: Parts, sites: frozenset[str]) -> Parts:
    """Read "SITE, Place -" where no name of the site is known.

    "Town, City -" looks alike, so with names at hand only those are sources.
    """
    first, comma, second = (parts.place or "").partition(", ")
    if (
        sites
        or not comma
        or parts.source
        or parts.date
        or is_known_place(first)
        or not is_known_place(second)
    ):
        return parts
    return replace(parts, place=second, source=first)


def _place_after(
    text: str, rest: int, parts: Parts, sites: frozenset[str]
) -> tuple[Parts, int] | None:
    """Read the place behind the source: "(ANSA) - ROMA, 28 APR - Prose"."""
    if parts.source is None:
        return None
    for end in _END.finditer(text, rest, min(len(text), rest + 50)):
        if not end["dash"]:
            continue
        more = read_head(text[rest : end.start()].strip(), sites)
        if more is None or more.source or not more.place:
            return None
        if not (more.date or is_known_place(more.place) or more.place.isupper()):
            return None
        start = _skip_spaces(text, end.end())
        return replace(parts, place=more.place, date=parts.date or more.date), start
    return None


def _is_sure(
    parts: Parts, end: re.Match[str], text: str, rest: int, sites: frozenset[str]
) -> bool:
    """Tell whether the parts together are evidence enough for a dateline."""
    if parts.place is None:
        return _is_sure_without_place(parts, end, text, rest, sites)
    known = is_known_place(_town(parts.place))
    named = parts.place.isupper() or known
    if parts.source is not None:
        return _is_sure_source(parts, end, text, rest, sites)
    if end["colon"]:
        capital = parts.place == parts.place.upper()
        return known and (capital or parts.date is not None)
    if not end["dash"] or end["dash"].startswith("."):
        return named and end["dash"] is not None
    aside = parts.date is None and (not known or _is_paired(text, end, rest))
    return not aside and _opens_prose(text, rest)


def _is_sure_without_place(
    parts: Parts, end: re.Match[str], text: str, rest: int, sites: frozenset[str]
) -> bool:
    if parts.source is None or end["colon"]:
        return False
    bracketed = end["dash"] is not None and text.startswith(f"({parts.source})")
    known = is_source(parts.source, sites)
    return bracketed or (known and _opens_prose(text, rest))


def _is_sure_source(
    parts: Parts, end: re.Match[str], text: str, rest: int, sites: frozenset[str]
) -> bool:
    place, source = parts.place or "", parts.source or ""
    known = is_source(source, sites)
    named = place.isupper() or is_known_place(_town(place))
    if end["bracket"]:
        return known and (named or parts.date is not None)
    if known or end["slashes"]:
        return True
    if f"({source})" in text[: end.end()]:
        return named or plain(source) in LOWER_AGENCIES
    return not sites and is_known_place(place) and _opens_prose(text, rest)


def _town(place: str) -> str:
    """Return `CHARLESTON` of `CHARLESTON, Ill.`."""
    return place.partition(",")[0]


def _opens_prose(text: str, rest: int) -> bool:
    """Tell whether prose may begin here: no small letter, no second place."""
    word = _FIRST_WORD.match(text, rest)
    if word is None:
        return rest < len(text)
    return not word[0][0].islower() and plain(word[0]).strip(".") not in known_places()


def _is_paired(text: str, end: re.Match[str], rest: int) -> bool:
    """Tell whether the same dash comes again in the sentence, as an aside's end."""
    dash = end["dash"].strip() if end["dash"] else ""
    stop = _SENTENCE.search(text, rest)
    return (
        bool(dash) and f" {dash} " in text[rest : stop.start() if stop else len(text)]
    )


def _read_unmarked(text: str, sites: frozenset[str]) -> Dateline | None:
    """Read "Liputan6.com, Jakarta Prose": a site, a known place, no mark."""
    source, comma, after = text[:_REACH].partition(", ")
    if (
        not comma
        or len(source) > 40
        or not (DOMAIN.fullmatch(source) or plain(source) in sites)
    ):
        return None
    words = after.split(" ")
    for count in (3, 2, 1):
        place = " ".join(words[:count])
        rest = len(source) + len(comma) + len(place) + 1
        if len(words) > count and is_known_place(place) and _opens_prose(text, rest):
            return Dateline(place=place, source=source, date=None, rest=rest)
    return None
