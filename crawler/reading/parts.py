"""Gather the pages of a multi-page article: ask for each, read it, join them.

Where a page comes from is the caller's: the network, in a visit or by hand, or
the archive, when a capture is read again.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from crawler.decisions.outcome import is_article
from crawler.errors import BadUrl, CrawlError
from crawler.extract.paging.join import (
    PARTIAL,
    holds_all,
    is_repeated,
    is_same_story,
    join_parts,
)
from crawler.urls import url_key
from storage.model.article import Article
from storage.model.exchange import Exchange
from storage.model.extraction import Extraction

#: No article is read on beyond this many pages.
MAX_PARTS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A page that was asked for.

    Attributes:
        answer: A whole answer, or None.
        why: Why there is none.
        lasting: Whether asking again soon is of no use.
        capture_id: Where the answer is kept, if it is.
    """

    answer: Exchange | None = None
    why: str = ""
    lasting: bool = False
    capture_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """An article of all its pages that could be had.

    Attributes:
        extraction: Page 1's, with the whole article.
        captures: Those of the pages after the first, in order, with what was
            read from each.
        lacking: Why pages are missing, or nothing.
        again: Whether they may be had if asked for again soon.
    """

    extraction: Extraction
    captures: tuple[tuple[int, Extraction], ...] = ()
    lacking: str = ""
    again: bool = False


Ask = Callable[[str], Awaitable[Part]]
Extract = Callable[[Exchange], Awaitable[Extraction]]


async def gather(
    extraction: Extraction, answer: Exchange, ask: Ask, extract: Extract
) -> Gathered:
    """Return the article with the pages that follow, as far as they can be had.

    Args:
        extraction: What page 1 is and says.
        answer: Page 1.
        ask: Returns one page; called once for each, in order.
        extract: Reads one page.
    """
    paging, article = extraction.paging, extraction.article
    if paging is None or article is None or not is_article(extraction.verdict):
        return Gathered(extraction=extraction)
    return await _Gathering(extraction, article, answer, ask, extract).run()


class _Gathering:
    """The pages of one article so far."""

    def __init__(
        self,
        extraction: Extraction,
        article: Article,
        answer: Exchange,
        ask: Ask,
        extract: Extract,
    ) -> None:
        self._extraction = extraction
        self._first = article
        self._ask = ask
        self._extract = extract
        self._pages = [article]
        self._urls = [answer.url]
        self._captures: list[tuple[int, Extraction]] = []
        self._asked = {_key(answer.url)}
        self._again = False

    async def run(self) -> Gathered:
        """Prefer the page that has all; else follow the numbers."""
        paging = self._extraction.paging
        if paging is None:
            return Gathered(extraction=self._extraction)
        if paging.single is not None and (whole := await self._whole(paging.single)):
            return whole
        lacking = await self._follow(dict(paging.following), paging.total or 0)
        joined = join_parts(self._first, self._pages[1:], self._urls)
        if lacking:
            marks = dict.fromkeys((*joined.marks, f"{PARTIAL}{lacking}"))
            joined = replace(joined, marks=tuple(marks))
        return self._gathered(joined, lacking)

    async def _whole(self, url: str) -> Gathered | None:
        """Return the article as the page that has all of it says; None without one."""
        read = await self._read(url)
        if isinstance(read, str):
            return None
        extraction, answer = read
        article = extraction.article
        if article is None or not holds_all(article, self._first):
            return None
        self._urls.append(answer.url)
        whole = join_parts(
            replace(
                self._first,
                blocks=article.blocks,
                entries=article.entries,
                captions=article.captions,
                removed=article.removed,
                dateline=article.dateline,
            ),
            (),
            self._urls,
        )
        return self._gathered(whole, "")

    async def _follow(self, known: dict[int, str], total: int) -> str:
        """Read page after page; return why one is missing, or nothing."""
        number = 1
        while number < MAX_PARTS:
            number += 1
            url = known.get(number)
            if url is None:
                last = max((*known, total))
                return "" if number > last else f"page {number} of {last} is not linked"
            if _key(url) in self._asked:
                return ""
            read = await self._read(url)
            if isinstance(read, str):
                return f"page {number}: {read}"
            extraction, answer = read
            article = extraction.article
            if _key(answer.url) in self._asked - {_key(url)} or article is None:
                return "" if article is not None else f"page {number}: no text"
            paging = extraction.paging
            belongs = is_same_story(self._first, article) or (
                paging is not None and paging.number == number
            )
            if not belongs or is_repeated(article, self._pages):
                return ""
            self._asked.add(_key(answer.url))
            self._pages.append(article)
            self._urls.append(answer.url)
            for later, place in paging.following if paging else ():
                known.setdefault(later, place)
        last = max((*known, total))
        return f"read up to page {number} of {last}" if last > number else ""

    async def _read(self, url: str) -> tuple[Extraction, Exchange] | str:
        """Return a page and its answer, or why there is none."""
        self._asked.add(_key(url))
        part = await self._ask(url)
        self._again = not part.lasting
        if part.answer is None:
            return part.why
        try:
            extraction = await self._extract(part.answer)
        except CrawlError as error:
            return str(error)
        if part.capture_id is not None:
            self._captures.append((part.capture_id, extraction))
        if not is_article(extraction.verdict):
            return str(extraction.verdict.kind)
        self._again = False
        return extraction, part.answer

    def _gathered(self, article: Article, lacking: str) -> Gathered:
        return Gathered(
            extraction=replace(self._extraction, article=article),
            captures=tuple(self._captures),
            lacking=lacking,
            again=bool(lacking) and self._again,
        )


def _key(url: str) -> str:
    try:
        return url_key(url)
    except BadUrl:
        return url
