"""Two readings of one page differ in what a reader sees."""

from dataclasses import replace

import pytest

from crawler.reextract.differences import differences
from storage.model.article import Article, Block, BlockKind
from tests.storage.material import article

STORY = article("Fees rise", "The council voted on Monday.", authors=("Ani",))


@pytest.mark.parametrize(
    ("new", "found"),
    [
        (STORY, ()),
        (replace(STORY, counters={"views": 3}), ()),
        (replace(STORY, title="Fees", authors=()), ("title", "authors")),
        (article("Fees rise", "The council.", authors=("Ani",)), ("text",)),
        (
            replace(
                STORY,
                blocks=(Block(kind=BlockKind.QUOTE, text=STORY.blocks[0].text),),
            ),
            ("blocks",),
        ),
    ],
    ids=["equal", "counters", "title and authors", "text", "blocks alone"],
)
def test_the_fields_that_differ_are_named(new: Article, found: tuple[str, ...]) -> None:
    assert differences(STORY, new) == found
