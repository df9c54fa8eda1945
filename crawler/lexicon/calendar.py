"""Names of months and weekdays in 95 languages (Unicode CLDR and own additions)."""

import json
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from crawler.lexicon.forms import plain, untoned

# Months as the press of Iraq and the Levant, of the Maghreb, and the short
# forms of Greek, Portuguese, Spanish and Italian papers write them; the cases that
# Basque and Kurdish dates stand in, the ordinal months of Yoruba, and in Sinhala those
# of the common calendar, where CLDR has the months of the moon.
_MORE_MONTHS = {
    "ar": (
        "كانون الثاني|جانفي",
        "شباط|فيفري",
        "آذار|اذار",
        "نيسان|أفريل|ابريل|إبريل",
        "أيار|ايار|ماي",
        "حزيران|جوان",
        "تموز|جويلية",
        "آب|أوت|اغسطس",
        "أيلول|ايلول",
        "تشرين الأول|تشرين الاول|اكتوبر",
        "تشرين الثاني",
        "كانون الأول|كانون الاول",
    ),
    "es": ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep|set|setiembre", "oct", "nov", "dic"),
    "id": ("", "Pebruari|Peb", "", "", "", "", "", "Agu|Agt|Ags|Agust", "Sept", "", "Nop|Nopember", ""),
    "en": ("", "", "", "", "", "", "", "", "Sept", "", "", ""),
    "de": ("Jänner|Jän", "Feber", "Mär|Mrz", "", "", "", "", "", "Sept", "", "", ""),
    "eu": (
        "urtarrilaren|urtarrilak", "otsailaren|otsailak", "martxoaren|martxoak", "apirilaren|apirilak",
        "maiatzaren|maiatzak", "ekainaren|ekainak", "uztailaren|uztailak", "abuztuaren|abuztuak",
        "irailaren|irailak", "urriaren|urriak", "azaroaren|azaroak", "abenduaren|abenduak",
    ),
    "ku": (
        "rêbendanê|çileyê|çile", "sibatê", "adarê", "nîsanê", "gulanê", "hezîranê", "tîrmehê", "tebaxê", "îlonê",
        "cotmehê|çiriya pêşîn", "mijdarê|çiriya paşîn", "berfanbarê|kanûna pêşîn",
    ),
    "si": (
        "ජනවාරි|ජන", "පෙබරවාරි|පෙබ", "මාර්තු|මාර්", "අප්‍රේල්|අප්‍රියෙල්", "මැයි", "ජූනි|ජුනි", "ජූලි|ජුලි", "අගෝස්තු|අගෝ",
        "සැප්තැම්බර්|සැප්", "ඔක්තෝබර්|ඔක්", "නොවැම්බර්|නොවැ", "දෙසැම්බර්|දෙසැ",
    ),
    "yo": (
        "Oṣù Kìíní|Oṣù Kínní", "Oṣù Kejì", "Oṣù Kẹta", "Oṣù Kẹrin", "Oṣù Karùn|Oṣù Karùn-ún", "Oṣù Kẹfà", "Oṣù Keje",
        "Oṣù Kẹjọ", "Oṣù Kẹsàn|Oṣù Kẹsàn-án", "Oṣù Kẹwàá|Oṣù Kẹwà", "Oṣù Kọkànlá", "Oṣù Kejìlá",
    ),
    "el": ("Ιαν", "Φεβ", "Μαρ", "Απρ", "Μαΐ|Μαι|Μάη", "Ιουν", "Ιουλ", "Αυγ", "Σεπ", "Οκτ", "Νοε", "Δεκ"),
}  # fmt: skip


@cache
def months_of(language: str) -> Mapping[str, int]:
    """Return month numbers by plain name in one language; empty if unknown."""
    wanted = _language_keys(language)
    names: dict[str, int] = {}
    for key in wanted:
        for table in (_tables()["month_names"], _MORE_MONTHS):
            for number, alternatives in enumerate(table.get(key, ()), start=1):
                for name in _names(alternatives):
                    names.setdefault(name, number)
    return names


@cache
def months_anywhere() -> Mapping[str, frozenset[int]]:
    """Return, for every month name of any language, the months it can mean."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    for language in {*_tables()["month_names"], *_MORE_MONTHS}:
        for name, number in months_of(language).items():
            found[name].add(number)
    return {name: frozenset(numbers) for name, numbers in found.items()}


@cache
def weekdays_anywhere() -> frozenset[str]:
    """Return every weekday name of any language, in plain form."""
    return frozenset(
        name
        for week in _tables()["weekday_names"].values()
        for alternatives in week
        for name in _names(alternatives)
    )


def _names(alternatives: str) -> list[str]:
    names = [plain(name).strip(".") for name in alternatives.split("|") if name]
    return list(dict.fromkeys((*names, *map(untoned, names))))


def _language_keys(language: str) -> list[str]:
    short = language.replace("_", "-").split("-")[0].lower()
    kin = {
        "zh": ["zh-Hans", "zh-Hant"],
        "no": ["nb", "nn"],
        "fil": ["tl"],
        "in": ["id"],
    }
    return [language, short, *kin.get(short, ())]


@cache
def _tables() -> Mapping[str, Mapping[str, list[str]]]:
    text = files("crawler.lexicon.data").joinpath("calendar.json").read_text("utf-8")
    tables: Mapping[str, Mapping[str, list[str]]] = json.loads(text)
    return tables
