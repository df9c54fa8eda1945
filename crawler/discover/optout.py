"""What a site says against being kept or mined, as it says it. Pure.

Read are `X-Robots-Tag` and `meta name=robots` (Google's documentation), the TDM
Reservation Protocol in headers, meta tags and `/.well-known/tdmrep.json` (W3C
Community Group report, 2024), and the lines `Content-Usage` (IETF draft
"AI Preferences") and `Content-Signal` of robots.txt.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from crawler.charset import decoded
from crawler.discover.links import clean_text
from crawler.discover.pages import parse_page
from crawler.errors import NotReadable

TDMREP_PATH = "/.well-known/tdmrep.json"

_WORDS = re.compile(
    r"\b(?:noarchive|nocache|noai|noimageai|noindex|none|nosnippet)\b", re.IGNORECASE
)
_ROBOTS_LINE = re.compile(
    r"^[ \t]*(content-(?:usage|signal)[ \t]*:[^\r\n#]{1,200})",
    re.IGNORECASE | re.MULTILINE,
)
_HEADERS = frozenset({"x-robots-tag", "tdm-reservation", "tdm-policy", "content-usage"})
_METAS = frozenset({"robots", "googlebot", "tdm-reservation", "tdm-policy"})
_LONGEST = 200
_MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One statement: where it stands, and what it says there."""

    where: str
    says: str


def robots_signals(body: bytes) -> tuple[Signal, ...]:
    """Return what robots.txt says of uses, beside who may fetch what."""
    text = body.decode("utf-8", "replace")
    lines = (found[1] for found in _ROBOTS_LINE.finditer(text))
    return _signals("robots.txt", lines)


def page_signals(headers: Iterable[tuple[str, str]], body: bytes) -> tuple[Signal, ...]:
    """Return what a page's headers and meta tags say."""
    said = (
        f"{name}: {value}"
        for name, value in headers
        if name.lower() in _HEADERS and _matters(name.lower(), value)
    )
    return _signals("header", said) + _signals("page", _metas(body))


def tdmrep_signals(body: bytes) -> tuple[Signal, ...]:
    """Return the rules of a site's `tdmrep.json`; none of what is no such file."""
    try:
        rules = json.loads(decoded(body))
    except (ValueError, RecursionError):
        return ()
    if not isinstance(rules, list):
        return ()
    said = (
        json.dumps(rule, ensure_ascii=False)
        for rule in rules[:_MOST]
        if isinstance(rule, dict) and str(rule.get("tdm-reservation")) == "1"
    )
    return _signals(TDMREP_PATH, said)


def _metas(body: bytes) -> Iterator[str]:
    try:
        metas = parse_page(body).css("meta[name][content]")
    except NotReadable:
        return
    for meta in metas:
        name = (meta.attributes.get("name") or "").strip().lower()
        content = meta.attributes.get("content") or ""
        if name in _METAS and _matters(name, content):
            yield f"{name}: {content}"


def _matters(name: str, value: str) -> bool:
    if name == "tdm-reservation":
        return value.strip() == "1"
    return name in {"tdm-policy", "content-usage"} or _WORDS.search(value) is not None


def _signals(where: str, said: Iterable[str]) -> tuple[Signal, ...]:
    clean = (clean_text(line, _LONGEST) for line in said)
    unique = dict.fromkeys(line for line in clean if line)
    return tuple(Signal(where=where, says=line) for line in list(unique)[:_MOST])
