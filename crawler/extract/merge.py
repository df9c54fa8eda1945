"""Many claims -> one value a field, with the winner, the losers and their origins.

A draft's order is its order of trust; what differs between fields is how a claim
is tidied and when it is believed.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from crawler.extract.language.tags import language_code
from crawler.extract.page import Page
from crawler.extract.readers.draft import Draft, Field, of_field
from crawler.extract.readers.header import CANONICAL
from crawler.extract.source import HostKnowledge
from crawler.extract.titles.choice import FEED, choose_title
from crawler.extract.titles.cleaning import TitleEvidence
from crawler.extract.titles.seen import Seen
from crawler.urls import without_tracking
from storage.model.article import Claim, Provenance

_FEED_NAME = re.compile(
    r"\s*(?:[-–—|»:]\s*)?\b(?:RSS|Feed|Atom)(?:\s*(?:Feed|2\.0))?\s*$", re.IGNORECASE
)
#: Who names the canonical URL, in order of trust; all others come after them.
_TRUSTED = {"link:canonical": 0, CANONICAL: 1}
_MAX_TAGS = 30
_MAX_LOSERS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """The fields that the page's own statements settle alone.

    Attributes:
        url: Canonical, absolute.
        site: The site's name.
        section: Of the site.
        description: Of the page.
        image: Absolute URL of the lead image.
        tags: In their order.
        interface_language: The code of the page's menus and buttons.
        provenance: Who won each field, by its name.
    """

    url: str
    site: str | None
    section: str | None
    description: str | None
    image: str | None
    tags: tuple[str, ...]
    interface_language: str | None
    provenance: Mapping[str, Provenance | None]


def provenance_of(claims: Sequence[Claim], winner: Claim) -> Provenance:
    """Return the winner with all others as losers."""
    losers = tuple(c for c in claims if c is not winner)[:_MAX_LOSERS]
    return Provenance(winner=winner, losers=losers)


def first(claims: Sequence[Claim]) -> Provenance | None:
    """Return the most trusted claim that says anything."""
    winner = next((c for c in claims if c.value), None)
    return provenance_of(claims, winner) if winner else None


def site_names(draft: Draft) -> tuple[str, ...]:
    """Return every declared name of the site, most trusted first."""
    names: dict[str, None] = {}
    for claim in of_field(draft, Field.SITE):
        name = (
            _FEED_NAME.sub("", claim.value)
            if claim.origin == "link:feed"
            else claim.value
        )
        if name:
            names.setdefault(name, None)
    return tuple(names)


def merge_site(draft: Draft) -> Provenance | None:
    """Return the site's name; a feed's title loses its " - RSS"."""
    claims = [
        replace(c, value=_FEED_NAME.sub("", c.value)) if c.origin == "link:feed" else c
        for c in of_field(draft, Field.SITE)
    ]
    order = ("meta:og:site_name", "json-ld:publisher", "json-ld:site")
    claims.sort(
        key=lambda c: order.index(c.origin) if c.origin in order else len(order)
    )
    return first(claims)


def merge_title(
    draft: Draft, page: Page, seen: Seen, *, hint: str | None, known: HostKnowledge
) -> Provenance | None:
    """Return the headline, cleaned of the site's name.

    Args:
        draft: What the readers found.
        page: The page.
        seen: What stands visibly where the story begins.
        hint: The link's text, as a feed says it.
        known: What the host's other pages have taught.
    """
    claims = of_field(draft, Field.TITLE)
    if hint:
        claims.append(Claim(origin=FEED, raw=hint, value=hint.strip()))
    sections = of_field(draft, Field.SECTION)
    kinds = of_field(draft, Field.KIND)
    evidence = TitleEvidence(
        site_names=site_names(draft),
        host=page.host,
        section=sections[0].value if sections else None,
        suffixes=known.title_suffixes,
        prefixes=known.title_prefixes,
    )
    news = any(c.origin == "json-ld:@type" and "news" in c.value for c in kinds)
    return choose_title(claims, evidence, seen=seen, url=page.url, news=news)


def raw_title(draft: Draft, winner: Claim | None) -> str:
    """Return the page's `<title>` as it stands, else the winner's raw text."""
    titles = [c for c in of_field(draft, Field.TITLE) if c.origin == "title"]
    if titles:
        return titles[0].value
    return winner.raw if winner else ""


def merge_url(draft: Draft, page: Page) -> tuple[str, Provenance | None]:
    """Return the canonical URL, absolute; the page's own where none is believable.

    Tracking parameters are left out of either: many sites repeat those of the request.

    The page's own link comes before that of a header, both before what other tags
    say. One on another site, or the front page for a page that is not, is not
    believed.
    """
    claims = of_field(draft, Field.CANONICAL)
    claims.sort(key=lambda c: _TRUSTED.get(c.origin, len(_TRUSTED)))
    for claim in claims:
        url = page.resolve(claim.value) if claim.value else None
        if url is not None and _same_place(url, page.url):
            url = without_tracking(url)
            winner = replace(claim, value=url)
            return url, provenance_of(
                [winner, *(c for c in claims if c is not claim)], winner
            )
    return without_tracking(page.url), None


def _same_place(url: str, own: str) -> bool:
    theirs, ours = urlsplit(url), urlsplit(own)
    if not ours.netloc:
        return True
    if theirs.path in {"", "/"} and ours.path not in {"", "/"} and not theirs.query:
        return False
    return registered(theirs.hostname or "") == registered(ours.hostname or "")


def registered(host: str) -> str:
    """Return the last labels of a host, roughly its registered domain."""
    labels = host.lower().split(".")
    deep = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    return ".".join(labels[-3 if deep else -2 :])


def merge_image(draft: Draft, page: Page) -> tuple[str | None, Provenance | None]:
    """Return the lead image's absolute URL."""
    claims = of_field(draft, Field.IMAGE)
    for claim in claims:
        url = page.resolve(claim.value) if claim.value else None
        if url is not None:
            return url, provenance_of(claims, claim)
    return None, None


