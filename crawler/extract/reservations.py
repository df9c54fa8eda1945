"""What a page says against being kept or mined, as marks of its article. Pure.

Read are `noarchive` and `noai` in `X-Robots-Tag` and `meta name=robots` (Google's
documentation; `noai` is informal), and a reservation by the TDM Reservation Protocol (W3C
Community Group report, 2024), whose header counts before its meta tag. What is said to one
named robot alone is not read, nor what stands elsewhere than with the page.
"""

from collections.abc import Iterator

from crawler.extract.page import Page
from crawler.extract.source import PageSource

TDM_RESERVED = "tdm_reserved"

_TOLD = ("noarchive", "noai")
_TDM = "tdm-reservation"
_SIGNS = tuple(word.encode() for word in (*_TOLD, _TDM))
_SELECTOR = f'meta[name="robots" i][content], meta[name="{_TDM}" i][content]'
#: Rules of X-Robots-Tag that have a colon; before another colon stands a robot's name.
_WITH_VALUE = ("max-", "unavailable_after")


def reserved_marks(source: PageSource, page: Page) -> Iterator[str]:
    """Yield `noarchive`, `noai` and `tdm_reserved`, where a page says so."""
    metas = tuple(_metas(page))
    rules = (
        *(value for value in _headers(source, "x-robots-tag") if not _names_one(value)),
        *(content for name, content in metas if name == "robots"),
    )
    words = {word.strip().lower() for rule in rules for word in rule.split(",")}
    yield from (word for word in _TOLD if word in words)
    reserved = (
        *_headers(source, _TDM),
        *(content for name, content in metas if name == _TDM),
    )
    if reserved and reserved[0].strip() == "1":
        yield TDM_RESERVED


def _metas(page: Page) -> Iterator[tuple[str, str]]:
    """Yield the metas that matter; none is looked for where no sign of one is."""
    text = page.encoded.lower()
    if not any(sign in text for sign in _SIGNS):
        return
    for node in page.select(_SELECTOR):
        name = node.attributes.get("name") or ""
        yield name.lower(), node.attributes.get("content") or ""


def _headers(source: PageSource, wanted: str) -> Iterator[str]:
    return (value for name, value in source.headers if name.lower() == wanted)


def _names_one(rule: str) -> bool:
    name, colon, _ = rule.partition(",")[0].strip().lower().partition(":")
    return bool(colon) and not name.startswith(_WITH_VALUE)
