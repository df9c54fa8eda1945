"""Days in a page's visible lines, with the place where each stands.

A line of its own between headline and text is nearly always the day of
publication; a line among cards, comments or in the page's head is another's.
Only lines that hold a year are read, so most lines cost one search.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from crawler.dates.text import western_digits
from crawler.extract.layout.blocks import Layout, TextBlock
from crawler.lexicon.forms import bare, plain
from crawler.lexicon.table import lexicon
from storage.model.article import Claim

# What only a date holds: a year, or three numbers joined by marks.
_HINT = re.compile(
    r"(?<!\d)(?:\d{4}\s?(?P<mark>[-/.])\s?\d{1,2}\s?(?P=mark)\s?\d{1,2}(?!\d)|"
    r"\d{4}\s?[年년]\s?\d{1,2}\s?[月월]\s?\d{1,2}\s?[日일]?|"
    r"\d{1,2}\s?[-/.]\s?\d{1,2}\s?[-/.]\s?(?:\d{4}|\d{2})(?!\d)|"
    r"(?:19|20|25|1[34])\d\d(?!\d))|(?:令和|平成|民國|民国)\s?(?:\d{1,3}|元)\s?年"
)
# Where two elements without a space between them meet: `NewsMay 4, 2024Updated`.
_SEAM = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=\d{4})(?=[A-Za-z])")
_DATED = re.compile(r"\d{4}|\d\s?[-/.]\s?\d{1,2}\s?[-/.]\s?\d{2}|[年년]")
_CUT = re.compile(r"[^\W\d_]+(?=\s)")
_CUT_OFF = re.compile(r"(?<=\s)[^\W\d_]+$")
_BEFORE = 34
_AFTER = 44
_LONGEST = 240
_OPENING = 70
_HEAD = 9
_LOOK_BACK = 120
_FOOT = 10
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
# What something is valid or to be had until.
_TERM = re.compile(
    r"\b(?:gültig|verfügbar|bis|frist|valid|until|expir\w*|deadline|closes|jusqu|hasta|scad\w*|hingga|sampai|до)\b|截止|有効期限",
    re.IGNORECASE,
)
_NOTICE = re.compile(r"©|\(c\)|copyright|all rights|alle rechte", re.IGNORECASE)
_UPDATED = re.compile(
    r"\b(?:updat|actuali[sz]|aktualis|last (?:mod|edit|rev|chang)|modif|zuletzt|geändert|letzte|stand(?=\W)|mis à jour|atualiz|"
    r"aggiorna|обновл|diperbarui|更新|修正|수정|업데이트)",
    re.IGNORECASE,
)
_FOREIGN = frozenset({"related", "comments", "sidebar", "ad", "cookies", "dialog"})
_FURNITURE = frozenset({"navigation", "footer", "form", "share"})
_REST = 45
_OPENS = 16
_LINKED = 0.5
# A link as short as a day may be one to the archive of that day.
_DATE_LINK = 40
_MAX_SIGHTINGS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Sightings:
    """The days seen, best places first."""

    published: tuple[Claim, ...] = ()
    modified: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Which of a page's blocks are headline, first and last of the text; -1 for none."""

    headline: int
    first: int
    last: int


def frame_of(layout: Layout, body: Sequence[int], titles: Collection[str]) -> Frame:
    """Return where headline and text stand among the blocks."""
    first, last = (body[0], body[-1]) if body else (-1, -1)
    blocks = layout.blocks
    headline = -1
    limit = first + 3 if first >= 0 else len(blocks)
    start = min(limit, len(blocks)) - 1
    for index in range(start, max(-1, start - _LOOK_BACK), -1):
        block = blocks[index]
        if block.tag == "h1":
            headline = index
            break
        if headline < 0 and len(block.text) < 300 and layout.is_headed(index, titles):
            headline = index
    return Frame(headline=headline, first=first, last=last)


def see_dates(layout: Layout, frame: Frame) -> Sightings:
    """Return the days on lines around the headline and right behind the text."""
    return _gather(layout, frame, _around(layout, frame))


def search_dates(layout: Layout, frame: Frame) -> Sightings:
    """Return the days on all lines of the page, for pages that state none near their story."""
    near = set(_around(layout, frame))
    return _gather(
        layout, frame, [i for i in range(len(layout.blocks)) if i not in near]
    )


def _around(layout: Layout, frame: Frame) -> list[int]:
    """Return the blocks about the headline, and those behind the text, nearest the headline first."""
    size = len(layout.blocks)
    start = frame.headline if frame.headline >= 0 else max(frame.first, 0)
    end = max(start, min(frame.first, start + 3 * _HEAD)) + 2
    after = range(start, min(end + 1, size))
    before = range(start - 1, max(-1, start - _HEAD), -1)
    foot = (
        range(max(frame.last, end + 1), min(frame.last + _FOOT, size))
        if frame.last >= 0
        else ()
    )
    return [*after, *before, *foot]


