"""Buttons that head what readers unfold: their words are a heading's, or a question's.

By the accordion of the ARIA Authoring Practices Guide a button stands in a heading
and says with `aria-expanded` whether its panel is open; others stand right before the
panel that they control. All other buttons are the page's own.
"""

from collections.abc import Sequence

from crawler.extract.layout.markup import (
    DROPPED,
    PANELS,
    VOID,
    end_of,
    read_attributes,
)

_UNSEEN = DROPPED - VOID
_BUTTON = "button"


def heads_panel(pieces: Sequence[str], at: int, end: int, *, in_heading: bool) -> bool:
    """Tell a button whose words head a part that it unfolds.

    Args:
        pieces: Of the page, see `markup.cut_up`.
        at: The place after the button's start.
        end: The place of its end.
        in_heading: Whether it stands in a heading.
    """
    head = pieces[at - 1].partition(">")[0]
    if "aria-expanded=" not in head and "aria-controls=" not in head:
        return False
    tag, _, rest = head.partition(" ")
    told = read_attributes(f" {rest}")
    if tag != _BUTTON and told.get("role") != _BUTTON:
        return False
    if in_heading:
        return "aria-expanded" in told
    return _is_panel(pieces[end + 1 : end + 2], told.get("aria-controls"))


def label_of(pieces: Sequence[str], at: int, end: int) -> str:
    """Return the words of a button, still escaped, without its icons."""
    words: list[str] = []
    place = at - 1
    while place < end:
        head, _, text = pieces[place].partition(">")
        tag = head.partition(" ")[0]
        is_icon = tag in _UNSEEN or 'aria-hidden="true"' in head
        if place >= at and is_icon and tag not in VOID:
            place = end_of(pieces, place + 1, tag)
            continue
        words.append(text)
        place += 1
    return "".join(words)


def _is_panel(following: Sequence[str], controlled: str | None) -> bool:
    """Tell a controlled part that ARIA calls a panel and names by its heading."""
    if not controlled or not following:
        return False
    rest = following[0].partition(">")[0].partition(" ")[2]
    told = read_attributes(f" {rest}")
    is_panel = told.get("role") in PANELS and "aria-labelledby" in told
    return is_panel and told.get("id") == controlled
