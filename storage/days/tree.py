"""A Merkle tree over what is added one by one, as in RFC 6962, section 2.1; pure.

Leaves and nodes have prefixes of their own, so that no node can be passed off as a
leaf. Time is linear in the leaves, memory grows with their logarithm.
"""

from hashlib import sha256

_LEAF, _NODE = b"\x00", b"\x01"


class Tree:
    """The tree so far; `count` says how many leaves it has."""

    def __init__(self) -> None:
        """Begin without leaves."""
        self.count = 0
        self._peaks: list[tuple[int, bytes]] = []  # whole subtrees, larger ones first

    def add(self, leaf: bytes) -> None:
        """Add the next leaf."""
        self.count += 1
        size, peak = 1, sha256(_LEAF + leaf).digest()
        while self._peaks and self._peaks[-1][0] == size:
            _, left = self._peaks.pop()
            size, peak = size * 2, sha256(_NODE + left + peak).digest()
        self._peaks.append((size, peak))

    def head(self) -> bytes:
        """Return the tree's hash; of no leaves, that of nothing."""
        if not self._peaks:
            return sha256(b"").digest()
        head = self._peaks[-1][1]
        for _, left in reversed(self._peaks[:-1]):
            head = sha256(_NODE + left + head).digest()
        return head
