"""Build `relative.json`: phrases such as "vor {n} Tagen" and their units.

    python -m crawler.lexicon.data.build_relative

Needs Babel (which carries CLDR). To CLDR's phrases come those of
`lexicon.json` (class `relative_date`) whose words name one unit of CLDR's in that
language. A value is a unit, or a fixed offset such as `-1 day` for "gestern".
"""

import json
from collections import defaultdict
from importlib import import_module
from pathlib import Path

from babel import Locale, UnknownLocaleError

from crawler.lexicon.forms import plain

_HERE = Path(__file__).resolve().parent
_UNITS = ("second", "minute", "hour", "day", "week", "month", "year")
_STYLES = ("", "-short", "-narrow")
_COUNTS = {"one": 1, "two": 2}
# How papers say it and CLDR does not. Own knowledge.
_SPOKEN = {
    "ar": {
        "منذ ثانية": "-1 second", "منذ دقيقة": "-1 minute", "منذ دقيقتين": "-2 minute", "منذ ساعة": "-1 hour",
        "منذ ساعتين": "-2 hour", "منذ يوم": "-1 day", "منذ يومين": "-2 day", "منذ أسبوع": "-1 week",
        "منذ أسبوعين": "-2 week", "منذ شهر": "-1 month", "منذ شهرين": "-2 month", "أمس": "-1 day",
        "قبل ساعة": "-1 hour", "قبل ساعتين": "-2 hour", "قبل يوم": "-1 day", "قبل يومين": "-2 day",
    },
    "de": {"vor einer Minute": "-1 minute", "vor einer Stunde": "-1 hour", "vor einem Tag": "-1 day", "vor einer Woche": "-1 week"},
    "en": {"a minute ago": "-1 minute", "an hour ago": "-1 hour", "a day ago": "-1 day", "a week ago": "-1 week"},
    "es": {"hace una hora": "-1 hour", "hace un minuto": "-1 minute", "hace un día": "-1 day", "hace una semana": "-1 week"},
    "fr": {"il y a une heure": "-1 hour", "il y a une minute": "-1 minute", "il y a un jour": "-1 day", "il y a une semaine": "-1 week"},
    "he": {"לפני שעה": "-1 hour", "לפני שעתיים": "-2 hour", "לפני יומיים": "-2 day", "לפני שבועיים": "-2 week"},
    "id": {"sejam lalu": "-1 hour", "sejam yang lalu": "-1 hour", "semalam": "-1 day", "seminggu yang lalu": "-1 week"},
    "it": {"un'ora fa": "-1 hour", "un minuto fa": "-1 minute", "un giorno fa": "-1 day"},
    "pt": {"há uma hora": "-1 hour", "há um minuto": "-1 minute", "há um dia": "-1 day"},
    "ru": {"час назад": "-1 hour", "минуту назад": "-1 minute", "день назад": "-1 day", "неделю назад": "-1 week"},
    "uk": {"годину тому": "-1 hour", "хвилину тому": "-1 minute", "день тому": "-1 day"},
}  # fmt: skip
_NOW = {
    "ar": "الآن", "de": "gerade eben|soeben|jetzt", "en": "just now|now|moments ago", "es": "ahora mismo|justo ahora|ahora",
    "fr": "à l’instant|maintenant", "id": "baru saja|barusan|sekarang", "it": "proprio ora|adesso|poco fa", "ja": "たった今|今",
    "ko": "방금|지금", "nl": "zojuist|nu", "pl": "przed chwilą|teraz", "pt": "agora mesmo|agora", "ru": "только что|сейчас",
    "th": "เมื่อสักครู่", "tr": "az önce|şimdi", "uk": "щойно|зараз", "vi": "vừa xong", "zh-Hans": "刚刚", "zh-Hant": "剛剛",
}  # fmt: skip
_NO_SPACES = frozenset(("th", "lo", "km", "my", "ja", "zh-Hans", "zh-Hant"))


def main(target: Path = _HERE) -> None:
    """Write the table beside this script."""
    lexicon = json.loads((_HERE / "lexicon.json").read_text("utf-8"))
    phrases: dict[str, dict[str, str]] = {}
    for language, entries in lexicon["words"]["relative_date"].items():
        known = _cldr(language)
        own = {
            entry: unit
            for entry in entries
            if (unit := _unit_of(entry, language, known))
        }
        phrases[language] = dict(sorted({**own, **known}.items()))
    about = "Past times relative to now; {n} is the number of units"
    lines = [
        f'"about": {json.dumps(about)}',
        '"sources": ["Unicode CLDR", "lexicon.json"]',
    ]
    body = ",\n".join(
        f"{json.dumps(language)}: {json.dumps(table, ensure_ascii=False)}"
        for language, table in sorted(phrases.items())
        if table
    )
    text = "{\n" + ",\n".join(lines) + ',\n"phrases": {\n' + body + "\n}\n}\n"
    (target / "relative.json").write_text(text, "utf-8")


def _cldr(language: str) -> dict[str, str]:
    try:
        fields = Locale.parse(language.replace("-", "_"))._data["date_fields"]  # noqa: SLF001 - Babel shows no other way
    except (UnknownLocaleError, ValueError):
        return {}
    found: dict[str, str] = {}
    for unit in _UNITS:
        for style in _STYLES:
            for count, pattern in fields.get(unit + style, {}).get("past", {}).items():
                number = _COUNTS.get(count)
                if "{0}" in pattern:
                    found[pattern.replace("{0}", "{n}")] = unit
                elif number is not None:
                    found[pattern] = f"-{number} {unit}"
    now = {phrase: "0 second" for phrase in _NOW.get(language, "").split("|") if phrase}
    return {**found, **_days(language), **_SPOKEN.get(language, {}), **now}


def _units_named(entry: str, language: str) -> set[str]:
    """Return the units whose CLDR names a phrase written without spaces holds."""
    names = Locale.parse(language.replace("-", "_")).unit_display_names
    found = {
        unit
        for unit in _UNITS
        for name in names.get(f"duration-{unit}", {}).values()
        if name and plain(name) in plain(entry)
    }
    return found - ({"minute"} if "second" in found else set())


def _days(language: str) -> dict[str, str]:
    """Return the words for today, yesterday and the day before."""
    code = {"nb": "nb", "zh-Hans": "zh-Hans", "zh-Hant": "zh-Hant"}.get(
        language, language
    )
    try:
        words = import_module(f"dateparser.data.date_translation_data.{code}").info.get(
            "relative-type", {}
        )
    except ImportError:
        return {}
    return {
        phrase: f"-{number} day".replace("-0", "0")
        for number in range(3)
        for phrase in words.get(f"{number} day ago", ())
    }


def _unit_of(entry: str, language: str, known: dict[str, str]) -> str | None:
    """Return the unit whose own words a phrase has, or None."""
    if "{n}" not in entry:
        return None
    if language in _NO_SPACES:
        named = _units_named(entry, language)
        return named.pop() if len(named) == 1 else None
    words: defaultdict[str, set[str]] = defaultdict(set)
    for phrase, unit in known.items():
        if unit in _UNITS and "{n}" in phrase:
            for word in plain(phrase).split():
                words[word.strip(".")].add(unit)
    units = {
        next(iter(words[word.strip(".")]))
        for word in plain(entry).split()
        if len(words.get(word.strip("."), ())) == 1
    }
    return units.pop() if len(units) == 1 else None


if __name__ == "__main__":
    main()
