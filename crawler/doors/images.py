"""Which image an `img` stands for, where scripts would have put it in later; pure."""

import re
from collections.abc import Iterator, Mapping
from itertools import islice

#: Where pages keep the address until the image is scrolled to.
_LAZY = ("data-src", "data-lazy-src", "data-original", "data-lazy", "data-url")
_SETS = ("srcset", "data-srcset", "data-lazy-srcset")
#: Of several widths the widest that a reading column needs is taken.
_WIDE_ENOUGH = 1_600
_CANDIDATE = re.compile(
    r"(data:\S+|[^\s,]\S*?)(?:,(?=\s|$)|\s+([\d.]+[wxh])\s*,?|\s|$)"
)
_MOST_CANDIDATES = 50
_INLINE = re.compile(r"data:", re.IGNORECASE)


def is_inline(address: str) -> bool:
    """Tell an address that is its own content, as placeholders are."""
    return _INLINE.match(address.lstrip()) is not None


def image_of(attributes: Mapping[str, str | None]) -> str | None:
    """Return the address of an `img`, as written; None where it has none.

    That is `src`; where this is missing or inline, what a script would have put there;
    then the widest of its sets up to 1,600 pixels; then the inline one.
    """
    stated = (attributes.get("src") or "").strip()
    if stated and not is_inline(stated):
        return stated
    for name in _LAZY:
        later = (attributes.get(name) or "").strip()
        if later and not is_inline(later):
            return later
    for name in _SETS:
        if widest := _widest(attributes.get(name) or ""):
            return widest
    return stated or None


def candidates(srcset: str) -> Iterator[tuple[str, str]]:
    """Yield the addresses of a `srcset` with their descriptors, as written."""
    for found in islice(_CANDIDATE.finditer(srcset), _MOST_CANDIDATES):
        yield found[1], found[2] or ""


def _widest(srcset: str) -> str | None:
    sized = [
        (size, address)
        for address, said in candidates(srcset)
        if not is_inline(address) and (size := _pixels(said)) <= _WIDE_ENOUGH
    ]
    return max(sized, default=(0, None))[1]


def _pixels(descriptor: str) -> float:
    """Return a width in pixels; a density counts as so many hundreds."""
    try:
        size = float(descriptor[:-1])
    except ValueError:
        return 100
    return size * 100 if descriptor.endswith("x") else size
