"""Whether what reads as an article is a wall or a missing page after all. Pure.

A page alone cannot always say so: its words may be in any language and its markup
plain. But a host that gives the same text for an address that cannot exist, or under
many addresses that have nothing to do with each other, has no article there.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urljoin, urlsplit

from crawler.decisions.outcome import is_article
from crawler.extract.measure import weight
from crawler.extract.titles.choice import FEED
from storage.model.article import Article
from storage.model.exchange import Exchange
from storage.model.extraction import Extraction
from storage.model.verdict import Verdict, VerdictKind
from storage.model.visit import Probe

#: How long a host's answer to an address that cannot exist is believed of its like.
PROBE_EVERY = timedelta(weeks=4)
#: And of any other page: what stands before all addresses by now was not there then.
VOUCHES_FOR = timedelta(days=1)
#: A text this long is a story, whatever else the host does.
THIN = 600
#: The same text under many addresses may be longer: few walls are.
REPEATABLE = 1200
#: So many other addresses must have the same text.
REPEATS = 2
#: Share of words that two texts have in common, of all that either has.
ALIKE = 0.8
#: Below this share two texts, or headlines, have nothing to do with each other.
OTHER = 0.5
#: A text this short may be a notice in the place of a story.
NOTICE = 300
#: What is kept of the text of a probe.
MOST_TEXT = 4000

_WORDS = re.compile(r"\w")
_DIGITS = re.compile(r"\d+")
_NAMES = re.compile(r"[^\W\d_]{4,}|\d{3,}")
#: Parts of addresses of other forms of a page, which say nothing of what it is.
_FORMS = frozenset({"html", "print", "mobile", "news", "article", "story", "index"})


def is_suspect(answer: Exchange, extraction: Extraction) -> bool:
    """Tell whether a page that reads as an article has so little text that it may be none."""
    article = extraction.article
    return (
        answer.status == 200
        and article is not None
        and is_article(extraction.verdict)
        and weight(article.text) < THIN
    )


def probe_address(url: str, token: str) -> str:
    """Return an address beside a URL that cannot exist; `token` is a random word."""
    return urljoin(url, f"{token}-is-no-page")


def is_current(probe: Probe | None, extraction: Extraction, now: datetime) -> bool:
    """Tell whether a host need not be asked again to judge a page.

    Args:
        probe: What it answered last, or None.
        extraction: The reading of the page.
        now: Current time, UTC.
    """
    if probe is None:
        return False
    believed = PROBE_EVERY if _is_like(extraction, probe) else VOUCHES_FOR
    return now - probe.at < believed


def _is_like(extraction: Extraction, probe: Probe) -> bool:
    article = extraction.article
    return article is not None and alikeness(article.text, probe.text) >= ALIKE


def against_probe(extraction: Extraction, probe: Probe | None) -> Extraction:
    """Return the reading of a suspect with what its host's probe says of it.

    Where both texts are alike the verdict is the probe's own, if it is a wall's, and
    else that of a missing page. Evidence either way.
    """
    if probe is None or extraction.article is None:
        return extraction
    asked = f"{probe.url} at {probe.at:%Y-%m-%d}"
    if not probe.text:
        said = "led elsewhere" if probe.status is None else f"HTTP {probe.status}"
        return _with(extraction, f"little text, but no address: {asked} {said}")
    share = alikeness(extraction.article.text, probe.text)
    said = f"{share:.0%} of its words in the answer to no address, {asked}"
    if share < ALIKE:
        return _with(extraction, f"little text, {said}")
    walls = (VerdictKind.BOT_WALL, VerdictKind.CONSENT)
    kind = probe.verdict if probe.verdict in walls else VerdictKind.SOFT_404
    return _with(extraction, f"little text, {said}", kind=kind)


def against_home(extraction: Extraction, asked: str, answered: str) -> Extraction:
    """Return a reading of what the front page answers in a page's place: it is missing.

    Args:
        extraction: The reading of the answer.
        asked: The address that was asked for.
        answered: The one that redirects led to.
    """
    is_led = _is_home(answered) and not _is_home(asked)
    if not is_led or extraction.verdict.kind is not VerdictKind.HUB:
        return extraction
    return _with(extraction, "led to the front page", kind=VerdictKind.SOFT_404)


def against_standing(extraction: Extraction, title: str, text: str) -> Extraction:
    """Return a reading of a few lines in the place of a story: they are a notice.

    A wall, a consent page or a removal in any words has another headline than the story,
    and next to nothing of its text. An editor's note under the same headline stays.

    Args:
        extraction: The reading.
        title: The headline that is archived.
        text: The story that is archived.
    """
    article = extraction.article
    if article is None or not is_article(extraction.verdict):
        return extraction
    mine, story = weight(article.text), weight(text)
    if mine >= NOTICE or story < max(THIN, 3 * mine):
        return extraction
    words = _words(article.text)
    share = len(words & _words(text)) / max(1, len(words))
    if share >= ALIKE or alikeness(own_headline(article), title) >= OTHER:
        return extraction
    said = f"a few lines in the place of the story, {share:.0%} of their words its own"
    return _with(extraction, said, kind=VerdictKind.ERROR)


def own_headline(article: Article) -> str:
    """Return the headline that a page itself says, nothing where only its list does.

    A wall without a title of its own is called what the list calls the story.
    """
    title = article.provenance.get("title")
    if title is None or title.winner.origin != FEED:
        return article.title
    is_own = any(alikeness(one.value, article.title) >= ALIKE for one in title.losers)
    return article.title if is_own else ""


def is_another_story(article: Article, title: str, text: str) -> bool:
    """Tell whether two articles differ in headline and text, so that one is no other's copy."""
    return (
        alikeness(article.title, title) < OTHER
        and alikeness(article.text, text) < OTHER
    )


