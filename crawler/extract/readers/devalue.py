"""Values in one flat list that refer to each other by their places, as Nuxt sends its state.

`[{"title":1,"tags":2},"Harbour opens",[3],"sea"]` is one object with a title and a list
(the library devalue writes it). A pair of a name and a place is a wrapper of what is there.
"""

from collections.abc import Sequence

_MAX_VALUES = 50_000
_DEEPEST = 40


def revived(flat: Sequence[object]) -> object:
    """Return the value that a flat list stands for; what refers to itself ends there."""
    return _Reviver(flat).value(0, _DEEPEST)


class _Reviver:
    def __init__(self, flat: Sequence[object]) -> None:
        self._flat = flat
        self._left = _MAX_VALUES

    def value(self, place: object, depth: int) -> object:
        """Return what stands at a place, with all that it refers to."""
        if not isinstance(place, int) or not 0 <= place < len(self._flat):
            return None
        self._left -= 1
        if depth <= 0 or self._left < 0:
            return None
        held = self._flat[place]
        if isinstance(held, dict):
            return {key: self.value(at, depth - 1) for key, at in held.items()}
        if isinstance(held, list):
            if len(held) == 2 and isinstance(held[0], str):
                return self.value(held[1], depth - 1)
            return [self.value(at, depth - 1) for at in held]
        return held
