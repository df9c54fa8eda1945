"""Time zones as pages write them: offsets and the abbreviations of news sites."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

# Minutes east of Greenwich. Where an abbreviation means several zones, the one
# that news sites write: IST is India's, CST and EST are America's, BST Britain's.
_OFFSETS = {
    "ACST": 570, "ADT": -180, "AEDT": 660, "AEST": 600, "AKDT": -480, "AKST": -540, "ALMT": 300, "ART": -180,
    "AST": -240, "AWST": 480, "BRT": -180, "BST": 60, "CAT": 120, "CDT": -300, "CEST": 120, "CET": 60,
    "CLT": -240, "COT": -300, "CST": -360, "EAT": 180, "EDT": -240, "EEST": 180, "EET": 120, "EST": -300,
    "GMT": 0, "GST": 240, "HKT": 480, "HST": -600, "ICT": 420, "IDT": 180, "IRST": 210, "IST": 330, "JST": 540,
    "KST": 540, "MDT": -360, "MEZ": 60, "MESZ": 120, "MMT": 390, "MSK": 180, "MST": -420, "MYT": 480,
    "NPT": 345, "NST": -210, "NZDT": 780, "NZST": 720, "PDT": -420, "PET": -300, "PHT": 480, "PKT": 300,
    "PST": -480, "SAST": 120, "SGT": 480, "TRT": 180, "TSİ": 180, "UTC": 0, "WAT": 60, "WEST": 60, "WET": 0,
    "WIB": 420, "WIT": 540, "WITA": 480, "Z": 0, "МСК": 180, "мск": 180,
}  # fmt: skip
_AMERICAN = {"ET": -300, "CT": -360, "MT": -420, "PT": -480}
_NAMES = "|".join(sorted({*_OFFSETS, *_AMERICAN}, key=len, reverse=True))
_ZONE = re.compile(
    rf"(?:(?<![^\W\d])(?P<name>{_NAMES})(?![^\W_]))?"
    r"\s?(?P<offset>(?<![\d./-])[+\-−](?:\d{4}(?!\d)|\d{1,2}(?::\d{2})?(?![\d./-])))?"
)

# Minutes east of Greenwich in winter, of countries with one zone, by their domain.
_EUROPEAN = {
    name: minutes
    for minutes, names in (
        (0, "ie pt uk"),
        (60, "al at ba be ch cz de dk es fr hr hu it lu mk mt nl no pl rs se si sk va"),
        (120, "bg cy ee fi gr lt lv md ro ua"),
    )
    for name in names.split()
}
_COUNTRIES = _EUROPEAN | {
    "ae": 240, "ar": -180, "az": 240, "bd": 360, "by": 180, "cn": 480, "ge": 240,
    "gh": 0, "hk": 480, "in": 330, "iq": 180, "ir": 210, "jp": 540, "ke": 180, "kh": 420,
    "kr": 540, "kw": 180, "lk": 330, "my": 480, "ng": 60, "np": 345, "pe": -300, "ph": 480, "pk": 300,
    "qa": 180, "sa": 180, "sg": 480, "th": 420, "tr": 180, "tw": 480, "tz": 180, "uy": -180, "ve": -240,
    "vn": 420, "za": 120,
}  # fmt: skip


def find_zone(text: str, moment: datetime) -> tzinfo | None:
    """Return the zone that a text names near its time, or None.

    Args:
        text: What follows the time, case kept: `ist` is a German verb.
        moment: The naive time, which decides on American summer time.
    """
    for match in _ZONE.finditer(text):
        name, offset = match["name"], match["offset"]
        if offset and (name in (None, "GMT", "UTC")):
            return _offset_zone(offset)
        if name in _OFFSETS:
            return _fixed(_OFFSETS[name])
        if name in _AMERICAN:
            return _fixed(_AMERICAN[name] + (60 if _is_american_summer(moment) else 0))
    return None


def country_zone(host: str, moment: datetime) -> tzinfo | None:
    """Return the zone of a host's country, where the country has one and its name tells it.

    Args:
        host: A host name; its last label is the country's.
        moment: An aware time, which decides on European summer time.
    """
    country = host.rpartition(".")[2].lower()
    minutes = _COUNTRIES.get(country)
    if minutes is None:
        return None
    summer = country in _EUROPEAN and _is_european_summer(moment)
    return _fixed(minutes + (60 if summer else 0))


def at_site(at: datetime, host: str, timezone: str | None = None) -> datetime:
    """Return a time by the clock of a site, as far as that is known, else as it is.

    Args:
        at: The time.
        host: Its host name; where its country has one zone, that holds.
        timezone: The zone that is configured for it (IANA name).
    """
    zone = country_zone(host, at) or (ZoneInfo(timezone) if timezone else None)
    return at.astimezone(zone) if zone else at


def _fixed(minutes: int) -> tzinfo:
    return timezone(timedelta(minutes=minutes)) if minutes else UTC


def _offset_zone(offset: str) -> tzinfo | None:
    digits = offset[1:].replace(":", "")
    hours, minutes = (
        (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
    )
    if hours > 14 or minutes > 59:
        return None
    return _fixed((hours * 60 + minutes) * (1 if offset[0] == "+" else -1))


def _is_american_summer(moment: datetime) -> bool:
    """Tell whether it is second Sunday of March to first Sunday of November, 2 am."""
    starts = _sunday(moment.year, 3, 8)
    ends = _sunday(moment.year, 11, 1)
    return starts <= moment.replace(tzinfo=None) < ends


def _is_european_summer(moment: datetime) -> bool:
    """Tell whether it is last Sunday of March to last Sunday of October, 1 am UTC."""
    naive = moment.astimezone(UTC).replace(tzinfo=None)
    starts = _sunday(naive.year, 3, 25).replace(hour=1)
    ends = _sunday(naive.year, 10, 25).replace(hour=1)
    return starts <= naive < ends


def _sunday(year: int, month: int, first: int) -> datetime:
    day = datetime(year, month, first, 2)  # noqa: DTZ001 - compared with a wall clock
    return day + timedelta(days=(6 - day.weekday()) % 7)
