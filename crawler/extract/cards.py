"""Cards: what a page shows of other pages, and how much text is its own.

A card is a headline that links to another page of the site, with at most a short
excerpt. Front pages, sections, tag and search pages are made of them; an article
has them around its story. What tells the two apart is whose prose there is.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

from crawler.extract.layout.blocks import Layout, TextBlock
from storage.model.article import BlockKind

_FURNITURE = frozenset(
    {
        "navigation", "footer", "comments", "form", "dialog", "cookies", "hidden",
        "ad", "newsletter", "share", "tags",
    }
)  # fmt: skip
_ASIDE = frozenset({"related", "sidebar"})
_NOT_OWN = _FURNITURE | _ASIDE
_HEADLINE = 22
_HEADING = 10
_LONGEST_HEADLINE = 260
_LINKED = 0.8
_LABEL = 24
# An excerpt and its headline weigh less than this; longer text is a story.
_EXCERPT = 450.0
_NEAR = 6
_FLAT_CARDS = 5
# Nearly every link: nothing in it needs the general, slow way of joining URLs.
_PLAIN = re.compile(
    r"(?:https?://(?:www\.)?([a-z0-9-]+(?:\.[a-z0-9-]+)*))?(/(?!/)[^\s?#]*)(?:\?([^\s#]*))?(?:#\S*)?"
)
_NUMBER = re.compile(r"\d+")
# A host without "www." and what follows it, without a fragment.
_PageKey = tuple[str, str]
_MANY: _PageKey = ("", "many")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cards:
    """What a page is made of.

    Attributes:
        count: Headlines that link to other pages of the site, each page once.
        teased: Prose in cards.
        own: All other prose outside furniture.
        story: The longest run of own prose that no headline of another page interrupts.
        titled: Whether the page's title stands on it as a heading of its own.
        alike: The prose in cards that have a container of their own and are built
            alike, with the index of each card's headline.
    """

    count: int = 0
    teased: float = 0.0
    own: float = 0.0
    story: float = 0.0
    titled: bool = False
    alike: Mapping[int, int] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """Share of the prose that stands in cards, 0 to 1."""
        total = self.teased + self.own
        return self.teased / total if total else 0.0


def deal_cards(layout: Layout, urls: Collection[str], titles: Collection[str]) -> Cards:
    """Tell a page's cards from its own text.

    Args:
        layout: The page.
        urls: Where the page itself is found; links there are no cards.
        titles: Folded titles of the page.
    """
    if not layout.containers:
        return Cards()
    return _Deal(layout, urls, titles).cards()


class _Deal:
    """One pass over a page's blocks."""

    def __init__(
        self, layout: Layout, urls: Collection[str], titles: Collection[str]
    ) -> None:
        self._layout = layout
        self._own = {_page_of(url) for url in urls if url}
        self._base = next((url for url in urls if url), "")
        self._site = {host for host, _ in self._own}
        self._pages: dict[str, _PageKey | None] = {}
        self._longest = 2 * max(map(len, titles), default=0) + _LABEL
        self._weights = [self._weight(i) for i in range(len(layout.blocks))]
        self._titled = {
            index
            for index, folded in enumerate(layout.folded)
            if folded in titles and self._is_title(layout.blocks[index])
        }
        self._targets = self._headlines()
        self._frames = self._card_containers()

    def cards(self) -> Cards:
        """Return the sums."""
        teased = self._teased()
        own = story = run = 0.0
        for index, block in enumerate(self._layout.blocks):
            if index in teased or (
                index in self._targets and block.kind is BlockKind.HEADING
            ):
                run = 0.0
            elif (
                index not in self._targets
                and self._layout.chrome[block.container] not in _NOT_OWN
            ):
                own += self._layout.prose[index]
                run += self._layout.prose[index]
                story = max(story, run)
        return Cards(
            count=len(set(self._targets.values())),
            teased=sum(self._weights[index] for index in teased),
            own=own,
            story=story,
            titled=bool(self._titled),
            alike=self._alike(teased),
        )

    def _alike(self, teased: Mapping[int, int]) -> Mapping[int, int]:
        """Return what of the prose in cards stands in containers of one make, one for each."""
        layout, frames = self._layout, self._frames
        framed = {
            index: headline
            for index, headline in teased.items()
            if layout.inside(layout.blocks[index].container, frames[headline])
        }
        makes = Counter(self._make(at) for at in {frames[h] for h in framed.values()})
        return {i: h for i, h in framed.items() if makes[self._make(frames[h])] > 1}

    def _make(self, container: int) -> tuple[str, str]:
        frame = self._layout.containers[container]
        return frame.tag, _NUMBER.sub("", frame.names)

    def _headlines(self) -> Mapping[int, _PageKey]:
        """Return the block index of each card's headline, with the page it leads to."""
        found: dict[int, _PageKey] = {}
        last: _PageKey | None = None
        for index, block in enumerate(self._layout.blocks):
            if self._layout.chrome[block.container] in _FURNITURE:
                continue
            if not block.target or not _looks_like_headline(
                block, self._layout.sizes[index]
            ):
                continue
            page = self._other_page(block.target)
            is_excerpt = page == last and block.kind is not BlockKind.HEADING
            if page is not None and not is_excerpt:
                found[index] = page
                last = page
        return found

    def _other_page(self, target: str) -> _PageKey | None:
        """Return the page of this site that a link leads to, or None."""
        if target not in self._pages:
            self._pages[target] = self._resolve(target)
        return self._pages[target]

    def _resolve(self, target: str) -> _PageKey | None:
        if target.startswith(("#", "javascript:", "mailto:")):
            return None
        page = _page_of(target, self._base)
        is_near = page[0] in self._site or not page[0]
        return page if is_near and page not in self._own else None

    def _card_containers(self) -> Mapping[int, int]:
        """Return the container of each headline's card: as far up as it stands alone."""
        containers = self._layout.containers
        pages: dict[int, _PageKey] = {}
        blocked: set[int] = set()
        prose = [0.0] * len(containers)
        for index, block in enumerate(self._layout.blocks):
            prose[block.container] += self._weights[index]
            if index in self._targets:
                self._count_page(pages, block.container, self._targets[index])
            elif index in self._titled or (
                block.kind is BlockKind.HEADING and block.level <= 2
                and block.link_density < _LINKED
            ):  # fmt: skip
                above = block.container
                while above >= 0 and above not in blocked:
                    blocked.add(above)
                    above = containers[above].parent
        for container in range(len(containers) - 1, 0, -1):
            prose[containers[container].parent] += prose[container]
        frames = {}
        for index in self._targets:
            frame = self._layout.blocks[index].container
            while (
                (above := containers[frame].parent) >= 0
                and above not in blocked
                and pages[above] is not _MANY
                and prose[above] <= _EXCERPT
            ):
                frame = above
            frames[index] = frame
        return frames

    def _count_page(
        self, pages: dict[int, _PageKey], container: int, page: _PageKey
    ) -> None:
        """Note the one page that a container and all around it lead to, or that they are many."""
        containers = self._layout.containers
        while container >= 0:
            known = pages.get(container)
            # What is around it has the same page already, or many.
            if known is _MANY or known == page:
                return
            pages[container] = page if known is None else _MANY
            container = containers[container].parent

    def _teased(self) -> Mapping[int, int]:
        """Return the index of each block of prose that stands in a card, with its headline's."""
        flat = self._may_be_flat()
        teased: dict[int, int] = {}
        headline: int | None = None
        room = 0.0
        for index, block in enumerate(self._layout.blocks):
            if index in self._targets:
                if headline is None or self._targets[headline] != self._targets[index]:
                    room = _EXCERPT
                headline = index
                continue
            size = self._weights[index]
            if not size or headline is None:
                continue
            page = self._other_page(block.target) if block.target else None
            belongs = (
                self._layout.inside(block.container, self._frames[headline])
                or (block.link_density > _LINKED and page == self._targets[headline])
                or (index - headline <= _NEAR and headline in flat)
            )
            room -= size
            if belongs and room >= 0:
                teased[index] = headline
            elif room < 0:
                headline = None
        return teased

    def _may_be_flat(self) -> set[int]:
        """Return headlines whose excerpt may stand beside them, in no container of its own.

        A link between two paragraphs of a story ("Read also: …") looks the same
        but for its tag; lists of plain links are believed only where no text of
        the page's own comes first.
        """
        blocks = self._layout.blocks
        headings = {i for i in self._targets if blocks[i].kind is BlockKind.HEADING}
        others = set(self._targets) - headings
        if len(others) < _FLAT_CARDS or any(
            self._layout.prose[i] and self._layout.chrome[blocks[i].container] is None
            for i in range(min(others))
        ):
            return headings
        return headings | others

    def _weight(self, index: int) -> float:
        """Return the prose of a block, links counted as text: whole cards may be links."""
        block = self._layout.blocks[index]
        if self._layout.chrome[block.container] in _FURNITURE:
            return 0.0
        if block.kind is BlockKind.HEADING:
            return 0.0
        size = float(self._layout.sizes[index])
        return size if self._layout.prose[index] or size > 2 * _HEADLINE else 0.0

    def _is_title(self, block: TextBlock) -> bool:
        return len(block.text) <= self._longest and block.link_density < _LINKED


def _looks_like_headline(block: TextBlock, size: int) -> bool:
    least = _HEADING if block.kind is BlockKind.HEADING else _HEADLINE
    rest = len(block.text) - block.linked
    # A date or a label may stand beside a headline in a list.
    is_linked = block.link_density >= _LINKED or (
        rest <= _LABEL and block.linked >= rest / 2
    )
    return is_linked and least <= size <= _LONGEST_HEADLINE


def _page_of(url: str, base: str = "") -> _PageKey:
    """Return a URL's host and what follows it, without its fragment."""
    plain = _PLAIN.fullmatch(url)
    if plain is not None and (plain[1] or base) and "/." not in plain[2]:
        host = plain[1] or _host_of(base)
        path = plain[2].rstrip("/")
        return host, f"{path}?{plain[3]}" if plain[3] else path
    try:
        parts = urlsplit(urljoin(base, url))
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return "//", url  # no host has this name
    path = parts.path.rstrip("/")
    return host, f"{path}?{parts.query}" if parts.query else path


@lru_cache(maxsize=64)
def _host_of(url: str) -> str:
    return _page_of(url)[0]
