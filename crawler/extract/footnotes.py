"""Notes at the foot of a story: its marks lead to them, and theirs lead back.

Each link is a mark or two long and stays on the page. No other part has both: a table
of contents leads to headings, and "back to top" answers no mark.
"""

from collections.abc import Sequence
from itertools import islice

from crawler.extract.chrome import NO_STORY
from crawler.extract.layout.blocks import Layout, TextBlock
from storage.model.article import BlockKind

# Characters of "[12]", "↩", "^1".
_MARK = 4
_MOST = 500
# A mark may stand in an element of its own, beside that of its note.
_AROUND = 2
_LISTS = frozenset(("ol", "ul"))


def footnotes(layout: Layout, chosen: Sequence[int]) -> list[int]:
    """Return the blocks of notes that the story's marks lead to.

    Args:
        layout: The page.
        chosen: Indexes of the story's blocks, in order.
    """
    if not any(_has_mark(layout.blocks[i]) for i in chosen):
        return []
    known = set(chosen)
    found: set[int] = set()
    for index in _marked(layout, chosen):
        if index not in found:
            note = _note_at(layout, index)
            found.update(note if chosen[0] not in note else ())
    return sorted(found - known)


def _marked(layout: Layout, chosen: Sequence[int]) -> list[int]:
    """Return the blocks behind the story's first that have a mark and are none of its own."""
    known = set(chosen)
    found = (
        index
        for index in range(chosen[0] + 1, len(layout.blocks))
        if index not in known
        and _has_mark(layout.blocks[index])
        and layout.chrome[layout.blocks[index].container] not in NO_STORY
    )
    return list(islice(found, _MOST))


def _has_mark(block: TextBlock) -> bool:
    """Tell a block whose first link stays on the page, and whose links are marks."""
    stays = block.target.startswith("#") and block.target != "#"
    return stays and 0 < block.linked <= _MARK * block.links


def _note_at(layout: Layout, index: int) -> list[int]:
    """Return the blocks of a note: of its list, or of the nearest part that says something."""
    for frame in _frames(layout, index):
        note = [i for i in _within(layout, frame, index) if _says(layout, i)]
        if note:
            return note
    return []


def _within(layout: Layout, frame: int, index: int) -> range:
    """Return the blocks of a container, given one of them: they stand together."""
    blocks = layout.blocks
    start, end = index, index + 1
    while start and layout.inside(blocks[start - 1].container, frame):
        start -= 1
    while end < len(blocks) and layout.inside(blocks[end].container, frame):
        end += 1
    return range(start, end)


def _frames(layout: Layout, index: int) -> list[int]:
    chain = layout.chain(layout.blocks[index].container)[: _AROUND + 1]
    lists = [at for at in chain if layout.containers[at].tag in _LISTS]
    return lists[:1] or chain[:_AROUND]


def _says(layout: Layout, index: int) -> bool:
    block = layout.blocks[index]
    is_item = block.kind is BlockKind.LIST_ITEM and len(block.text) > _MARK
    return is_item or layout.prose[index] > 0
