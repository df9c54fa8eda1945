"""What a digest says, in so many lines. Pure."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from textwrap import shorten

from crawler.health.runbook import runbook
from storage.alerts import Loss
from storage.sql.alerts import NamedAlert
from storage.sql.digests import Figures

MOST_LINES = 20
#: Of each section so many lines are certain; the first ones get what is left.
_CERTAIN = 4
_LONGEST_WHY, _LONGEST_SUBJECT = 100, 120
#: A subject names the kinds of more alerts than so many.
_FEW = 4
_DAY = timedelta(days=1)
#: What follows in a reason differs from source to source.
_DETAIL = re.compile(r"[:,]| until | since ")


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What a digest is made of.

    Attributes:
        since: When the last one ended.
        now: Current time, UTC.
        zone: In which times are told.
        alerts: All that are open, or were so since; the greatest losses first.
        unwell: Sources that have been unwell for long without an alert, and why.
        figures: Of the archive.
        free: Bytes free where it is.
    """

    since: datetime
    now: datetime
    zone: tzinfo
    alerts: Sequence[NamedAlert]
    figures: Figures
    free: int
    unwell: Sequence[tuple[str, str]] = ()

    @property
    def is_any(self) -> bool:
        """Whether there is anything to say."""
        return bool(self.alerts or self.unwell)


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """A digest: one line above it, and what it says."""

    subject: str
    lines: tuple[str, ...]


def day_due(now: datetime, at: time, zone: tzinfo) -> date:
    """Return the day whose digest is the last that is due."""
    local = now.astimezone(zone)
    return local.date() if local.time() >= at else local.date() - _DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A line of a section, and what it shares with others."""

    kind: str
    text: str
    lost: float = 0.0


def compose(news: News, *, always: bool = False) -> Digest | None:
    """Return the digest of what is new; None where nothing is, unless it is `always`."""
    alerts = sorted(news.alerts, key=lambda one: one.name is not None)  # ours first
    standing = [one for one in alerts if _is_open(one)]
    opened = [one for one in standing if _opened_in(one, news)]
    goes_on = [one for one in standing if not _opened_in(one, news)]
    over = [one for one in alerts if not _is_open(one)]
    if not (news.is_any or always):
        return None
    parts = [
        ("Opened", [_standing(one, news.zone) for one in opened]),
        ("Goes on", [_standing(one, news.zone) for one in goes_on]),
        ("Unwell, without an alert", [_unwell(*one) for one in news.unwell]),
        ("Over", [_over(one, news.zone) for one in over]),
    ]
    return Digest(
        subject=_subject(opened, goes_on, over, len(news.unwell)),
        lines=(_figures(news), *_fitted([part for part in parts if part[1]])),
    )


def _fitted(parts: Sequence[tuple[str, Sequence[_Row]]]) -> list[str]:
    """Return sections in the lines there are, each with a blank one and its name."""
    room = MOST_LINES - 1 - 2 * len(parts)
    certain = min(_CERTAIN, room // max(len(parts), 1))
    shown = [min(len(rows), certain) for _, rows in parts]
    for place, (_, rows) in enumerate(parts):
        shown[place] += min(len(rows) - shown[place], room - sum(shown))
    lines: list[str] = []
    for (name, rows), count in zip(parts, shown, strict=True):
        sums = _sums(rows)[: max(count - 1, 1)] if count < len(rows) else []
        named = rows[: count - len(sums)]
        left = len(rows) - len(named)
        more = f", {left:,} of them not named: see kliping health" if left else ""
        lines += ["", f"{name} ({len(rows):,}{more}):", *sums]
        lines += [one.text for one in named]
    return lines


def _sums(rows: Sequence[_Row]) -> list[str]:
    """Return a line for each kind that several rows have, the commonest first."""
    kinds: defaultdict[str, list[float]] = defaultdict(list)
    for one in rows:
        kinds[one.kind].append(one.lost)
    found = sorted(kinds.items(), key=lambda kind: -len(kind[1]))
    return [
        f"- {len(lost):,} sources: {_line(kind, _LONGEST_WHY)}{_lost(sum(lost))}"
        for kind, lost in found
        if len(lost) > 1
    ]


def _subject(
    opened: Sequence[NamedAlert],
    goes_on: Sequence[NamedAlert],
    over: Sequence[NamedAlert],
    unwell: int,
) -> str:
    many = len(goes_on)
    said = [f"{many:,} {'goes' if many == 1 else 'go'} on"] if many else []
    said += [f"{unwell:,} unwell"] if unwell else []
    said += [f"{len(over):,} over"] if over else []
    if len(opened) > _FEW:
        counts = Counter(_what(one) for one in opened if one.name).most_common()
        ours = [f"{_who(one)} {_what(one)}" for one in opened if not one.name]
        said[:0] = [*ours, *(f"{count:,} {kind}" for kind, count in counts)]
    elif opened:
        others = f" and {len(opened) - 1} more" if len(opened) > 1 else ""
        said.insert(0, f"{_who(opened[0])} {_what(opened[0])}{others}")
    return _line(f"Kliping: {', '.join(said) or 'nothing to tell'}", _LONGEST_SUBJECT)


def _figures(news: News) -> str:
    of = news.figures
    since = _clock(news.since, news.zone)
    return (
        f"{of.articles:,} articles of {of.sources:,} sources; since {since} "
        f"{of.new:,} new, {of.changed:,} changed; "
        f"{news.free / 1024**3:,.0f} GiB free."
    )


def _standing(one: NamedAlert, zone: tzinfo) -> _Row:
    since = _clock(one.alert.bad_since, zone)
    why = _line(one.alert.why, _LONGEST_WHY)
    place = runbook(one.alert.kind)
    what = f"{_what(one)}{_lost(one.alert.lost)}"
    return _Row(
        kind=f"{_what(one)} [{place}]",
        text=f"- {_who(one)}: {what} since {since}: {why} [{place}]",
        lost=one.alert.lost,
    )


def _unwell(name: str, why: str) -> _Row:
    return _Row(
        kind=_DETAIL.split(why)[0],
        text=f"- {_line(name, 60)}: {_line(why, _LONGEST_WHY)}",
    )


def _over(one: NamedAlert, zone: tzinfo) -> _Row:
    first, last = one.alert.bad_since, one.alert.closed_at or one.alert.bad_since
    back = "is fine again" if one.alert.loss is Loss.QUALITY else "is back"
    back = "is not judged any more" if one.alert.is_left else back
    span = f"{_clock(first, zone)} to {_clock(last, zone)}"
    what = f"{_what(one)}{_lost(one.alert.lost)}"
    return _Row(
        kind=f"{back.replace('is', 'are', 1)}, {_what(one)}",
        text=f"- {_who(one)} {back}: {what}, {span}",
        lost=one.alert.lost,
    )


def _who(one: NamedAlert) -> str:
    return _line(one.name, 60) if one.name else "the service"


def _what(one: NamedAlert) -> str:
    return str(one.alert.kind) if one.alert.kind else "out"


def _lost(articles: float) -> str:
    return f", {articles:,.0f} articles lost" if articles >= 1 else ""


def _clock(at: datetime, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%d %b %H:%M %Z}"


def _line(text: str, longest: int) -> str:
    """Return text as one line without control characters, cut where it is long."""
    plain = "".join(c if c.isprintable() else " " for c in text)
    return shorten(plain, longest, placeholder=" …")


def _is_open(one: NamedAlert) -> bool:
    return one.alert.closed_at is None


def _opened_in(one: NamedAlert, news: News) -> bool:
    return (one.alert.opened_at or news.now) >= news.since
