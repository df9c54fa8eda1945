"""Everything a page says of its own times -> published and modified."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from itertools import islice

from crawler.dates.order import learn_day_first
from crawler.dates.paths import day_in_path
from crawler.dates.zones import at_site
from crawler.extract.layout.blocks import Layout
from crawler.extract.page import Page
from crawler.extract.readers.draft import Draft, Field, of_field
from crawler.extract.source import PageSource
from crawler.extract.times.published import Times, choose_times
from crawler.extract.times.sightings import Frame, search_dates, see_dates
from crawler.extract.times.witnesses import DateContext
from storage.model.article import Claim

_YEAR = re.compile(r"\d{4}")
# Each begins with letters, which makes the search several times faster.
_IN_SCRIPTS = tuple(
    re.compile(
        rf"{start}(?:_?(?:[aA]t|[dD]ate|[oO]n|[tT]ime))?(?:\\?[\"']|&quot;)?\s*:\s*"
        r"(?:\\*[\"']|&quot;)((?:19|20)\d\d-\d\d-\d\d[^\"'&\\<]{0,24})"
    )
    for start in ("ublish(?:ed)?", "ublication", "reated", "reation", "osted")
)
# Day and month may stand either way round.
_OPEN = re.compile(r"(?<![\d/-])(?:0?[1-9]|1[0-2])([/-])(?:0?[1-9]|1[0-2])\1\d\d")
_MAX_SCRIPT_DATES = 3
_MAX_IMAGES = 3
_DAY_FIRST_ENGLISH = frozenset(
    [
        "uk",
        "au",
        "nz",
        "in",
        "ie",
        "za",
        "sg",
        "my",
        "ng",
        "ke",
        "pk",
        "lk",
        "gh",
        "mt",
        "ph",
        "hk",
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a page shows to readers.

    Attributes:
        layout: Its blocks.
        frame: Where headline and text stand among them.
        said: Facts of interface lines, as `lines.Judgement.facts`.
        language: Of the text.
    """

    layout: Layout
    frame: Frame
    said: Mapping[str, str]
    language: str | None


def read_dates(source: PageSource, page: Page, draft: Draft, shown: Shown) -> Times:
    """Return when a story was published and modified, with all witnesses."""
    layout, frame = shown.layout, shown.frame
    seen = see_dates(layout, frame)
    claims = [
        *_hinted(source),
        *_in_url(page.url),
        *of_field(draft, Field.PUBLISHED),
        *seen.published,
        *of_field(draft, Field.MODIFIED),
        *seen.modified,
        *_said(shown.said),
    ]
    context = _context(source, page, draft, shown, claims)
    return choose_times(
        claims,
        context,
        (
            lambda: _in_scripts(page),
            lambda: _elsewhere(layout, frame),
            lambda: _in_images(draft),
        ),
    )


def _said(said: Mapping[str, str]) -> Iterator[Claim]:
    """Yield a time such as "2 hours ago"; lines with a year are seen in their place."""
    line = said.get("published")
    if line and not _YEAR.search(line):
        yield Claim(origin="text:since", raw=line, value=line)


def _hinted(source: PageSource) -> Iterator[Claim]:
    hint = source.hint.published
    if hint is not None:
        yield Claim(origin="feed", raw=hint.isoformat(), value=hint.isoformat())


def _in_url(url: str) -> Iterator[Claim]:
    day = day_in_path(url)
    if day is not None:
        yield Claim(origin="url", raw=day.isoformat(), value=day.isoformat())


def _elsewhere(layout: Layout, frame: Frame) -> Iterable[Claim]:
    seen = search_dates(layout, frame)
    return (*seen.published, *seen.modified)


def _in_scripts(page: Page) -> Iterator[Claim]:
    """Yield times that the page's data name as of publication; its first are its own."""
    for form in _IN_SCRIPTS:
        for match in islice(form.finditer(page.markup), _MAX_SCRIPT_DATES):
            raw = unescape(match[1]).strip()
            yield Claim(origin="script:published", raw=raw, value=raw)


def _in_images(draft: Draft) -> Iterator[Claim]:
    for claim in of_field(draft, Field.IMAGE)[:_MAX_IMAGES]:
        day = day_in_path(claim.value)
        if day is not None:
            yield Claim(origin="url:image", raw=day.isoformat(), value=claim.value)


def _context(
    source: PageSource,
    page: Page,
    draft: Draft,
    shown: Shown,
    claims: Iterable[Claim],
) -> DateContext:
    """Return how the page's dates are read; its own lines tell the order where the host's is unknown."""
    day_first = source.known.day_first if source.known is not None else None
    usual = None
    if day_first is None and any(_OPEN.search(claim.raw) for claim in claims):
        day_first = learn_day_first(block.text for block in shown.layout.blocks)
        usual = _usual_order(page, draft, shown.language)
    return DateContext(
        captured_at=at_site(source.captured_at, page.host, source.hint.timezone),
        language=shown.language,
        day_first=day_first,
        usual=usual,
        host=page.host,
    )


def _usual_order(page: Page, draft: Draft, language: str | None) -> bool | None:
    """Return whether the day comes first where the site is at home: everywhere but in America."""
    if language != "en":
        return language is not None or None
    if page.host.rpartition(".")[2] in _DAY_FIRST_ENGLISH:
        return True
    for claim in of_field(draft, Field.INTERFACE):
        region = claim.value.replace("_", "-").lower().partition("-")[2]
        if region:
            return region != "us"
    return False
