"""What scripts of a visit's pages were answered, for those of its next pages.

A site's pages ask for the same scripts, each time a turn of its host. As a browser does, a
visit asks once for what may be stored and is still fresh (RFC 9111, sections 3 and 4).
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from crawler.timing.when import reusable_for
from storage.model.exchange import Exchange

#: Bytes that answers of one visit may take, as they came and decoded.
MOST = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Kept:
    answer: Exchange
    fresh_until: datetime

    @property
    def size(self) -> int:
        return len(self.answer.response) + len(self.answer.body)


@dataclass(slots=True)
class Shelf:
    """Answers of one visit that may be used again; the oldest make room.

    Attributes:
        most: Bytes of all of them.
    """

    most: int = MOST
    _kept: dict[Hashable, _Kept] = field(default_factory=dict)

    def find(self, asked: Hashable, now: datetime) -> Exchange | None:
        """Return what answered the same before, if it is fresh.

        Args:
            asked: Who asked for what: all that an answer may depend on.
            now: Current time, UTC.
        """
        kept = self._kept.get(asked)
        return kept.answer if kept is not None and now < kept.fresh_until else None

    def put(self, asked: Hashable, hops: Sequence[Exchange]) -> None:
        """Keep an answer, if it may be used again: a whole 200, led to by no other."""
        answer = hops[-1]
        is_plain = len(hops) == 1 and answer.status == 200 and not answer.lacks
        fresh = reusable_for(answer)
        kept = _Kept(answer, answer.started_at + answer.elapsed + fresh)
        self._kept.pop(asked, None)
        if not is_plain or not fresh or kept.size > self.most:
            return
        while self._size() + kept.size > self.most:
            self._kept.pop(next(iter(self._kept)))
        self._kept[asked] = kept

    def _size(self) -> int:
        return sum(one.size for one in self._kept.values())
