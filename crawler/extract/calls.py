"""Boxes in a story that ask for an address: named for a newsletter, with a form in them.

A name alone proves little, and the words of such a box read like a story's own:
"Every morning at seven we send you …". Nobody is asked for an address by a story.
"""

from crawler.extract.chrome import chrome_of
from crawler.extract.layout.blocks import Container, Layout

_KIND = "newsletter"
# A theme may name the whole of a page so, or the part of a story behind its wall.
_LONGEST = 500.0
_MOST = 0.25


def asking_boxes(layout: Layout) -> list[int]:
    """Return the containers that ask for an address, each within none of the others."""
    found: list[int] = []
    past = 0
    for index, container in enumerate(layout.containers):
        if index < past or layout.chrome[index] is None or not _is_named(container):
            continue
        if _is_box(layout, index):
            found.append(index)
            past = layout.ends[index]
    return found


def _is_named(container: Container) -> bool:
    if container.chrome == "sidebar":  # an `aside` says no more by its tag
        return chrome_of("div", container.names, "") == _KIND
    return container.chrome == _KIND


def _is_box(layout: Layout, index: int) -> bool:
    parts = layout.containers[index : layout.ends[index]]
    if not any(part.tag == "form" for part in parts):
        return False
    prose = sum(
        score
        for block, score in zip(layout.blocks, layout.prose, strict=True)
        if layout.inside(block.container, index)
    )
    return prose <= min(_LONGEST, _MOST * sum(layout.prose))
