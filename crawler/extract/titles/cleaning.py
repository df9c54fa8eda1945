"""Clean a headline of what a page puts around it: the site's name, section, page mark.

A site's name is cut only on evidence: the page declares it, the host's other
titles teach it, or another headline of the page is the title without it. The more
doubtful the cut, the more evidence it needs: "Support-Dadunation" without a space
is cut for a declared name, never for the host's name alone, as in "Rusia-Ukraina".
A kicker ("Kenya: Nairobi from below") is part of the headline.
"""

import html
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from crawler.extract.layout.markup import SOFT_HYPHEN
from crawler.extract.titles.names import (
    Names,
    fits_host,
    is_domain,
    is_site,
    key_of,
    names_of,
)
from crawler.extract.titles.words import CHAIN_WORDS, PAGE_WORDS
from crawler.late_regex import late
from crawler.lexicon.match import looks_like_date

_MIN_WORDS = 2
_MIN_LETTERS = 8
_MIN_CJK = 4
# What other titles teach may leave less than a guess may.
_MIN_LEARNED = 4
_SECTION_CJK = 4
_MAX_CUTS = 6

_MARK = late(r"-{1,3}|::|[–—―−‐|｜│¦ㅣ»›«‹•·∙⋅・_<>:：/~]")
_HARD_MARKS = frozenset("|｜│¦ㅣ»›«‹•_<>")
_COLONS = frozenset((*":：/~・·", "::"))
_QUOTES = frozenset("«»‹›")
_TAG = late(r"</?[a-zA-Z][^<>]{0,80}>")
_COUNTER = late(r"^\(\d{1,3}\+?\)\s+")
_PAGE_MARK = late(
    rf"(?:\s*[|\-–—,(•»:]\s*|\s+)(?:(?:{PAGE_WORDS})\s?(?:\d{{1,3}}|all|semua)"
    r"(?:\s?(?:/|of|von|dari|de|di|sur|из|z|av|van)\s?\d{1,3})?|第\s?\d{1,3}\s?[页頁])\)?$"
)
_DANGLING = " \t|｜ㅣ–—―-‐»›«‹•·_<:："
# Scripts without spaces between words: East Asian ones, Thai, Lao, Burmese and Khmer.
_CJK = late(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)


class Mark(NamedTuple):
    """A separator in a title.

    Attributes:
        mark: The separator itself.
        start: Where it begins, space before it included.
        end: Where it ends, space after it included.
        spaced: It stands apart on at least one side.
        loose: It is spaced, or one that no headline has inside.
    """

    mark: str
    start: int
    end: int
    spaced: bool
    loose: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleEvidence:
    """What is known of a page when its titles are cleaned.

    Attributes:
        site_names: Names the page or feed declares for its site.
        host: The host name; weak evidence.
        h1: The headline inside the article.
        section: The section the page declares.
        suffixes: What ends the host's titles, with its separator, such as
            `" - Kompas.com"`, and is no part of a headline; longest first.
        prefixes: The same for what stands in front.
    """

    site_names: tuple[str, ...] = ()
    host: str = ""
    h1: str | None = None
    section: str | None = None
    suffixes: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()


def clean_title(raw: str, evidence: TitleEvidence) -> str:
    """Return a title without counters, page marks and the site's name.

    A title that is nothing but the site's name is returned as it is.
    """
    heads = frozenset({key_of(evidence.h1)} - {""}) if evidence.h1 else frozenset[str]()
    names = names_of(evidence.site_names, evidence.host, evidence.section)
    return Cleaner(names, heads, evidence).clean(without_counter(tidy(raw)))


def tidy(raw: str) -> str:
    """Return a title with entities read (twice), tags and extra space gone, as NFC."""
    text = html.unescape(html.unescape(raw)) if "&" in raw else raw
    if "<" in text:
        text = _TAG.sub(" ", text)
    text = text.replace("\u200b", "").replace(SOFT_HYPHEN, "")
    return " ".join(unicodedata.normalize("NFC", text).split())


def without_counter(title: str) -> str:
    """Return a title without the number of unread things in front, `(3) `."""
    return _COUNTER.sub("", title)


def without_page_mark(title: str) -> str:
    """Return a title without "Page 2" at its end."""
    stripped = _PAGE_MARK.sub("", title)
    return stripped if is_enough(stripped) else title


@lru_cache(maxsize=512)
def marks_of(title: str) -> tuple[Mark, ...]:
    """Return what may part a title from what stands around it; paired quotation marks do not."""
    found = []
    end = 0
    quoted = ("«" in title and "»" in title) or ("‹" in title and "›" in title)
    for match in _MARK.finditer(title):
        mark = match[0]
        if match.start() < end or (quoted and mark in _QUOTES):
            continue
        start, end = match.span()
        while start and title[start - 1] == " ":
            start -= 1
        while title[end : end + 1] == " ":
            end += 1
        spaced = end - start > len(mark)
        loose = spaced or mark in _HARD_MARKS
        found.append(Mark(mark, start, end, spaced, loose))
    return tuple(found)


