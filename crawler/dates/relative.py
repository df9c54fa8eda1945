"""Read relative times, "vor 2 Tagen", "yesterday 14:30", from the capture's time.

Phrases come from `lexicon/data/relative.json` (CLDR and interface words), all
languages at once; the given language decides where two disagree.
"""

import calendar
import json
import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files

from crawler.dates.text import find_time
from crawler.lexicon.forms import bare, masked, plain
from storage.model.moment import Moment, Precision

_MAX_TEXT = 60
_MAX_UNITS = 999
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}
_LEADS = re.compile(
    r"^(?:posted|published|updated|aktualisiert|veröffentlicht|diperbarui|mis à jour|publié|actualizado|publicado|aggiornato|"
    r"обновлено|опубликовано)\s*:?\s+"
)
_CONNECTORS = re.compile(
    r"[\s,|•·-]+(?:um|at|à|a las|às|alle|pukul|jam|kl|klo|v|в|о|o|om|στις|saat|uhr)?\.?$"
)


def read_relative(
    text: str, captured_at: datetime, language: str | None
) -> Moment | None:
    """Return the time that a relative phrase means, or None.

    A day or longer gives a day; hours, minutes and seconds give a minute, and
    their zone is sure, since the capture's time is. Days are counted by the clock of
    the zone that the capture's time is in: just after midnight in Tokyo "today" is
    tomorrow in UTC.
    """
    if len(text) > _MAX_TEXT:
        return None
    base = captured_at.replace(microsecond=0)
    form = _LEADS.sub("", bare(plain(text)))
    offset = _offset(form, language)
    if offset is not None:
        return _moment(base, *offset)
    clock = find_time(form)
    if clock is None:
        return None
    day = _offset(bare(_CONNECTORS.sub("", form[: clock.start])), language)
    if day is None or day[1] != "day" or bare(_UHR.sub("", clock.rest)):
        return None
    days = timedelta(days=day[0] - clock.days)
    at = datetime.combine((base - days).date(), clock.at, tzinfo=UTC)
    return Moment(at=at, precision=Precision.MINUTE, zone_stated=False)


_UHR = re.compile(r"\b(?:uhr|wib|h)\b")


def _moment(base: datetime, count: int, unit: str) -> Moment | None:
    if count > _MAX_UNITS:
        return None
    if unit in ("second", "minute", "hour"):
        at = base.astimezone(UTC) - timedelta(seconds=count * _SECONDS[unit])
        return Moment(at=at, precision=Precision.MINUTE, zone_stated=True)
    if unit in _SECONDS:
        at = base - timedelta(seconds=count * _SECONDS[unit])
    else:
        at = _months_before(base, count * (12 if unit == "year" else 1))
    day = at.replace(hour=0, minute=0, second=0, tzinfo=UTC)
    return Moment(at=day, precision=Precision.DAY, zone_stated=False)


def _months_before(base: datetime, months: int) -> datetime:
    total = base.year * 12 + base.month - 1 - months
    year, month = divmod(total, 12)
    day = min(base.day, calendar.monthrange(year, month + 1)[1])
    return base.replace(year=year, month=month + 1, day=day)


def _offset(form: str, language: str | None) -> tuple[int, str] | None:
    """Return how many units ago a phrase means."""
    key, numbers = masked(form)
    meanings = _phrases().get(key)
    if meanings is None:
        return None
    meaning = _chosen(meanings, language)
    if meaning is None:
        return None
    if not numbers:
        count, unit = meaning.split()
        return -int(count), unit
    if len(numbers) > 1 or not numbers[0].isdigit():
        return None
    return int(numbers[0]), meaning


def _chosen(meanings: Mapping[str, str], language: str | None) -> str | None:
    if language:
        for code in (language, language.split("-")[0]):
            if code in meanings:
                return meanings[code]
    distinct = set(meanings.values())
    return distinct.pop() if len(distinct) == 1 else None


@cache
def _phrases() -> Mapping[str, Mapping[str, str]]:
    """Return, for each phrase in masked form, its meaning by language."""
    text = files("crawler.lexicon.data").joinpath("relative.json").read_text("utf-8")
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for language, phrases in json.loads(text)["phrases"].items():
        for phrase, meaning in phrases.items():
            found[bare(plain(phrase)).replace(" ", "")][language] = meaning
    return found