def against_others(
    extraction: Extraction, url: str, others: Sequence[str], *, named: str | None
) -> Extraction:
    """Return a reading with what it means that others have the same text.

    Nothing, where it has the headline that it was listed with: an agency's story
    stands under an address of each edition, a dead end under nobody's headline.

    Args:
        extraction: The reading of an article.
        url: Its address.
        others: Addresses of other articles of its host with the same title and text.
        named: What the list that named it calls it, if it does.
    """
    article = extraction.article
    if article and named and alikeness(named, own_headline(article)) >= ALIKE:
        return extraction
    strangers = [other for other in others if not _is_kin(url, other)]
    if article is None or len(strangers) < REPEATS:
        return extraction
    if weight(article.text) >= REPEATABLE:
        return extraction
    said = f"the same text under {len(strangers)} other addresses: {strangers[0]}"
    return _with(extraction, said, kind=VerdictKind.SOFT_404)


def alikeness(text: str, other: str) -> float:
    """Return the share of words that two texts have in common, digits aside, 0 to 1.

    A text in a script without spaces is compared by its characters.
    """
    mine, theirs = _words(text), _words(other)
    return len(mine & theirs) / len(mine | theirs) if mine | theirs else 0.0


def shared(text: str, other: str) -> float:
    """Return the share of the shorter text's words that the other has too, 0 to 1."""
    mine, theirs = _words(text), _words(other)
    return len(mine & theirs) / max(1, min(len(mine), len(theirs)))


def _words(text: str) -> frozenset[str]:
    masked = _DIGITS.sub("0", text.casefold())
    words = masked.split()
    if len(masked) > 20 * len(words):
        words = _WORDS.findall(masked)
    return frozenset(words)


def _is_home(url: str) -> bool:
    return urlsplit(url).path in {"", "/"}


def _is_kin(url: str, other: str) -> bool:
    """Tell whether two addresses may be forms of one page: they share a name of it."""
    return bool(_names(url) & _names(other))


def _names(url: str) -> frozenset[str]:
    parts = urlsplit(url)
    return frozenset(_NAMES.findall(f"{parts.path} {parts.query}".lower())) - _FORMS


def _with(
    extraction: Extraction, said: str, kind: VerdictKind | None = None
) -> Extraction:
    verdict = extraction.verdict
    return replace(
        extraction,
        verdict=Verdict(kind=kind or verdict.kind, evidence=(said, *verdict.evidence)),
    )