def is_enough(rest: str) -> bool:
    """Tell whether what is left can be a headline."""
    if len(rest) >= _MIN_LETTERS and len(rest.split()) >= _MIN_WORDS:
        return True
    return not rest.isascii() and len(_CJK.findall(rest)) >= _MIN_CJK


def strip_dangling(text: str) -> str:
    """Return a text without separators at its end; a closing quotation mark stays."""
    text = text.rstrip()
    if text.endswith(("»", "›")) and ("«" in text or "‹" in text):
        return text
    return text.rstrip(_DANGLING)


class Cleaner:
    """Cuts the titles of one page by what is known of it.

    Args:
        names: The site's names and section.
        heads: Keys of the page's headlines: a title that is one of them and more
            is cut to it, except for a kicker.
        evidence: What is known of the page.
    """

    def __init__(
        self, names: Names, heads: frozenset[str], evidence: TitleEvidence
    ) -> None:
        self._names = names
        self._heads = heads
        self._prefixes = evidence.prefixes
        self._suffixes = evidence.suffixes

    def clean(self, tidied: str) -> str:
        """Return a tidied title cut as often as evidence allows."""
        title = self._cut_prefix(without_page_mark(tidied))
        own = key_of(title)
        cut: set[str] = set()
        for _ in range(_MAX_CUTS):
            shorter = self._cut_suffix(title, own, cut)
            if shorter is None:
                break
            title = without_page_mark(shorter)
        return title

    def _cut_prefix(self, title: str) -> str:
        for prefix in self._prefixes:
            rest = title[len(prefix) :].strip()
            if title.startswith(prefix) and len(key_of(rest)) >= _MIN_LEARNED:
                return rest
        own = key_of(title)
        for match in marks_of(title):
            rest = title[match.end :]
            if not match.spaced or not is_enough(rest):
                continue
            left = title[: match.start]
            is_kicker = match.mark in _COLONS and not is_site(
                left, self._names, loose=True
            )
            if not is_kicker and self._is_head(rest, own):
                return rest
            if match.mark not in _COLONS and is_domain(left, self._names):
                return rest
        return title

    def _cut_suffix(self, title: str, own: str, cut: set[str]) -> str | None:
        """Return the title one suffix shorter, or None; `cut` remembers what went."""
        for suffix in self._suffixes:
            rest = strip_dangling(title[: -len(suffix)])
            if title.endswith(suffix) and len(key_of(rest)) >= _MIN_LEARNED:
                cut.add("site")
                return rest
        end = len(title)
        for match in reversed(marks_of(title)):
            left, right = strip_dangling(title[: match.start]), title[match.end :]
            if not is_enough(left):
                continue
            if match.mark not in _COLONS and key_of(right) and self._is_head(left, own):
                return left
            what = self._recognise(left, right, match, cut)
            if what == "chain":
                cut.add(what)
                return title.partition(" < ")[0] if " < " in left else left
            if what is None and end < len(title):
                what = self._recognise_inner(title[match.end : end], match)
            if what is not None:
                cut.add(what)
                return left
            end = match.start if match.loose else end
        return None

    def _is_head(self, text: str, own: str) -> bool:
        key = key_of(text)
        return key in self._heads and key != own

    def _recognise(
        self, left: str, right: str, match: Mark, cut: set[str]
    ) -> str | None:
        """Say what stands after a separator, or None if it may be the headline."""
        key = key_of(right)
        if not key:
            return "dangling"
        apart = match.loose and match.mark not in _COLONS
        if "site" in cut:
            return self._beside_site(left, right, match)
        if is_site(right, self._names, loose=apart) or (
            apart and fits_host(right, self._names)
        ):
            return "site"
        return self._section(key) if match.mark in _HARD_MARKS else None

    def _beside_site(self, left: str, right: str, match: Mark) -> str | None:
        """Say what stands between the headline and the site's name that was cut."""
        key = key_of(right)
        if len(key) <= _SECTION_CJK and len(_CJK.findall(key)) == len(key):
            return "section"
        if not match.loose:
            return None
        if left[-1:].isdigit() or left.endswith("."):
            return self._section(key)
        return self._section(key) or ("date" if looks_like_date(right) else None)

    def _section(self, key: str) -> str | None:
        if self._names.section and key == self._names.section:
            return "section"
        return "chain" if key in CHAIN_WORDS else None

    def _recognise_inner(self, part: str, match: Mark) -> str | None:
        """Say whether a part with more after it is the site's name between bars."""
        barred = match.mark in _HARD_MARKS and match.mark not in "<>_"
        named = barred and key_of(part) in self._names.declared
        return "site" if named or (barred and is_domain(part, self._names)) else None
