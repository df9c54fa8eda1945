"""Read the dateline of a story's first paragraph: place, source, date.

A dateline is never cut from the text; it is only read. Everything it may be made
of stands before a mark ("-", ".--", ":", "/ТАСС/.") within 80 characters. A bare
place before a dash is doubtful ("Jakarta - Bandung is a route"), so it must be a
known city; with an agency, the site's name or a date beside it, anything that looks
like a place will do.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from crawler.extract.bylines_words import AGENCIES
from crawler.extract.datelines_cjk import read_cjk
from crawler.extract.lexicon import looks_like_date
from crawler.extract.lexicon_calendar import months_anywhere
from crawler.extract.lexicon_forms import plain
from crawler.extract.titles_words import PUBLICATION_WORDS
from storage.model import Dateline

_REACH = 80
_LOOK = 140
_END = re.compile(
    r"(?P<dash>(?<=[\s.)）/\]])[-–—―−‒]{1,3}(?=\s|$|[^\W\d_])|\s?[–—](?=\s)|\.[-–—]{1,2}\s?|(?<=\w)-{2}\s)"  # noqa: RUF001
    r"|(?P<colon>:\s)"
    r"|(?P<slashes>/[^\s/][^/]{1,30}/\.?(?=\s))"
    r"|(?P<bracket>\)(?=\s[^\s\-–—.,]))"  # noqa: RUF001
)
_IN_BRACKETS = re.compile(r"[(\[（]([^()\[\]（）]{1,40})[)\]）]")
_IN_SLASHES = re.compile(r"/([^\s/][^/]{1,30})/")
_SPLIT = re.compile(r",\s*|،\s*|、|(?<=\w)\.\s+(?=\S)|\s[-–—]\s")  # noqa: RUF001
_DOMAIN = re.compile(r"(?:[\w-]+\.)+(?:com|co\.id|id|net|org|info|ru|ua|tv|news|vn|my|de|in|gr|az|kz|by)", re.IGNORECASE)
_PLACE = re.compile(r"[^\W\d_][\w'’.\-]*(?:[ /][\w'’.\-]+){0,4}")  # noqa: RUF001
_DAY = re.compile(r"\d{1,2}[/.]\d{1,2}(?:[/.]\d{2,4})?")
_SENTENCE = re.compile(r"[.!?。](?:\s|$)")
_SPACES = re.compile(r"\s*")
_FIRST_WORD = re.compile(r"[\w'’.\-]+")  # noqa: RUF001
_UNCASED = re.compile("[\u0590-\u08ff\u0900-\u0dff\u0e00-\u0eff\u3040-\u9fff\uac00-\ud7af]")
_PLACE_WORDS = frozenset("de del la las le les los el da do dos das di den der the of am an im ob bei sur en na pod nad upon γης της του των".split())
# Labels in capitals that stand where a dateline would.
_LABELS = frozenset(
    "alert analysis analisis breaking brief claim claims clarification comment commentary correction corrected "
    "editorial exclusive explainer fact facts factbox feature focus foto hoax interview kommentar kolom latest "
    "live nein note notice opini opinion photos poll preview profil profile quote review saham sport summary "
    "test timeline truth update updated verdict video warning watch weather why yes no conclusion rating".split()
)
_NOT_SOURCES = frozenset("cont continued video photo photos foto left right pictured sic top bottom center".split())
_NFKC_PUNCTUATION = {ord(a): b for a, b in zip("（）［］，：；．　", "()[],:;. ", strict=True)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    place: str | None = None
    source: str | None = None
    date: str | None = None


def read_dateline(paragraph: str, *, site_names: Collection[str] = ()) -> Dateline | None:
    """Return the dateline that a first paragraph begins with, or None.

    Args:
        paragraph: The first paragraph of prose.
        site_names: The site's names; one in the dateline is its source.
    """
    if not paragraph or not _may_have(paragraph[:_LOOK]):
        return None
    text = _widthless(paragraph[:_LOOK])
    sites = frozenset(map(plain, site_names))
    return read_cjk(text, is_known_place) or _read_marked(text, paragraph, sites) or _read_unmarked(text, sites)


@cache
def known_places() -> frozenset[str]:
    """Return the plain names of the cities that datelines name."""
    text = files("crawler.extract.data").joinpath("places.txt").read_text("utf-8")
    return frozenset(text.split("\n")) - {""}


def is_known_place(name: str) -> bool:
    """Tell whether each place of `BEIRUT/THE HAGUE` is a city we know."""
    pieces = name.split("/")
    return all(plain(piece) in known_places() for piece in pieces)


def _may_have(head: str) -> bool:
    """Reject most paragraphs at once: those without any dateline mark."""
    return _MARKS.search(head) is not None


_MARKS = re.compile(r"[-–—―−‒(\[（［【/:：電电]|\.(?:com|co|id|net|vn|ru|tv)\b", re.IGNORECASE)  # noqa: RUF001


def _widthless(text: str) -> str:
    """Return the text in normal width, character for character."""
    if text.isascii():
        return text
    narrow = (unicodedata.normalize("NFKC", mark) if unicodedata.east_asian_width(mark) in "FH" else mark for mark in text)
    return "".join(new if len(new) == 1 else old for new, old in zip(narrow, text, strict=True)).replace("\u00a0", " ").replace("\u3000", " ")


def _read_marked(text: str, paragraph: str, sites: frozenset[str]) -> Dateline | None:
    for end in _END.finditer(text, 0, _REACH):
        slashed = end["slashes"] or ""
        head = text[: end.start()] + slashed.rstrip(".")
        if end["bracket"]:
            head += ")"
        rest = _SPACES.match(text, end.end()).end()  # type: ignore[union-attr] - \s* always matches
        parts = _read_head(head.strip(), sites)
        if parts is None:
            continue
        if rest >= len(text) and len(paragraph) <= rest:
            return None
        moved = _source_after(text, rest, sites) if end["dash"] and not parts.source else None
        if moved is not None:
            parts, rest = replace(parts, source=moved[0]), moved[1]
        parts = _place_last(parts, sites)
        led = _place_after(text, rest, parts, sites) if not parts.place else None
        if led is not None:
            parts, rest = led
        if _is_sure(parts, end, text, rest, sites):
            return Dateline(place=parts.place, source=parts.source, date=parts.date, rest=rest)
    return None


def _read_head(head: str, sites: frozenset[str]) -> _Parts | None:
    """Return what stands before the mark, or None if it is no dateline."""
    source: str | None = None
    date: str | None = None
    for inside in (*_IN_BRACKETS.findall(head), *(_IN_SLASHES.findall(head) if head.endswith("/") else ())):
        if _is_date(inside):
            date = inside
        elif source is None and _may_be_source(inside):
            source = inside.strip()
        else:
            return None
    head = _IN_BRACKETS.sub(" ", head)
    if head.endswith("/"):
        head = _IN_SLASHES.sub(" ", head)
    whole, head = head, head.strip(" .,،")
    places: list[str] = []
    for piece in _pieces(head):
        if date is None and _is_date(piece):
            date = piece
        elif source is None and _is_source(piece, sites):
            source = piece
        elif date is not None and piece.isdigit() and len(piece) == 4:
            date = f"{date}, {piece}"
        elif len(places) < 2 and (not places or date is None) and _may_be_place(piece):
            abbreviated = places and len(piece) <= 5 and f"{piece}. " in f"{whole} "
            places.append(f"{piece}." if abbreviated else piece)
        else:
            return None
    if not (places or source or date):
        return None
    return _Parts(place=", ".join(places) or None, source=source, date=date)


def _pieces(head: str) -> Iterator[str]:
    for piece in _SPLIT.split(head):
        if piece.strip(" ."):
            yield piece.strip()


def _is_date(piece: str) -> bool:
    if not any(map(str.isdigit, piece)):
        return False
    if _DAY.fullmatch(piece.strip()):
        return True
    return looks_like_date(piece) and any(
        word.strip(".,") in months_anywhere() for word in plain(piece).split()
    )


def _is_source(piece: str, sites: frozenset[str]) -> bool:
    form = plain(piece)
    if form in sites or form in _AGENCY_FORMS or form in _PAPERS:
        return True
    words = form.split()
    if re.split(r"[/,-]", form)[0] in _AGENCY_FORMS:
        return True
    publication = len(words) > 1 and piece.split()[0].isupper() and words[-1] in PUBLICATION_WORDS
    return publication or _DOMAIN.fullmatch(piece) is not None


def _may_be_source(inside: str) -> bool:
    words = inside.split()
    parts = [plain(part) for part in re.split(r"[/,\- ]+", inside)]
    if plain(inside) in _AGENCY_FORMS or _DOMAIN.fullmatch(inside) or parts[0] in _LOWER_AGENCIES:
        return True
    if len(words) > 3 or any(map(str.isdigit, inside)) or plain(inside) in _NOT_SOURCES:
        return False
    return words[0][0].isupper() or _UNCASED.search(inside) is not None or plain(inside) in _LOWER_AGENCIES


def _may_be_place(piece: str) -> bool:
    if not _PLACE.fullmatch(piece) or plain(piece) in _LABELS or len(piece) > 40:
        return False
    words = re.split(r"[ /]", piece)
    named = (word[:1].isupper() or _UNCASED.match(word) or word.casefold() in _PLACE_WORDS for word in words)
    return len(words) <= 5 and all(named)


def _source_after(text: str, rest: int, sites: frozenset[str]) -> tuple[str, int] | None:
    """Read "МОСКВА, 28 апр — РИА Новости. Prose" and "JAKARTA - KOMPAS.com - "."""
    for stop in re.finditer(r"\.\s+|\s[-–—]\s", text[rest : rest + 40]):  # noqa: RUF001
        piece = text[rest : rest + stop.start()]
        if _is_source(piece, sites):
            return piece, rest + stop.end()
    return None


def _place_last(parts: _Parts, sites: frozenset[str]) -> _Parts:
    """Read "SITE, Place -" where no name of the site is known.

    "Town, City -" looks alike, so with names at hand only those are sources.
    """
    first, comma, second = (parts.place or "").partition(", ")
    if sites or not comma or parts.source or parts.date or is_known_place(first) or not is_known_place(second):
        return parts
    return replace(parts, place=second, source=first)


def _place_after(text: str, rest: int, parts: _Parts, sites: frozenset[str]) -> tuple[_Parts, int] | None:
    """Read the place behind the source: "(ANSA) - ROMA, 28 APR - Prose"."""
    if parts.source is None:
        return None
    for end in _END.finditer(text, rest, min(len(text), rest + 50)):
        if not end["dash"]:
            continue
        more = _read_head(text[rest : end.start()].strip(), sites)
        if more is None or more.source or not more.place:
            return None
        if not (more.date or is_known_place(more.place) or more.place.isupper()):
            return None
        start = _SPACES.match(text, end.end()).end()  # type: ignore[union-attr] - \s* always matches
        return replace(parts, place=more.place, date=parts.date or more.date), start
    return None


def _is_sure(parts: _Parts, end: re.Match[str], text: str, rest: int, sites: frozenset[str]) -> bool:
    known_source = parts.source is not None and _is_source(parts.source, sites)
    bracketed = parts.source is not None and f"({parts.source})" in text[: end.end()]
    placed = parts.place is not None and (parts.place.isupper() or is_known_place(parts.place.split(",")[0]))
    if parts.place is None:
        return (known_source and not end["colon"] and _opens_prose(text, rest)) or (bracketed and end["dash"] is not None and text.startswith("("))
    if end["bracket"]:
        return known_source and (parts.date is not None or is_known_place(parts.place) or parts.place.isupper())
    if parts.source is not None:
        led = not sites and is_known_place(parts.place) and _opens_prose(text, rest)
        trusted = bracketed and (placed or plain(parts.source) in _LOWER_AGENCIES)
        return known_source or trusted or end["slashes"] is not None or led
    if end["dash"] and end["dash"].startswith("."):
        return parts.place.isupper() or is_known_place(parts.place)
    if end["colon"]:
        certain = parts.place.isupper() or parts.date is not None
        return certain and is_known_place(parts.place.split(",")[0])
    if parts.date is not None:
        return _opens_prose(text, rest)
    return is_known_place(parts.place.split(",")[0]) and _opens_prose(text, rest) and not _is_paired(text, end, rest)


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
    return bool(dash) and f" {dash} " in text[rest : stop.start() if stop else len(text)]


def _read_unmarked(text: str, sites: frozenset[str]) -> Dateline | None:
    """Read "Liputan6.com, Jakarta Prose": a site, a known place, no mark."""
    source, comma, after = text[:_REACH].partition(", ")
    if not comma or len(source) > 40 or not (_DOMAIN.fullmatch(source) or plain(source) in sites):
        return None
    words = after.split(" ")
    for count in (3, 2, 1):
        place = " ".join(words[:count])
        rest = len(source) + len(comma) + len(place) + 1
        if len(words) > count and is_known_place(place) and _opens_prose(text, rest):
            return Dateline(place=place, source=source, date=None, rest=rest)
    return None


_AGENCY_FORMS = frozenset(map(plain, AGENCIES))
_LOWER_AGENCIES = frozenset(("dpa", "epd", "sda", "dts", "kna", "dpo", "lusa", "ots", "pte", "red", "apa", "afp", "ots"))
_PAPERS = frozenset(
    (
        "antara news", "bbc", "bbc news indonesia", "beritasatu", "cnbc", "cnbc indonesia", "cnn", "cnn indonesia", "detik",
        "detikcom", "dw", "europa press", "inews", "itar-tass", "jpnn", "kompas", "kumparan", "medcom", "merdeka", "okezone",
        "republika", "rfi", "ria", "sindonews", "suara", "tempo", "tpo", "tribunnews", "tto", "ukrinform", "viva", "voa", "vov",
        "vtv",
    )
)  # fmt: skip
