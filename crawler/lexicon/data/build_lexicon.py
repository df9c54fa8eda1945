"""Build `lexicon.json` and `calendar.json` from collected interface words.

    python -m crawler.lexicon.data.build_lexicon WORDS.json CODES.json

WORDS holds `{class: {language: [entry, ...]}}`, `_weak` in the same shape and
`_meta`; CODES holds `{class: {language: {entry: code}}}`. Both files stand
beside this script afterwards, sorted, one entry a line, so that a change of
one word is a change of one line.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_CALENDAR = ("month_names", "weekday_names")

# Where two classes hold one word, the earlier class wins ("Related", "Next").
_ORDER = (
    "view_count",
    "comment_heading",
    "comment_prompt",
    "share",
    "cookie_consent",
    "paywall",
    "read_time",
    "read_more",
    "also_read",
    "related_heading",
    "newsletter",
    "app_download",
    "follow_us",
    "donate",
    "advertisement",
    "multi_page",
    "prev_next",
    "photo_credit",
    "byline",
    "source_credit",
    "author_bio",
    "updated_at",
    "published_at",
    "relative_date",
    "tags_label",
    "comment_action",
    "print_email",
    "skip_ui",
    "report_error",
    "powered_by",
    "copyright_footer",
)

_SOURCES = {
    "C": "WordPress theme Canard, classicjazz/canard languages/*.po",
    "CLDR": "Unicode CLDR 48",
    "G": "giscus, giscus/giscus locales/*/common.json",
    "H": "Ghost, TryGhost/Themes theme-translations/locales/*.json",
    "I": "Isso, isso-comments/isso isso/js/app/i18n/*.js",
    "J": "Joomla, joomla/core-translations *.ini",
    "M": "seen as a whole block on published pages; the number counts the pages",
    "N": "hexo theme NexT, next-theme/hexo-theme-next languages/*.yml",
    "O": "own knowledge of these interfaces",
    "R": "tarteaucitron.js, AmauriC/tarteaucitron.js lang/*.js",
    "T": "hugo theme Stack, CaiJimmy/hugo-theme-stack i18n/*.toml",
    "U": "WordPress theme Hueman, presscustomizr/hueman languages/*.po",
    "W": "published pages of the Wix blog platform",
}


def main(words_path: str, codes_path: str, target: Path = _HERE) -> None:
    """Write both tables from the two collections."""
    words = json.loads(Path(words_path).read_text("utf-8"))
    codes = json.loads(Path(codes_path).read_text("utf-8"))
    classes = words["_meta"]["classes"]
    lexicon = {
        "about": "Interface words of news pages; slots {n} number, {x} text, "
        "{d} date; `re:` a full-match expression. `weak` words need a second sign.",
        "sources": _SOURCES,
        "classes": {
            name: {key: classes[name][key] for key in ("match", "strength", "meaning")}
            for name in _ORDER
        },
        "weak": _only(words["_weak"], _ORDER),
        "words": {
            name: {
                language: {
                    entry: _code(codes, name, language, entry)
                    for entry in sorted(entries)
                }
                for language, entries in sorted(words[name].items())
            }
            for name in _ORDER
        },
    }
    calendar = {
        "about": "Alternatives separated by |; months January first, weekdays Monday first",
        "sources": {"CLDR": _SOURCES["CLDR"], "O": _SOURCES["O"]},
        **{name: dict(sorted(words[name].items())) for name in _CALENDAR},
    }
    _write(target / "lexicon.json", lexicon)
    _write(target / "calendar.json", calendar)


def _only(table: Mapping[str, object], names: tuple[str, ...]) -> dict[str, object]:
    return {name: table[name] for name in names if name in table}


def _code(codes: Mapping[str, object], name: str, language: str, entry: str) -> str:
    by_language = codes.get(name)
    by_entry = by_language.get(language) if isinstance(by_language, dict) else None
    code = by_entry.get(entry) if isinstance(by_entry, dict) else None
    return str(code or "O").replace("SEED", "M")


def _write(path: Path, table: Mapping[str, object]) -> None:
    lines = (f"{_text(key)}: {_nested(value)}" for key, value in table.items())
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


def _nested(value: object) -> str:
    if not isinstance(value, dict):
        return _text(value)
    if all(isinstance(item, dict) for item in value.values()):
        inner = (f"{_text(key)}: {_nested(item)}" for key, item in value.items())
    else:
        inner = (f"{_text(key)}: {_text(item)}" for key, item in value.items())
    return "{\n" + ",\n".join(inner) + "\n}"


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
