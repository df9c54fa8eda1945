"""Read what stands before a dateline's mark: place, source and date, in any order."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from crawler.extract.bylines.words import AGENCIES
from crawler.extract.titles.words import PUBLICATION_WORDS
from crawler.late_regex import late
from crawler.lexicon.calendar import months_anywhere
from crawler.lexicon.forms import plain, word_set
from crawler.lexicon.match import looks_like_date

_IN_BRACKETS = late(r"[(\[（]([^()\[\]（）]{1,40})[)\]）]")
_IN_SLASHES = late(r"/([^\s/][^/]{1,30})/")
_NOTHING = late(r"(?!)")
_SPLIT = late(r",\s*|،\s*|、|(?<=\w\w\w)\.\s+(?=\S)|\s[-–—]\s")
DOMAIN = late(
    r"(?:[\w-]+\.)+(?:com|co\.id|id|net|org|info|ru|ua|tv|news|vn|my|de|in|gr|az|kz|by)",
    re.IGNORECASE,
)
_PLACE = late(
    r"[^\W\d_][\w\u0900-\u0dff\u0e30-\u0e4e'’.\-]*"
    r"(?:[ /][\w\u0900-\u0dff\u0e30-\u0e4e'’.\-]+){0,4}"
)
_DAY = late(r"\d{1,2}[/.]\d{1,2}(?:[/.]\d{2,4})?")
_UNCASED = late("[\u0590-\u08ff\u0900-\u0dff\u0e00-\u0eff\u3040-\u9fff\uac00-\ud7af]")
_PLACE_WORDS = word_set(
    "de del la las le les los el da do dos das di den der the of am an im ob bei sur en na pod nad upon γης της του των"
)
# Labels in capitals that stand where a dateline would.
_LABELS = word_set(
    "alert analysis analisis breaking brief claim claims clarification comment commentary correction corrected "
    "editorial exclusive explainer fact facts factbox feature focus foto hoax interview kommentar kolom latest "
    "live nein note notice opini opinion photos poll preview profil profile quote review saham sport summary "
    "test timeline truth update updated verdict video warning watch weather why yes no conclusion rating"
)
_NOT_SOURCES = word_set(
    "cont continued video photo photos foto left right pictured sic top bottom center"
)
_AGENCY_FORMS = frozenset(map(plain, AGENCIES))
LOWER_AGENCIES = word_set("afp apa askanews dpa dpo dts epd kna lusa ots pte red sda")
_PAPERS = frozenset(
    (
        "antara news", "bbc", "bbc news indonesia", "beritasatu", "cnbc", "cnbc indonesia", "cnn", "cnn indonesia", "detik",
        "detikcom", "dw", "europa press", "inews", "itar-tass", "jpnn", "kompas", "kumparan", "medcom", "merdeka", "okezone",
        "republika", "rfi", "ria", "sindonews", "suara", "tempo", "tpo", "tribunnews", "tto", "ukrinform", "viva", "voa", "vov",
        "vtv", "बाससं", "भाषा", "वार्ता", "ইউএনবি", "বাসস",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts of a dateline as they are spelled."""

    place: str | None = None
    source: str | None = None
    date: str | None = None


@cache
def known_places() -> frozenset[str]:
    """Return the plain names of the cities that datelines name."""
    text = files("crawler.extract.data").joinpath("places.txt").read_text("utf-8")
    return frozenset(text.split("\n")) - {""}


def is_known_place(name: str) -> bool:
    """Tell whether each place of `BEIRUT/THE HAGUE` is a city we know."""
    pieces = name.split("/")
    return all(plain(piece) in known_places() for piece in pieces)


def read_head(text: str, sites: frozenset[str]) -> Parts | None:
    """Return what stands before the mark, or None if it is no dateline."""
    credit = _read_credit(text)
    if credit is None:
        return None
    source, date, whole = credit
    places: list[str] = []
    for piece in _pieces(whole.strip(" .,،")):
        if date is None and _is_date(piece):
            date = piece
        elif source is None and is_source(piece, sites):
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
    return Parts(place=", ".join(places) or None, source=source, date=date)


def _read_credit(head: str) -> tuple[str | None, str | None, str] | None:
    """Return source and date in brackets or slashes, and the head without them."""
    source: str | None = None
    date: str | None = None
    slashed = _IN_SLASHES if head.endswith("/") else _NOTHING
    for inside in (*_IN_BRACKETS.findall(head), *slashed.findall(head)):
        if _is_date(inside):
            date = inside
        elif source is None and _may_be_source(inside):
            source = inside.strip()
        else:
            return None
    return source, date, slashed.sub(" ", _IN_BRACKETS.sub(" ", head))


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


def is_source(piece: str, sites: frozenset[str]) -> bool:
    """Tell whether a text is the site, an agency, a paper or a domain name."""
    form = plain(piece)
    if form in sites or form in _AGENCY_FORMS or form in _PAPERS:
        return True
    words = form.split()
    if form.replace("-", "/").partition("/")[0] in _AGENCY_FORMS:
        return True
    publication = (
        len(words) > 1
        and piece.split(maxsplit=1)[0].isupper()
        and words[-1] in PUBLICATION_WORDS
    )
    return publication or DOMAIN.fullmatch(piece) is not None


def _may_be_source(inside: str) -> bool:
    words = inside.split()
    parts = [plain(part) for part in re.split(r"[/,\- ]+", inside)]
    if (
        plain(inside) in _AGENCY_FORMS
        or DOMAIN.fullmatch(inside)
        or parts[0] in LOWER_AGENCIES
    ):
        return True
    if len(words) > 3 or any(map(str.isdigit, inside)) or plain(inside) in _NOT_SOURCES:
        return False
    return (
        words[0][0].isupper()
        or _UNCASED.search(inside) is not None
        or plain(inside) in LOWER_AGENCIES
    )


def _may_be_place(piece: str) -> bool:
    if not _PLACE.fullmatch(piece) or plain(piece) in _LABELS or len(piece) > 40:
        return False
    words = re.split(r"[ /]", piece)
    named = (
        word[:1].isupper() or _UNCASED.match(word) or word.casefold() in _PLACE_WORDS
        for word in words
    )
    return len(words) <= 5 and all(named)
