"""Other witnesses of the text, for pages whose own shape says too little."""

from collections.abc import Sequence

from crawler.extract.measure import prose, weight
from crawler.extract.page import Page
from crawler.extract.readers.floor import second_opinion
from storage.model.article import BlockKind

_TIMES = 2.0
_WORTH = 400
_CUT = ("…", "...", "[…]", "[...]")


def better_lines(
    page: Page, own: Sequence[str], stated: Sequence[str], *, unsure: bool
) -> tuple[list[str], str]:
    """Return a fuller text than the page's own blocks give, with its origin.

    Args:
        page: The page.
        own: The texts of the blocks that were chosen.
        stated: `articleBody` texts of structured data; a quarter are cut short.
        unsure: Whether the choice of the body is so doubtful that the slow
            second opinion is worth its time.

    Returns:
        No lines where the page's own blocks are the best there is.
    """
    mine = sum(weight(line) for line in own)
    for body in stated:
        lines = _paragraphs(body)
        size = sum(weight(line) for line in lines)
        if size > _WORTH and size > _TIMES * mine and not body.rstrip().endswith(_CUT):
            return lines, "json-ld:articleBody"
    if not unsure:
        return [], ""
    lines = second_opinion(page)
    theirs = sum(prose(BlockKind.PARAGRAPH, line, 0) for line in lines)
    if theirs > _TIMES * sum(prose(BlockKind.PARAGRAPH, line, 0) for line in own):
        return lines, "trafilatura"
    return [], ""


def _paragraphs(body: str) -> list[str]:
    lines = (" ".join(line.split()) for line in body.splitlines())
    return [line for line in lines if line]
