"""How often something may be asked: token buckets, a bounded number of them."""

from collections import OrderedDict
from dataclasses import dataclass, field

_MOST_BUCKETS = 20_000


@dataclass
class Bucket:
    """A token bucket: so many a second, so many at once."""

    rate: float
    most: float
    at: float = 0.0
    left: float = field(init=False)

    def __post_init__(self) -> None:
        self.left = self.most

    def fill(self, now: float) -> float:
        """Return what is in it at a time in seconds."""
        self.left = min(self.left + (now - self.at) * self.rate, self.most)
        self.at = now
        return self.left

    def take(self, now: float) -> bool:
        """Take a token, if there is one at a time in seconds."""
        if self.fill(now) < 1:
            return False
        self.left -= 1
        return True

    def wait(self) -> float:
        """Return in how many seconds there is a token again, if none is taken."""
        return max(0.0, (1 - self.left) / self.rate)


@dataclass
class Buckets:
    """A bucket for each name; the longest unused is forgotten beyond a bound."""

    rate: float
    most: float
    _held: OrderedDict[str, Bucket] = field(default_factory=OrderedDict)

    def of(self, name: str) -> Bucket:
        """Return the bucket of a name; a full one if it has none yet."""
        bucket = self._held.setdefault(name, Bucket(self.rate, self.most))
        self._held.move_to_end(name)
        while len(self._held) > _MOST_BUCKETS:
            self._held.popitem(last=False)
        return bucket
