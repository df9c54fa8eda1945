"""Which of many strings a long text holds, looked for all at once.

Python's `in` walks the text once for each string. Here every four bytes of the text,
two bytes on from the last, make one number of 16 bits, by vectors, and only places
with the number of four bytes of a string are looked at: of its rarest four at an even
place, and at an odd one.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

_FACTORS = np.uint16(40503), np.uint16(25717)  # odd, so that no bit is lost
_WINDOW = 65_536
# What names on pages are written with, by how often; all else is rarer still.
_OFTEN = b'etaisonrlcdpm/h"-u=.g:bf_wvykx'
_RARE = len(_OFTEN) + 1


class Needles:
    """Strings to be looked for, each of five bytes of UTF-8 or more.

    So each has four at an even place, and four at an odd one.
    """

    def __init__(self, needles: Iterable[str]) -> None:
        """Take the strings."""
        self._starts = np.zeros(65_536, dtype=bool)
        self._by_number: dict[int, list[tuple[int, bytes, str]]] = {}
        for needle in dict.fromkeys(needles):
            encoded = needle.encode("utf-8", "surrogatepass")
            for skipped in (_rarest(encoded, 0), _rarest(encoded, 1)):
                number = int(_numbers(encoded[skipped : skipped + 4])[0])
                self._starts[number] = True
                one = (skipped, encoded, needle)
                self._by_number.setdefault(number, []).append(one)

    def first_places(self, encoded: bytes) -> dict[str, int]:
        """Return where each string that a text holds stands first, in bytes of UTF-8.

        Args:
            encoded: The text in UTF-8.
        """
        found: dict[str, int] = {}
        wanted = self._by_number.copy()
        for start in range(0, len(encoded) - 3, _WINDOW):
            numbers = _numbers(encoded[start : start + _WINDOW + 2])
            places = np.flatnonzero(self._starts.take(numbers, mode="wrap"))
            for at, number in zip(
                places.tolist(), numbers[places].tolist(), strict=True
            ):
                for one in wanted.get(number, ()):
                    skipped, needle, name = one
                    place = start + 2 * at - skipped
                    if place >= 0 and encoded.startswith(needle, place):
                        found.setdefault(name, place)
                        wanted[number] = [w for w in wanted[number] if w is not one]
        return found


def _numbers(encoded: bytes) -> NDArray[np.uint16]:
    """Return a number of 16 bits for the four bytes at each even place."""
    pairs = np.frombuffer(encoded, dtype=np.uint16, count=len(encoded) // 2)
    return pairs[:-1] * _FACTORS[0] + pairs[1:] * _FACTORS[1]


def _rarest(encoded: bytes, parity: int) -> int:
    """Return where the four bytes of a string begin that a page has least often.

    Args:
        encoded: The string.
        parity: Of the places that count.
    """
    ranks = [_OFTEN.find(byte) % _RARE for byte in encoded]
    return max(
        range(parity, len(encoded) - 3, 2), key=lambda at: sum(ranks[at : at + 4])
    )
