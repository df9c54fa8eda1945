"""Build `places.txt` from CLDR's city names and `more_places.txt`.

    python -m crawler.extract.data.build_places

Needs Babel (which carries CLDR). Keeps the names of cities in the languages whose
papers write datelines; one plain name a line, sorted.
"""

import re
import unicodedata
from pathlib import Path
from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError

from crawler.lexicon.forms import plain, word_set

_HERE = Path(__file__).resolve().parent
_LANGUAGES = sorted(
    word_set(
        "ar az be bg bn bs ca cs da de el en es et fa fi fr he hi hr hu hy id it ja ka kk ko lt lv mk "
        "ms nb nl pl pt ro ru sk sl sq sr sv sw ta th tr uk ur uz vi zh zh_Hant"
    )
)
_CONTINENTS = (
    "Africa/",
    "America/",
    "Asia/",
    "Europe/",
    "Australia/",
    "Pacific/Auckland",
    "Pacific/Honolulu",
    "Atlantic/Reykjavik",
    "Indian/",
)
_LATIN_OR_GREEK = re.compile("[a-zà-ɏͰ-Ͽ]")
_NO_PLACES = frozenset(
    (
        "bermuda",
        "maldives",
        "pasaribu",
        "knox",
        "center",
        "salem",
        "new salem",
        "beulah",
        "winamac",
    )
)


def main(target: Path = _HERE) -> None:
    """Write the sorted list beside this script."""
    names = {
        plain(line)
        for line in (_HERE / "more_places.txt").read_text("utf-8").splitlines()
        if line[:1] not in ("", "#")
    }
    zones = [key for key in available_timezones() if key.startswith(_CONTINENTS)]
    names |= {plain(key.rpartition("/")[2].replace("_", " ")) for key in zones}
    for language in _LANGUAGES:
        try:
            locale = Locale.parse(language)
        except UnknownLocaleError:
            continue
        names |= {
            plain(zone["city"])
            for key, zone in locale.time_zones.items()
            if key.startswith(_CONTINENTS) and "city" in zone
        }
    names |= {_unaccented(name) for name in names if _LATIN_OR_GREEK.match(name)}
    kept = sorted(
        name
        for name in names
        if 1 < len(name) <= 30 and name not in _NO_PLACES and "(" not in name
    )
    (target / "places.txt").write_text("\n".join(kept) + "\n", "utf-8")


def _unaccented(name: str) -> str:
    """Return the name as capitals are set: BOGOTA, ΑΘΗΝΑ."""
    marks = unicodedata.normalize("NFD", name)
    return unicodedata.normalize(
        "NFC", "".join(m for m in marks if not unicodedata.combining(m))
    )


if __name__ == "__main__":
    main()