def _gather(layout: Layout, frame: Frame, indexes: Sequence[int]) -> Sightings:
    published: list[Claim] = []
    modified: list[Claim] = []
    blocks = layout.blocks
    for index in indexes:
        text = blocks[index].text
        if not _DATED.search(text, 0, _OPENING if len(text) > _LONGEST else _LONGEST):
            continue
        for label, claim in _read(layout, frame, index):
            (modified if label == "updated" else published).append(claim)
        if len(published) > _MAX_SIGHTINGS:
            break
    return Sightings(published=tuple(published), modified=tuple(modified))


def _read(layout: Layout, frame: Frame, index: int) -> Iterator[tuple[str, Claim]]:
    block = layout.blocks[index]
    text = block.text
    opening = len(text) > _LONGEST
    text = western_digits(text[:_OPENING] if opening else text)
    end = 0
    hints = list(_HINT.finditer(text))[:4]
    for place, hint in enumerate(hints):
        limit = hints[place + 1].start() if place + 1 < len(hints) else len(text)
        start = max(end, hint.start() - _BEFORE)
        window = _whole_words(text, start, min(hint.end() + _AFTER, limit))
        window = _SEAM.sub(" ", window).strip()
        before = text[end : hint.start()]
        label = _label(before) or _label_above(layout, index, hint.start())
        line = _line_at(text, hint)
        kind = _kind(block, line, before.rpartition("\n")[2], label=label)
        if kind == "notice" and hint[0].isdigit():
            continue
        origin = f"text:{kind} {_zone(layout, frame, index)}"
        yield label, Claim(origin=origin, raw=window, value=window)
        end = hint.end()


def _whole_words(text: str, start: int, end: int) -> str:
    """Return a part of a text without the words that it would cut: of "agor" July is left."""
    if start and text[start - 1].isalpha() and (cut := _CUT.match(text, start, end)):
        start = cut.end()
    if text[end : end + 1].isalpha() and (cut := _CUT_OFF.search(text[start:end])):
        end = start + cut.start()
    return text[start:end]


def _line_at(text: str, hint: re.Match[str]) -> str:
    """Return the line of a text in which a day stands."""
    start = text.rfind("\n", 0, hint.start()) + 1
    end = text.find("\n", hint.end())
    return text[start : end if end >= 0 else len(text)]


def _kind(block: TextBlock, text: str, before: str, *, label: str) -> str:
    """Return what a day is by its line: labelled, a `line` of its own, or among `words`."""
    near = before[-_BEFORE:]
    if _TERM.search(near):
        return "term"
    if _NOTICE.search(near):
        return "notice"
    if block.link_density > _LINKED and len(text) >= _DATE_LINK:
        return "link"
    alone = len(text) <= _LONGEST and _letters(text) <= _REST
    return label or ("line" if alone or len(before) < _OPENS else "words")


def _letters(text: str) -> int:
    return sum(map(len, _WORD.findall(text)))


def _zone(layout: Layout, frame: Frame, index: int) -> str:
    """Return where a block stands to headline and text, furniture by its kind."""
    chrome = layout.chrome[layout.blocks[index].container]
    start = frame.headline if frame.headline >= 0 else frame.first
    if chrome in _FOREIGN:
        near = start - 3 <= index <= max(frame.first, start) + 1
        return "beside headline" if near and chrome == "sidebar" else chrome or ""
    if 0 <= start <= index <= min(max(frame.first, start) + 2, start + 3 * _HEAD):
        return "under headline"
    if start >= 0 and chrome in _FURNITURE:
        return "furniture"
    places = (
        (start >= 0 and start - _HEAD < index < start, "over headline"),
        (0 <= frame.first <= index <= frame.last, "in text"),
        (0 <= frame.last < index <= frame.last + _FOOT, "under text"),
    )
    return next((place for holds, place in places if holds), "page")


def _label(before: str) -> str:
    """Return what the words before a day say it is: `published`, `updated`, or nothing."""
    words = _WORD.findall(plain(before))[-6:]
    table = _labels()
    for end in range(len(words), 0, -1):
        for start in range(max(0, end - 4), end):
            kind = table.get(" ".join(words[start:end]))
            if kind is not None:
                return kind
    return "updated" if before and _UPDATED.search(before) else ""


def _label_above(layout: Layout, index: int, start: int) -> str:
    """Return the label that stands in the block before a day that opens its own."""
    if index == 0 or start > _BEFORE:
        return ""
    above = layout.blocks[index - 1]
    if len(above.text) > 30:
        return ""
    name = " ".join(_WORD.findall(plain(above.text)))
    return _labels().get(name, "")


@cache
def _labels() -> Mapping[str, str]:
    """Return labels of days in all languages, in plain words."""
    kinds = {"published_at": "published", "updated_at": "updated"}
    found: dict[str, str] = {}
    for phrase, entry in lexicon().prefixes.items():
        if entry.boilerplate in kinds:
            found[" ".join(_WORD.findall(bare(plain(phrase))))] = kinds[
                entry.boilerplate
            ]
    found.update({"first published": "published", "first published on": "published"})
    found.pop("", None)
    return found
