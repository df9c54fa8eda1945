from datetime import UTC, datetime

from crawler.extract.paging.join import (
    holds_all,
    is_repeated,
    is_same_story,
    join_parts,
)
from storage.model.article import Article, Block, BlockKind, Entry, Removed
from storage.model.moment import Moment, Precision

URLS = ("https://a.test/x", "https://a.test/x/2")
FIRST = "The towpath begins behind the mill, where nobody looks for it."
SECOND = "After the third lock it leaves the canal and climbs to the ridge."
NOTE = "This walk was first described in the almanac of the canal society."


def block(text: str, kind: BlockKind = BlockKind.PARAGRAPH) -> Block:
    return Block(kind=kind, text=text)


def article(
    *texts: str | Block, title: str = "The towpath", **fields: object
) -> Article:
    blocks = tuple(t if isinstance(t, Block) else block(t) for t in texts)
    return Article(url=URLS[0], title=title, blocks=blocks, **fields)  # type: ignore[arg-type]


def texts(*pages: Article) -> list[str]:
    joined = join_parts(pages[0], pages[1:], URLS)
    return [one.text for one in joined.blocks]


def test_texts_follow_each_other() -> None:
    assert texts(article(FIRST), article(SECOND)) == [FIRST, SECOND]


def test_the_headline_of_a_later_page_is_left_out() -> None:
    heading = block("The towpath", BlockKind.HEADING)

    assert texts(article(FIRST), article(heading, SECOND)) == [FIRST, SECOND]


def test_a_standfirst_on_every_page_stays_once() -> None:
    assert texts(article(NOTE, FIRST), article(NOTE, SECOND)) == [NOTE, FIRST, SECOND]


def test_a_last_line_of_every_page_stays_at_the_end() -> None:
    assert texts(article(FIRST, NOTE), article(SECOND, NOTE)) == [FIRST, SECOND, NOTE]


def test_a_line_repeated_within_a_page_stays() -> None:
    pages = (
        article(FIRST, NOTE, SECOND),
        article(SECOND[::-1], NOTE, "More of it came."),
    )

    assert texts(*pages).count(NOTE) == 2


def test_a_torn_paragraph_is_put_together() -> None:
    pages = article("It leaves the canal after the third"), article("lock and climbs.")

    assert texts(*pages) == ["It leaves the canal after the third lock and climbs."]


def test_a_paragraph_that_ended_is_not_joined() -> None:
    assert len(texts(article("It leaves the canal."), article("and climbs."))) == 2


def test_a_paragraph_is_not_joined_to_one_with_a_capital() -> None:
    assert len(texts(article("It leaves the canal"), article("Locks follow."))) == 2


def test_a_heading_is_not_joined_to_a_paragraph() -> None:
    heading = block("the way up", BlockKind.HEADING)

    assert len(texts(article("It leaves the canal"), article(heading, SECOND))) == 3


def test_scripts_without_capitals_are_not_joined() -> None:
    assert len(texts(article("三つ目の水門のあとで"), article("運河を離れる。"))) == 2


def test_fields_come_from_the_first_page_that_has_them() -> None:
    later = Moment(
        at=datetime(2026, 5, 1, tzinfo=UTC), precision=Precision.DAY, zone_stated=False
    )
    last = article(
        SECOND,
        authors=("Ada Quill",),
        modified=later,
        captions=("A lock.",),
        tags=("canals",),
        marks=("paywalled", 'cut_mid_word: paragraph 0, last token "an"'),
        removed=(Removed(text="Share", boilerplate="share", rule="x", index=4),),
    )

    joined = join_parts(article(FIRST, tags=("walks",)), [last], URLS)

    assert joined.authors == ("Ada Quill",)
    assert joined.modified == later
    assert joined.captions == ("A lock.",)
    assert joined.tags == ("walks", "canals")
    assert joined.marks == ("paywalled", "multi_page")
    assert [line.text for line in joined.removed] == ["Share"]
    assert joined.parts == URLS
    assert joined.provenance["parts"].winner.raw == "\n".join(URLS)


def test_entries_keep_their_blocks() -> None:
    first = article(FIRST, NOTE, entries=(Entry(start=0, end=2),))
    second = article(
        NOTE, SECOND, entries=(Entry(start=0, end=1), Entry(start=1, end=2))
    )

    joined = join_parts(first, [second], URLS)

    assert [b.text for b in joined.blocks] == [FIRST, NOTE, SECOND]
    assert joined.entries == (Entry(start=0, end=2), Entry(start=2, end=3))


def test_a_page_without_text_of_its_own_is_repeated() -> None:
    assert is_repeated(article(FIRST), [article(FIRST, SECOND)])
    assert not is_repeated(article(FIRST, SECOND), [article(FIRST)])


def test_the_headline_or_canonical_url_tells_the_same_story() -> None:
    first = article(FIRST)

    assert is_same_story(first, article(SECOND, title="The towpath - page 2"))
    assert is_same_story(first, article(SECOND, title=""))
    assert is_same_story(first, article(SECOND, title="On the ridge"))  # one URL
    other = Article(url=URLS[1], title="On the ridge", blocks=(block(SECOND),))
    assert not is_same_story(first, other)


def test_the_whole_has_the_first_page_and_more() -> None:
    first = article(FIRST, NOTE)

    assert holds_all(article(FIRST, NOTE, SECOND), first)
    assert not holds_all(article(FIRST, NOTE), first)
    assert not holds_all(article(SECOND, SECOND[::-1]), first)
