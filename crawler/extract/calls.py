"""Boxes in a story that ask for an address: named for a newsletter, with a form in them.

A name alone proves little, and the words of such a box read like a story's own:
"Every morning at seven we send you …". Nobody is asked for an address by a story.
"""

from bisect import bisect_left

from crawler.extract.chrome import chrome_of
from crawler.extract.layout.blocks import Container, Layout, sum_up

_KIND = "newsletter"
# A theme may name the whole of a page so, or the part of a story behind its wall.
_LONGEST = 500.0
_MOST = 0.25


def asking_parts(layout: Layout) -> frozenset[int]:
    """Return the containers that ask for an address, with all within them."""
    named = [
        index
        for index, container in enumerate(layout.containers)
        if layout.chrome[index] is not None and _is_named(container)
    ]
    forms = [i for i, part in enumerate(layout.containers) if part.tag == "form"]
    if not named or not forms:
        return frozenset()
    prose = sum_up(layout.containers, layout.blocks, layout.prose)
    most = min(_LONGEST, _MOST * prose[0])
    found: set[int] = set()
    for index in named:
        end = layout.ends[index]
        has_form = bisect_left(forms, index) < bisect_left(forms, end)
        if index not in found and has_form and prose[index] <= most:
            found.update(range(index, end))
    return frozenset(found)


def _is_named(container: Container) -> bool:
    if container.chrome == "sidebar":  # an `aside` says no more by its tag
        return chrome_of("div", container.names, "") == _KIND
    return container.chrome == _KIND
