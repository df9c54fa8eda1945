"""How values are written on pages. Pure."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, time
from itertools import groupby
from unicodedata import category
from urllib.parse import quote, unquote, urlsplit

from crawler.doors.stamps import stamp
from crawler.units import write_size
from storage.model.article import Article, Block, BlockKind, Entry
from storage.model.moment import Moment, Precision

#: Languages written from right to left (ISO 639).
_RTL = frozenset(
    [
        "ar",
        "arc",
        "ckb",
        "dv",
        "fa",
        "he",
        "iw",
        "ks",
        "lrc",
        "mzn",
        "ps",
        "sd",
        "ug",
        "ur",
        "yi",
    ]
)
#: Characters beyond ASCII as URLs have them.
_ESCAPED = re.compile(r"(?:%[89A-Fa-f][0-9A-Fa-f])+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")


def utc(at: datetime | None) -> str:
    """Write a time in UTC to the minute; an em dash for None.

    A line may end behind the day: the hour and its zone stay together.
    """
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}\N{NO-BREAK SPACE}UTC" if at else "—"


def published(at: datetime) -> str:
    """Write when an article of a list was published.

    A list's rows do not tell how exact a time is: midnight stands for a page's bare
    day, which is no hour in UTC.
    """
    at = at.astimezone(UTC)
    return f"{at:%Y-%m-%d}" if at.time() == time() else utc(at)


def stated(moment: Moment) -> str:
    """Write a time as a page states it, in its own zone.

    >>> stated(Moment(at=datetime(2026, 3, 1, 9, 5, tzinfo=UTC),
    ...               precision=Precision.MINUTE, zone_stated=False))
    '2026-03-01 09:05, no zone stated'
    """
    if moment.precision is Precision.DAY:
        return f"{moment.at:%Y-%m-%d}"
    exact = "seconds" if moment.precision is Precision.SECOND else "minutes"
    if not moment.zone_stated:
        local = moment.at.replace(tzinfo=None).isoformat(sep=" ", timespec=exact)
        return f"{local}, no zone stated"
    written = moment.at.isoformat(sep=" ", timespec=exact)
    return written.replace("+00:00", " UTC")


def lasting(seconds: float) -> str:
    """Write how long something lasts, in its two largest units.

    >>> lasting(3725)
    '1 h 2 min'
    """
    rest = round(seconds)
    parts = []
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, rest = divmod(rest, length)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"


def number(value: int) -> str:
    """Write a number with thin spaces between its thousands."""
    return f"{value:,}".replace(",", "\u202f")


def lang(language: str | None) -> str:
    """Return a value for `lang`; empty, which means unknown, for anything odd."""
    known = language is not None and _LANGUAGE.fullmatch(language)
    return (language or "").replace("_", "-") if known else ""


def direction(language: str | None) -> str:
    """Return a value for `dir`: by the language, or by the text when unknown."""
    if not lang(language):
        return "auto"
    return "rtl" if lang(language).split("-")[0].lower() in _RTL else "ltr"


def web_link(url: str | None) -> str | None:
    """Return a URL that a page may link to, or None: http and https only."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.netloc else None


def readable(url: str) -> str:
    """Write a URL with the letters that percent signs stand for; all else stays.

    >>> readable("https://x.example/%E6%96%B0%E8%81%9E/a%2Fb%20c%E2%80%AE")
    'https://x.example/新聞/a%2Fb%20c%E2%80%AE'
    """
    return _ESCAPED.sub(_letters, url)


def _letters(escaped: re.Match[str]) -> str:
    """Return the letters, marks and digits that are escaped; all as it is, or none."""
    written = escaped.group()
    try:
        text = unquote(written, errors="strict")
    except UnicodeDecodeError:
        return written
    return "".join(c if category(c)[0] in "LMN" else quote(c) for c in text)


def runs(blocks: Iterable[Block]) -> Iterator[tuple[BlockKind, list[Block]]]:
    """Yield blocks with their neighbours of one kind: items make a list."""
    for kind, group in groupby(blocks, key=lambda block: block.kind):
        yield kind, list(group)


def stretches(article: Article) -> Iterator[tuple[Entry | None, tuple[Block, ...]]]:
    """Yield an article's blocks by the entry of a live blog they belong to."""
    place = 0
    for entry in article.entries:
        if entry.start > place:
            yield None, article.blocks[place : entry.start]
        yield entry, article.blocks[entry.start : entry.end]
        place = entry.end
    if place < len(article.blocks) or not article.blocks:
        yield None, article.blocks[place:]


def cells(table: str) -> list[list[str]]:
    """Return a table block's rows of cells."""
    return [row.split(" | ") for row in table.splitlines()]


def ticked(text: str) -> Iterator[tuple[str, bool]]:
    """Yield a text's parts, and whether each stood between backticks.

    >>> list(ticked("see `doctor`"))
    [('see ', False), ('doctor', True)]
    """
    for place, part in enumerate(text.split("`")):
        if part:
            yield part, place % 2 == 1


FILTERS: Mapping[str, Callable[..., object]] = {
    "utc": utc,
    "published": published,
    "stamp": stamp,
    "stated": stated,
    "size": write_size,
    "lasting": lasting,
    "number": number,
    "lang": lang,
    "dir": direction,
    "web_link": web_link,
    "readable": readable,
    "runs": runs,
    "stretches": stretches,
    "cells": cells,
    "ticked": ticked,
}