def merge_tags(draft: Draft) -> tuple[tuple[str, ...], Provenance | None]:
    """Return the tags of the first origin that has any, duplicates left out."""
    claims = [c for c in of_field(draft, Field.TAG) if c.value]
    if not claims:
        return (), None
    own = [c for c in claims if c.origin == claims[0].origin]
    tags = {c.value.casefold(): c.value for c in reversed(own) if len(c.value) <= 80}
    losers = tuple(c for c in claims if c.origin != own[0].origin)[:_MAX_LOSERS]
    ordered = tuple(reversed(tags.values()))[:_MAX_TAGS]
    return ordered, Provenance(
        winner=replace(own[0], value=", ".join(ordered)), losers=losers
    )


def merge_stated(draft: Draft, page: Page) -> Stated:
    """Return the fields that need nothing of the text."""
    url, url_by = merge_url(draft, page)
    image, image_by = merge_image(draft, page)
    tags, tags_by = merge_tags(draft)
    single = {
        "site": merge_site(draft),
        "section": first(of_field(draft, Field.SECTION)),
        "description": first(of_field(draft, Field.DESCRIPTION)),
        "interface_language": first(_interface(draft)),
    }
    value = {key: by.winner.value if by else None for key, by in single.items()}
    return Stated(
        url=url,
        site=value["site"],
        section=value["section"],
        description=value["description"],
        image=image,
        tags=tags,
        interface_language=language_code(value["interface_language"]),
        provenance={"url": url_by, "image": image_by, "tags": tags_by, **single},
    )


def _interface(draft: Draft) -> list[Claim]:
    claims = [c for c in of_field(draft, Field.INTERFACE) if language_code(c.value)]
    return sorted(claims, key=lambda c: c.origin != "html:lang")


def merge_counters(draft: Draft, found: Callable[[str], str | None]) -> dict[str, int]:
    """Return numbers of views, comments, shares and likes: the page's visible line first."""
    counters: dict[str, int] = {}
    for field in (Field.VIEWS, Field.COMMENTS, Field.SHARES, Field.LIKES):
        stated = [c.value for c in of_field(draft, field)]
        visible = found(field.value)
        for text in ([visible] if visible is not None else []) + stated:
            if text.isdigit() and len(text) < 13:
                counters[field.value] = int(text)
                break
    return counters
