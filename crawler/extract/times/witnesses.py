"""Claims of times, read, with how strong each is as a witness of publication."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

from crawler.dates import possible_moments, stated_moments
from crawler.dates.local import in_local_time
from crawler.dates.text import is_hijri_day
from storage.model.article import Claim
from storage.model.moment import Moment

# Origin (its beginning) -> family and strength. The strength is the logit of the
# share of pages on which the witness was right, from 0 (one in six) up.
_STRENGTHS: tuple[tuple[str, str, float], ...] = (
    ("rule:", "rule", 100.0),
    ("json-ld:datePublished", "data", 4.2),
    ("json-ld:dateCreated", "data", 3.2),
    ("json-ld:webpage.datePublished", "data", 4.2),
    ("json-ld:dateModified", "data", 1.8),
    ("json-ld:webpage.dateModified", "data", 1.2),
    ("meta:article:published_time", "meta", 4.4),
    ("meta:article:modified_time", "meta", 1.5),
    ("meta:og:updated_time", "meta", 1.4),
    ("meta:modified:", "meta", 1.4),
    ("meta:datemodified", "meta", 1.6),
    ("meta:last", "meta", 1.6),
    ("meta:dcterms.modified", "meta", 1.6),
    ("meta:date", "meta", 3.6),
    ("meta:dc.date.issued", "meta", 4.2),
    ("meta:dc.date", "meta", 2.5),
    ("meta:published:", "meta", 3.0),
    ("meta:", "meta", 4.0),
    ("hook:", "shown", 4.0),
    ("dom:modified", "shown", 1.5),
    ("dom:published near", "shown", 4.0),
    ("dom:published microdata", "data", 4.2),
    ("dom:published story", "shown", 3.8),
    ("dom:published card", "shown", 1.4),
    ("dom:published", "shown", 2.4),
    ("dom:time near", "shown", 3.8),
    ("dom:time microdata", "data", 3.5),
    ("dom:time story", "shown", 2.4),
    ("dom:time card", "shown", 1.2),
    ("dom:time", "shown", 2.2),
    ("text:published under headline", "shown", 4.6),
    ("text:published over headline", "shown", 4.2),
    ("text:line under headline", "shown", 4.0),
    ("text:line over headline", "shown", 3.2),
    ("text:link under headline", "shown", 3.6),
    ("text:link over headline", "shown", 3.0),
    ("text:updated under headline", "shown", 2.2),
    ("text:updated over headline", "shown", 1.8),
    ("text:published under text", "shown", 2.8),
    ("text:published", "shown", 1.6),
    ("text:updated", "shown", 1.4),
    ("text:line under text", "shown", 1.3),
    ("text:line in text", "shown", 1.2),
    ("text:words under headline", "shown", 0.8),
    ("text:published beside", "shown", 3.2),
    ("text:line beside", "shown", 2.2),
    ("text:line sidebar", "shown", 1.1),
    ("text:line related", "shown", 1.0),
    ("text:line furniture", "shown", 1.2),
    ("text:line page", "shown", 1.0),
    ("text:notice", "shown", 0.9),
    ("text:since", "shown", 1.5),
    ("text:", "shown", 0.3),
    ("feed", "feed", 4.2),
    ("url:image", "image", 0.7),
    ("url:month", "month", 1.0),
    ("url", "path", 4.6),
    ("state:", "data", 3.4),
    ("script:", "script", 1.4),
)
_DEFAULT = ("shown", 2.0)
_AMBIGUOUS = 0.6
_HIJRI = 0.4
_UNUSUAL = 0.3
_BELIEVED = 2.2
_TELLING = 2.0
_MAX_OF_ORIGIN = 5
_ELSEWHERE = 1.2
#: What is known of a page without its text: a wall may stand at a dated address, too.
_NO_PAGE = frozenset({"path", "image", "script", "feed"})
_CHANGE = re.compile(r"modif|updat|last", re.IGNORECASE)
_TOLD = re.compile(r"datePublished|publish|pubdate|issued|publication")


@dataclass(frozen=True, slots=True, kw_only=True)
class DateContext:
    """What decides how dates of a page are read.

    Attributes:
        captured_at: Bound of the future and base of relative dates, by the clock of
            the site where that is known.
        language: Of the text.
        day_first: The host's order of day and month, if learned.
        usual: Its likely order, where none was learned.
        host: The host's name; its country tells the local time.
    """

    captured_at: datetime
    language: str | None = None
    day_first: bool | None = None
    usual: bool | None = None
    host: str = ""


class Reading(NamedTuple):
    """A claim as one time that it can mean.

    Attributes:
        claim: The claim.
        moment: The time.
        day: Its day in its own zone.
        family: Witnesses of one family may have copied each other.
        strength: From 0 up.
        is_open: Whether day and month can be the other way round.
    """

    claim: Claim
    moment: Moment
    day: date
    family: str
    strength: float
    is_open: bool

    @property
    def is_change(self) -> bool:
        """Whether it is a time of change, by its origin."""
        return _kind(self.claim.origin)[0]

    @property
    def is_told(self) -> bool:
        """Whether it is named as the time of publication."""
        return self.strength > _TELLING and _kind(self.claim.origin)[1]


def read_claims(claims: Iterable[Claim], context: DateContext) -> list[Reading]:
    """Return every time that claims can mean, in the site's own zone where the page shows it."""
    found: list[Reading] = []
    counts: Counter[str] = Counter()
    known: dict[str, tuple[Moment, ...]] = {}
    for claim in claims:
        counts[claim.origin] += 1
        if counts[claim.origin] > _MAX_OF_ORIGIN:
            continue
        moments = known.get(claim.raw)
        if moments is None:
            moments = known[claim.raw] = _moments(claim, context)
        family, strength = _strength(claim.origin)
        if moments and is_hijri_day(claim.raw, context.language):
            strength *= _HIJRI
        is_open = len(moments) > 1
        for place, moment in enumerate(moments):
            share = 1.0
            if is_open:
                usual = context.usual or "-" in claim.raw
                share = _UNUSUAL if usual is (place == 1) else _AMBIGUOUS
            day = moment.at.date()
            found.append(Reading(claim, moment, day, family, strength * share, is_open))
    return _localized(found, context.host)


