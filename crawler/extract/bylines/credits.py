"""A line beside a story that says who wrote it, read more freely than a byline in its text.

What stands there is the page's own words, so a label may have dates, places and
links around it: "Posted by jdoe on May 3", "May 3, 2025 | Von Anna Schmidt". In
the text itself `line.read_byline` is asked, which must not take prose.
"""

import re
from functools import cache

from crawler.extract.bylines.ideographic import read_ideographic
from crawler.extract.bylines.korean import read_korean
from crawler.extract.bylines.names import CASED, Kind, names_in, without_calendar
from crawler.extract.bylines.words import (
    CREDIT_LABELS,
    POSTING_WORDS,
)
from crawler.late_regex import late
from crawler.lexicon.calendar import months_anywhere, weekdays_anywhere

_LONGEST = 160
# Shorter names of days end names of people.
_LONG_DAY = 5
_FOLDED = frozenset(label.casefold() for label in CREDIT_LABELS)
_SURE = frozenset(label.casefold() for label, sure in CREDIT_LABELS.items() if sure)
_WORDS = "|".join(sorted(map(re.escape, CREDIT_LABELS), key=len, reverse=True))
_SEPARATORS = late(r"[|•·>(（\[:：／/]")
_FIRST_WORDS = frozenset(
    _SEPARATORS.sub(" ", label).split()[0].casefold() for label in CREDIT_LABELS
)
_IDEOGRAPH = late("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0eff]")
_LABEL = late(
    rf"(?:^|(?<=[\s|•·>(（\[]))(?P<label>{_WORDS})(?P<mark>\s*[:：／/]\s*|\s+)(?=[^\s\d])",
    re.IGNORECASE,
)
_REVIEWED = late(
    r"\b(?:(?:reviewed|fact[- ]?checked|edited|verified|tested|translated|geprüft|übersetzt)\s+(?:by|von)"
    r"|reviewer|fact[- ]checker|editor)\b:?|^(?:übersetzung|translation|traduction|traducción|fotos?|photos?|bild(?:er)?|video"
    r"|illustration|grafik|lektorat)\b",
    re.IGNORECASE,
)
# Two elements without a space between them: "Jane DoeMay 3".
_CAMEL = late(r"[a-zß-ÿ][A-ZÀ-Þ]")
_GLUED = late(
    r"\b(?!(?:By|Von|Par|Por|Di|Da|Af|Av|Door|Oleh) )([A-ZÀ-Þ][^\s:：]*) ([A-ZÀ-Þ][a-zß-ÿ]{2,})(?<!Fitz)(?=[A-ZÀ-Þ][a-zß-ÿ])"
)
_STOPS = late(
    r"\s*[|•]\s*|\s[^\W\d_]{3,15}\s?[:：](?=\s)|\s+[·–—-]\s+|\s{2,}|\s\d|\s(?:illustration|fotos?|photos?|bilder)\b"
    r"|,?\s+(?:on|am|le|el|il|em|den|på|pada|dne|dnia|um|at|@|à|in|aus|from|for|für|pour|para|under|unter)\s"
    r"(?=[^\W_])|\s*[(（\[]|(?<=\w{3})[.!?]\s",
    re.IGNORECASE,
)
_BARS = late(r"\s*[|•·]\s*")
_POSTED_IN = late(
    r"\s*(?:posted|published|filed|veröffentlicht|abgelegt|geschrieben|publié|publicado)\s"
    r"(?:in|on|under|unter|dans|en)\b",
    re.IGNORECASE,
)
_BEFORE = late(
    r"[|•·–—>:,()\[\]@-]|\d+(?:st|nd|rd|th|\.|h)?|\b(?:uhr|am|pm|a\.m\.|p\.m\.|\w)\b"
)


def credits_another(text: str) -> bool:
    """Tell a line about who reviewed, edited or translated the story."""
    return bool(_REVIEWED.search(text))


def unglued(text: str) -> str:
    """Return a line with a bar where two elements meet without a space."""
    line = " ".join(text.split())
    if not line.isascii():
        line = _glued_date().sub(r" | \1", line)
    return _GLUED.sub(r"\1 \2 | ", line) if _CAMEL.search(line) else line


@cache
def _glued_date() -> re.Pattern[str]:
    """Return the pattern of a weekday or date glued to a word, in a script without capitals."""
    days = (
        d for d in weekdays_anywhere() if len(d) >= _LONG_DAY and not CASED.search(d)
    )
    names = "|".join(sorted(map(re.escape, days), key=len, reverse=True))
    return re.compile(
        rf"(?<=[^\W\d_])((?:{names})(?!\w)|\d{{1,2}}[./-]\d{{1,2}}[./-]\d{{2,4}}|\d{{4}}[./-]\d)"
    )


def read_credit(text: str) -> str:
    """Return the names in a credit line as a list with commas, or nothing if it is none."""
    if len(text) > _LONGEST or not _may_hold_label(text):
        return ""
    line = unglued(text)
    if credits_another(line):
        return ""
    if not line.isascii() and (names := read_ideographic(line) or read_korean(line)):
        return names
    for match in _LABEL.finditer(line):
        lead = line[: match.start()]
        if lead and not _may_lead(lead):
            continue
        names = _names(
            line[match.end() :],
            sure=bool(lead.strip())
            or ":" in match["mark"]
            or "：" in match["mark"]
            or match["label"].casefold() in _SURE,
        )
        if names:
            return names
    return ""


def _may_hold_label(line: str) -> bool:
    """Tell cheaply whether a line has the first word of a label."""
    if not line.isascii() and _IDEOGRAPH.search(line):
        return True
    words = _SEPARATORS.sub(" ", line.casefold()).split()
    return not _FIRST_WORDS.isdisjoint(words)


def is_label(text: str) -> bool:
    """Tell whether a line is a label and nothing else: "Written by"."""
    if len(text) > 30:
        return False
    folded = text.casefold().strip(" :：-–|")
    return folded in _FOLDED or (
        folded.rsplit(" ", 1)[-1] in _FOLDED and _may_lead(folded.rsplit(" ", 1)[0])
    )


def _may_lead(lead: str) -> bool:
    """Tell whether what stands before a label is a date or words of posting."""
    lead = _BARS.split(lead)[-1]
    if _POSTED_IN.match(lead):
        return True
    words = _BEFORE.sub(" ", lead.casefold()).split()
    return all(
        word in POSTING_WORDS
        or word.strip(".") in months_anywhere()
        or word.strip(".") in weekdays_anywhere()
        for word in words
    )


def _names(rest: str, *, sure: bool) -> str:
    stop = _STOPS.search(rest)
    while stop and not rest[: stop.start()].strip():
        rest = rest[stop.end() :]
        stop = _STOPS.search(rest)
    dated = stop is not None and re.search(r"\d", rest[stop.start() :]) is not None
    text = rest[: stop.start()] if stop else rest
    if dated:
        text = without_calendar(text)
    if text.endswith(("!", "?", "。")):
        return ""
    names = names_in(text, frozenset())
    if names and names[0].kind is Kind.PERSON:
        least = Kind.SHORT if sure else Kind.PERSON
        return ", ".join(name.text for name in names if name.kind >= least)
    if (
        (sure or dated)
        and len(names) == 1
        and names[0].kind >= Kind.DESK
        and len(names[0].text) <= 30
    ):
        return names[0].text
    return ""
