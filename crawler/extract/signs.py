"""What of a page bears on its verdict, gathered in one place."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from crawler.extract.cards import Cards
from crawler.extract.headers import challenge, sends_robots_away
from crawler.extract.layout.blocks import Layout, link_share
from crawler.extract.listed import is_headed, shown_share
from crawler.extract.measure import fold, weight
from crawler.extract.page import Page
from crawler.extract.readers.draft import Draft, Field, of_field
from crawler.extract.source import PageSource
from crawler.extract.times.witnesses import is_beside_story, is_stated
from crawler.extract.titles.choice import FEED
from crawler.extract.verdict import Signs
from storage.model.article import Article, Claim

# One of them is in whatever the pattern below finds.
_BOX_WORDS = (
    "consent", "cookie", "gdpr", "dsgvo", "privacy", "datenschutz", "cmp", "didomi",
    "onetrust", "usercentrics", "quantcast", "einwilligung", "zustimmung",
)  # fmt: skip
_BOX = re.compile(
    r"consent|cookie|gdpr|dsgvo|privacy|datenschutz|(?:^|[\s_-])cmp|didomi|onetrust|"
    r"usercentrics|quantcast|einwilligung|zustimmung"
)
_PRIVACY = (
    "privacy", "datenschutz", "cookie", "privacidad", "confidentialite", "vie-privee",
    "donnees-personnelles", "gizlilik", "privasi", "integritet",
)  # fmt: skip
_BUTTONS = "button, [role=button], input[type=submit]"
_COUNTED = f'script, iframe, form, {_BUTTONS}, meta[name="robots" i]'
_PLAINLY = frozenset({"script", "iframe", "form"})
# No site's name is longer.
_NAME = 200


def is_free(stated: Sequence[Claim]) -> bool | None:
    """Return what structured data says of free access, or None.

    The two truth values are also written as URLs (https://schema.org/Boolean).
    """
    words = {
        word.removeprefix("http://schema.org/").removeprefix("https://schema.org/")
        for claim in stated
        for word in claim.value.lower().split()
    }
    if words & {"false", "no", "locked", "metered"}:
        return False
    return True if words & {"true", "yes", "free"} else None


def gather_signs(
    source: PageSource,
    page: Page,
    layout: Layout,
    draft: Draft,
    article: Article,
    cards: Cards,
) -> Signs:
    """Return what bears on the verdict of a page.

    Args:
        source: The capture.
        page: Its parse.
        layout: Its blocks.
        draft: What its readers say.
        article: What was made of them.
        cards: What it shows of other pages.
    """
    dated_by = article.provenance.get("published")
    origin = dated_by.winner.origin if dated_by else "url"
    counts, robots = _count_elements(page)
    return Signs(
        status=source.status,
        challenged=challenge(source.header) is not None,
        markup=page.markup,
        title=article.raw_title,
        heading=_heading(page),
        prose=sum(weight(block.text) for block in article.blocks),
        shown=sum(layout.sizes),
        scripts=counts["script"],
        link_share=link_share(layout),
        cards=cards,
        frames=counts["iframe"] + counts["form"],
        buttons=counts["button"],
        boxed=_boxed(layout),
        privacy=_links_to_privacy(layout),
        noindex="noindex" in robots or sends_robots_away(source.header),
        named=_is_named_for_site(page, layout, article),
        free=is_free(of_field(draft, Field.FREE)),
        kinds=tuple(c.value.lower() for c in of_field(draft, Field.KIND)),
        path=urlsplit(page.url).path if page.url else "text",
        paywalled="paywalled" in article.marks,
        dated=article.published is not None and is_beside_story(origin),
        date_stated=article.published is not None and is_stated(origin),
        listed=shown_share(source.hint.title, _said(article)),
        headed=is_headed(source.hint.title, layout),
        defects=page.defects,
    )


def _said(article: Article) -> Iterator[str]:
    """Yield what a page says itself: its titles, and its text."""
    title = article.provenance.get("title")
    for claim in (title.winner, *title.losers) if title else ():
        if claim.origin != FEED:
            yield claim.value
    yield article.text


def _links_to_privacy(layout: Layout) -> bool:
    targets = "\n".join([b.target for b in layout.blocks if b.target]).lower()
    return any(word in targets for word in _PRIVACY)


def _heading(page: Page) -> str:
    node = page.tree.css_first("h1, h2") if page.tree else None
    return " ".join(node.text().split()) if node is not None else ""


def _count_elements(page: Page) -> tuple[Mapping[str, int], str]:
    """Return how many scripts, frames and buttons there are, and what robots are told.

    Whatever looks like a button counts as `button`.
    """
    counts: Counter[str] = Counter()
    robots: list[str] = []
    for node in page.select(_COUNTED):
        tag = node.tag or ""
        if tag == "meta":
            robots.append(node.attributes.get("content") or "")
        elif tag in _PLAINLY:
            counts[tag] += 1
        else:
            counts["button"] += 1
    return counts, " ".join(robots).lower()


def _boxed(layout: Layout) -> float:
    """Return the share of the page's text in a container named for consent."""
    named_so = {container.names for container in layout.containers}
    everything = " ".join(named_so).lower()
    if not any(word in everything for word in _BOX_WORDS):
        return 0.0
    boxes = {names for names in named_so if _BOX.search(names.lower())}
    if not boxes:
        return 0.0
    named: list[bool] = []
    for container in layout.containers:
        above = container.parent >= 0 and named[container.parent]
        own = container.names in boxes and container.tag not in {"body", "html"}
        named.append(above or own)
    inside = total = 0
    for block, size in zip(layout.blocks, layout.sizes, strict=True):
        total += size
        inside += size if named[block.container] else 0
    return inside / total if total else 0.0


def _is_named_for_site(page: Page, layout: Layout, article: Article) -> bool:
    """Tell a title that is the site's name: as declared, or as the link home says."""
    title = fold(article.raw_title)
    if not title:
        return False
    if title == fold(article.site or ""):
        return True
    if title not in layout.folded:
        return False
    return any(
        folded == title
        and block.target
        and len(block.text) <= _NAME
        and block.link_density > 0.8
        and _is_home(page, block.target)
        for block, folded in zip(layout.blocks, layout.folded, strict=True)
    )


def _is_home(page: Page, target: str) -> bool:
    home = page.resolve("/")
    return home is not None and page.resolve(target) in {home, home.rstrip("/")}