def _moments(claim: Claim, context: DateContext) -> tuple[Moment, ...]:
    """Read a claim; lines of the page are not worth asking dateparser."""
    visible = claim.origin.startswith("text:") and claim.origin != "text:since"
    read = stated_moments if visible else possible_moments
    return read(
        claim.raw,
        captured_at=context.captured_at,
        language=context.language,
        day_first=context.day_first,
    )


def is_beside_story(origin: str) -> bool:
    """Tell whether a day of this origin stands where a story's own day does."""
    family, strength = _strength(origin)
    return strength > _ELSEWHERE and family not in _NO_PAGE


def is_stated(origin: str) -> bool:
    """Tell whether structured data or a marked element beside the story states the day."""
    return (
        is_beside_story(origin)
        and _strength(origin)[1] > _TELLING
        and not origin.startswith("text:")
    )


@lru_cache(maxsize=1024)
def _strength(origin: str) -> tuple[str, float]:
    fits = [row for row in _STRENGTHS if origin.startswith(row[0])]
    longest = max(fits, key=lambda row: len(row[0]), default=("", *_DEFAULT))
    return longest[1:]


@lru_cache(maxsize=1024)
def _kind(origin: str) -> tuple[bool, bool]:
    """Return whether an origin is one of changes, and one of publication."""
    return _CHANGE.search(origin) is not None, _TOLD.search(origin) is not None


def _localized(readings: list[Reading], host: str) -> list[Reading]:
    believed = [r.moment for r in readings if r.strength >= _BELIEVED]
    moments = in_local_time([r.moment for r in readings], believed, host)
    return [
        r if m is r.moment else r._replace(moment=m, day=m.at.date())
        for r, m in zip(readings, moments, strict=True)
    ]
