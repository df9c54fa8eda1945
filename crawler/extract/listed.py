"""Whether a page shows the headline that the list which named it gives. Pure.

A story does, somewhere; a wall, a login or a notice in its place does not, in
whatever language. The list's headline alone says nothing of the page.
"""

import re
from collections.abc import Iterable

from crawler.extract.layout.blocks import Layout
from crawler.extract.measure import fold, weight
from storage.model.article import BlockKind

#: Shorter headlines have too few pieces, those of one word are many pages' heading.
_LEAST, _LEAST_WHOLE = 20, 10
#: Letters of a piece, and of one where a letter is a syllable or a word.
_PIECE, _SHORT_PIECE = 4, 2
_LINKED = 0.8
_LETTER = re.compile(r"[^\W\d_]")
_SYLLABLE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")


def shown_share(headline: str | None, texts: Iterable[str]) -> float | None:
    """Return the share of a headline's pieces that some texts have, 0 to 1.

    Pieces of words, since many languages inflect them: of the wrong page about a
    twentieth is found by chance, of the right one nearly always the whole.

    Args:
        headline: As a list gives it.
        texts: What the page itself says: its titles and its text.

    Returns:
        None where the list gives none, or one too short to tell.
    """
    wanted = fold(headline or "")
    if not _tells(wanted, _LEAST):
        return None
    is_short = len(_SYLLABLE.findall(wanted)) > len(wanted) / 2
    length = _SHORT_PIECE if is_short else _PIECE
    pieces = {wanted[i : i + length] for i in range(len(wanted) - length + 1)}
    shown = "\n".join(map(fold, texts))
    return sum(piece in shown for piece in pieces) / len(pieces)


def is_headed(headline: str | None, layout: Layout) -> bool:
    """Tell whether a heading of the page, no link to another one, is a list's headline.

    The list may add a section or a site's name to it.
    """
    wanted = fold(headline or "")
    return any(
        block.kind is BlockKind.HEADING
        and block.link_density < _LINKED
        and folded in wanted
        and 2 * len(folded) >= len(wanted)
        and _tells(folded, _LEAST_WHOLE)
        for block, folded in zip(layout.blocks, layout.folded, strict=True)
    )


def _tells(folded: str, least: int) -> bool:
    """Tell whether a headline is long enough, and of letters rather than numbers."""
    letters = len(_LETTER.findall(folded))
    return weight(folded) >= least and letters > len(folded) / 2
