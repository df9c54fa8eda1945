"""Pages of an article, gathered from wherever they are. No network."""

from datetime import UTC, datetime, timedelta

import pytest

from crawler.errors import ExtractFailed
from crawler.reading.parts import MAX_PARTS, Gathered, Part, gather
from storage.model.article import Article, Block, BlockKind
from storage.model.exchange import Exchange
from storage.model.extraction import Extraction, Paging
from storage.model.verdict import Verdict, VerdictKind

pytestmark = pytest.mark.anyio

FIRST = "https://paper.test/towpath"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def place(number: int) -> str:
    return FIRST if number == 1 else f"{FIRST}/{number}"


def exchange(url: str) -> Exchange:
    return Exchange(
        url=url,
        started_at=datetime(2026, 5, 1, tzinfo=UTC),
        elapsed=timedelta(0),
        request=b"",
        response=b"",
        status=200,
        headers=(),
        body=b"",
    )


def told(number: int) -> str:
    return f"On day {number} the walkers came past {number * 7} locks and a mill."


def page(
    number: int,
    *texts: str,
    title: str = "The towpath",
    kind: VerdictKind = VerdictKind.ARTICLE,
    paging: Paging | None = None,
) -> Extraction:
    blocks = tuple(
        Block(kind=BlockKind.PARAGRAPH, text=text) for text in texts or (told(number),)
    )
    return Extraction(
        verdict=Verdict(kind=kind, evidence=()),
        extractor="test",
        article=Article(url=place(number), title=title, blocks=blocks),
        paging=paging,
    )


def follow(
    *numbers: int, total: int | None = None, single: str | None = None
) -> Paging:
    following = tuple((n, place(n)) for n in numbers)
    return Paging(following=following, total=total, single=single)


class Shelf:
    """Pages by URL, asked for one by one."""

    def __init__(self, pages: dict[str, Extraction | Part]) -> None:
        self.pages = pages
        self.asked: list[str] = []

    async def ask(self, url: str) -> Part:
        self.asked.append(url)
        found = self.pages.get(url, Part(why="HTTP 404"))
        if isinstance(found, Part):
            return found
        return Part(answer=exchange(url), capture_id=len(self.asked))

    async def extract(self, answer: Exchange) -> Extraction:
        found = self.pages[answer.url]
        if not isinstance(found, Extraction):
            raise ExtractFailed("the child died")
        return found

    async def gather(self, first: Extraction) -> Gathered:
        return await gather(first, exchange(FIRST), self.ask, self.extract)


def text_of(gathered: Gathered) -> list[str]:
    assert gathered.extraction.article is not None
    return [block.text for block in gathered.extraction.article.blocks]


async def test_a_single_page_is_what_it_was() -> None:
    first = page(1)

    gathered = await Shelf({}).gather(first)

    assert gathered == Gathered(extraction=first)


async def test_what_is_no_article_is_not_followed() -> None:
    shelf = Shelf({place(2): page(2)})

    await shelf.gather(page(1, kind=VerdictKind.HUB, paging=follow(2)))

    assert shelf.asked == []


async def test_each_page_names_the_next() -> None:
    shelf = Shelf({place(2): page(2, paging=follow(3)), place(3): page(3)})

    gathered = await shelf.gather(page(1, paging=follow(2)))

    assert text_of(gathered) == [told(1), told(2), told(3)]
    assert [capture for capture, _ in gathered.captures] == [1, 2]
    assert (gathered.lacking, gathered.again) == ("", False)


async def test_a_gap_that_no_page_fills_is_named() -> None:
    shelf = Shelf({place(2): page(2)})

    gathered = await shelf.gather(page(1, paging=follow(2, 9)))

    assert gathered.lacking == "page 3 of 9 is not linked"
    assert not gathered.again


async def test_fewer_pages_than_stated_are_named() -> None:
    shelf = Shelf({place(2): page(2)})

    gathered = await shelf.gather(page(1, paging=follow(2, total=3)))

    assert gathered.lacking == "page 3 of 3 is not linked"


async def test_a_page_that_kills_its_reader_is_named_and_asked_for_again() -> None:
    dying = Part(answer=exchange(place(2)))

    gathered = await Shelf({place(2): dying}).gather(page(1, paging=follow(2)))

    assert gathered.lacking == "page 2: the child died"
    assert gathered.again


async def test_a_wall_instead_of_a_page_is_named() -> None:
    shelf = Shelf({place(2): page(2, kind=VerdictKind.BOT_WALL)})

    gathered = await shelf.gather(page(1, paging=follow(2)))

    assert gathered.lacking == "page 2: bot_wall"


async def test_a_refusal_that_lasts_is_not_asked_for_again() -> None:
    refused = Part(why="Disallow: /", lasting=True)

    gathered = await Shelf({place(2): refused}).gather(page(1, paging=follow(2)))

    assert (gathered.lacking, gathered.again) == ("page 2: Disallow: /", False)


async def test_another_story_is_no_page_of_this_one() -> None:
    shelf = Shelf({place(2): page(2, title="Onions by the sea")})

    gathered = await shelf.gather(page(1, paging=follow(2)))

    assert text_of(gathered) == [told(1)]
    assert gathered.lacking == ""


async def test_a_page_with_a_headline_of_its_own_may_say_that_it_belongs() -> None:
    paging = Paging(number=2, first=FIRST)
    shelf = Shelf({place(2): page(2, title="Over the ridge", paging=paging)})

    gathered = await shelf.gather(page(1, paging=follow(2)))

    assert text_of(gathered) == [told(1), told(2)]


async def test_two_numbers_of_one_page_end_it() -> None:
    paging = Paging(following=((2, place(2)), (3, f"{place(2)}#top")))

    shelf = Shelf({place(2): page(2)})
    gathered = await shelf.gather(page(1, paging=paging))

    assert shelf.asked == [place(2)]
    assert text_of(gathered) == [told(1), told(2)]


async def test_there_is_an_end_of_pages() -> None:
    numbers = range(2, MAX_PARTS + 6)
    shelf = Shelf({place(n): page(n) for n in numbers})

    gathered = await shelf.gather(page(1, paging=follow(*numbers)))

    assert len(shelf.asked) == MAX_PARTS - 1
    assert gathered.lacking == "read up to page 20 of 25"


async def test_the_page_with_all_of_it_is_preferred() -> None:
    whole = f"{FIRST}?page=all"
    shelf = Shelf({whole: page(1, told(1), told(2), told(3))})

    gathered = await shelf.gather(page(1, paging=follow(2, 3, single=whole)))

    assert text_of(gathered) == [told(1), told(2), told(3)]
    assert shelf.asked == [whole]
    assert gathered.extraction.article is not None
    assert gathered.extraction.article.parts == (FIRST, whole)


@pytest.mark.parametrize(
    "other",
    [
        Part(why="HTTP 404"),
        page(1, "Subscribe to read all of it on one page, it says here."),
        page(1, kind=VerdictKind.CONSENT),
    ],
    ids=["missing", "something else", "a consent wall"],
)
async def test_numbers_are_followed_where_it_is_not(other: Extraction | Part) -> None:
    whole = f"{FIRST}?page=all"
    shelf = Shelf({whole: other, place(2): page(2)})

    gathered = await shelf.gather(page(1, paging=follow(2, single=whole)))

    assert text_of(gathered) == [told(1), told(2)]
    assert gathered.lacking == ""
