"""Near-duplicates: which texts are copies of each other, told from a few numbers of each.

A text is the set of its shingles, three tokens in a row (storage.search.tokens: so scripts without
blanks are compared by their characters). MinHash keeps the least value of each of 64 random
orders of them; two sets agree on a share of these that estimates their Jaccard similarity
(Broder, "On the resemblance and containment of documents", 1997). Texts that share one of
ten bands of three are compared; those that agree on half are copies. Pure.
"""

import hashlib
import struct
from functools import lru_cache
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

from storage.search.tokens import tokens_apart

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Changes with anything that makes other numbers of the same text.
ALGORITHM = 1
PERMUTATIONS = 64
#: Bands are what an archive of a million articles keeps dearly, each in another place of an
#: index: ten of three values find as many copies as sixteen of four.
BANDS, ROWS = 10, 3
SHINGLE = 3
#: Shorter texts are alike by chance and by template.
LEAST_SHINGLES = 40
#: Of this estimated similarity on texts are copies.
ALIKE = 0.5
#: Tokens of a text that are looked at.
MOST_TOKENS = 20_000


def _orders() -> "tuple[NDArray[np.uint64], NDArray[np.uint64]]":
    """Return the multipliers and summands of the orders; the same for ever."""
    drawn = b"".join(
        hashlib.blake2b(f"kliping minhash {ALGORITHM} {n}".encode()).digest()[:16]
        for n in range(PERMUTATIONS)
    )
    numbers = np.frombuffer(drawn, dtype="<u8").reshape(PERMUTATIONS, 2)
    return numbers[:, :1] | np.uint64(1), numbers[:, 1:]


_FACTORS, _SUMMANDS = _orders()


@lru_cache(maxsize=256)
def fingerprint(text: str) -> bytes | None:
    """Return a text's 64 MinHash values, 4 bytes each, little-endian; None if it is short.

    About a millisecond for an article; kept for those that were asked for last, so
    whoever has time may ask before somebody who has none.
    """
    words = tokens_apart(text)[:MOST_TOKENS]
    runs = (words[n:] for n in range(SHINGLE))
    shingles = set(map(" ".join, zip(*runs, strict=False)))
    if len(shingles) < LEAST_SHINGLES:
        return None
    values = np.fromiter(
        map(crc32, map(str.encode, shingles)), dtype=np.uint64, count=len(shingles)
    )
    # Multiply-shift hashing (Dietzfelbinger and others, 1997): the high half counts.
    ordered = (_FACTORS * values + _SUMMANDS) >> np.uint64(32)
    return bytes(ordered.min(axis=1).astype("<u4").tobytes())


def bands(signature: bytes) -> tuple[int, ...]:
    """Return a hash of each band, signed 64 bits, that texts alike have in common."""
    size = 4 * ROWS
    return tuple(
        struct.unpack(
            "<q",
            hashlib.blake2b(
                signature[n * size : (n + 1) * size], digest_size=8, salt=bytes([n])
            ).digest(),
        )[0]
        for n in range(BANDS)
    )


def similarity(one: bytes, other: bytes) -> float:
    """Return the estimated Jaccard similarity of two texts, 0 to 1, within .06 mostly."""
    mine, theirs = np.frombuffer(one, "<u4"), np.frombuffer(other, "<u4")
    return float(np.mean(mine == theirs))


def is_copy(one: bytes, other: bytes) -> bool:
    """Tell whether two texts are copies of each other."""
    return similarity(one, other) >= ALIKE
