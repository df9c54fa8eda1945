"""How much a run of text weighs, and how much of it is prose."""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import compress
from operator import not_

from storage.model.article import BlockKind

_DENSE = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]"
)
_SENTENCE_END = re.compile(r"[.!?…。！？।؟۔։።][\"'”’»›“)\]）」』】]*\s*$")
_STOP = re.compile(
    r"[.!?;:,…。！？、，；：।؟،؛۔](?=\s|$|[\"'”’»)」』]|[\u3000-\u9fff])"
)
_NO_WORD = re.compile(r"\W+")
# For ASCII alone, several times faster: letters in lower case, and what is no word.
_LOWER = bytes(range(128)).lower().ljust(256)
_NO_ASCII_WORD = bytes(
    code for code in range(128) if not (chr(code).isalnum() or chr(code) == "_")
)
# The same for many texts at once, parted by what no page holds.
_PARTING = "\0"
_NO_ASCII_WORD_OR_PARTING = _NO_ASCII_WORD.replace(b"\0", b"")
_NO_WORD_OR_PARTING = re.compile(r"[^\w\0]+")
# The same few lines of a page are weighed and folded many times over; longer texts
# are seen once or twice and would fill the caches.
_MANY = 2048
_SHORT = 1000
LEAST_PROSE = 25
_SHARE_OF_KIND = {
    BlockKind.HEADING: 0.0,
    BlockKind.LIST_ITEM: 0.5,
    BlockKind.TABLE: 0.2,
    BlockKind.EMBED: 0.2,
}


def weight(text: str) -> int:
    """Return a text's length in letters of an alphabet.

    A character of a script written without spaces says about as much as three.
    """
    if text.isascii():
        return len(text)
    return _weigh(text) if len(text) < _SHORT else _weigh.__wrapped__(text)


def weigh_all(texts: Sequence[str]) -> list[int]:
    """Return what `weight` returns of each text; most pages have no dense script at all."""
    others = "".join([text for text in texts if not text.isascii()])
    if _DENSE.search(others) is None:
        return list(map(len, texts))
    return list(map(weight, texts))


@lru_cache(maxsize=_MANY)
def _weigh(text: str) -> int:
    return len(text) + 2 * len(_DENSE.findall(text))


def ends_sentence(text: str) -> bool:
    """Tell whether a text ends as a sentence does, closing quotes included."""
    if text[-1:].isalnum():
        return False
    return _SENTENCE_END.search(text[-12:]) is not None


def prose(kind: BlockKind, text: str, linked: int) -> float:
    """Return how much running prose a block holds, in letters.

    Short lines without a final mark, headings and mostly linked text hold none.
    """
    return prose_in(kind, text, linked, weight(text))


def prose_in(kind: BlockKind, text: str, linked: int, size: int) -> float:
    """Do as `prose` for a text of known weight."""
    if size < LEAST_PROSE or len(text) < 10:
        return 0.0
    density = linked / len(text)
    if density > 0.5:
        return 0.0
    share = 1.0
    if kind is not BlockKind.PARAGRAPH:
        share = _SHARE_OF_KIND.get(kind, 1.0)
        if not share:
            return 0.0
    ended = ends_sentence(text)
    if size < 80 and not ended:
        return 0.0
    if not ended and not _STOP.search(text) and size < 240:
        share *= 0.3
    return size * (1 - density) * share


def fold(text: str) -> str:
    """Return a text's letters and digits in lower case, for telling equal lines."""
    return _fold(text) if len(text) < _SHORT else _fold.__wrapped__(text)


@lru_cache(maxsize=_MANY)
def _fold(text: str) -> str:
    if text.isascii():
        return text.encode("ascii").translate(_LOWER, _NO_ASCII_WORD).decode("ascii")
    # Most of what is no word is space, which goes several times faster alone.
    return _NO_WORD.sub("", "".join(text.split())).casefold()


def fold_all(texts: Sequence[str]) -> list[str]:
    """Return what `fold` returns of each text, at a third of the cost."""
    if any(_PARTING in text for text in texts):  # in no markup, but in data of scripts
        return list(map(fold, texts))
    plain = [text.isascii() for text in texts]
    encoded = _PARTING.join(compress(texts, plain)).encode("ascii")
    encoded = encoded.translate(_LOWER, _NO_ASCII_WORD_OR_PARTING)
    spaced = _PARTING.join(compress(texts, map(not_, plain)))
    others = _NO_WORD_OR_PARTING.sub("", "".join(spaced.split())).casefold()
    folded = iter(encoded.decode("ascii").split(_PARTING))
    rest = iter(others.split(_PARTING))
    return [next(folded if is_plain else rest) for is_plain in plain]
