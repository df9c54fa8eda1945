"""How many copies of stories are found, how many others are taken for them, at what cost.

Stories of words as frequent as in a language, in scripts with and without blanks, and
copies of them: words replaced, the end cut off, another lead put before. Ours: found by a
shared band, then by the estimate. The baseline knows the exact Jaccard similarity of the
shingles of every pair. Time is that of finding the copies of one story among all.
"""

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np

from storage.neardup import ALIKE, SHINGLE, bands, fingerprint, is_copy
from storage.search.tokens import tokens

RECALL_LEAST = {"5 %": 0.95, "cut to 2/3": 0.8, "own lead": 0.8}
PRECISION_LEAST = 0.99

Words = list[str]
_SCRIPTS: dict[str, tuple[Callable[[int], str], str]] = {
    "latin": (lambda n: f"{'bdgklmnprst'[n % 11]}a{n:x}", " "),
    "arabic": (lambda n: "".join(chr(0x628 + int(c)) for c in f"{n:06d}"), " "),
    "devanagari": (lambda n: "".join(chr(0x915 + int(c)) for c in f"{n:06d}"), " "),
    "han": (lambda n: chr(0x4E00 + n % 6000) + chr(0x4E00 + n * 7 % 6000), ""),
    "thai": (lambda n: "".join(chr(0xE01 + int(c) * 3) for c in f"{n:05d}"), ""),
}


class Newsroom:
    """Writes stories of one script, and copies of them."""

    def __init__(self, script: str, seed: int) -> None:
        """Take a script, and the seed of all that is random."""
        self._word, self.between = _SCRIPTS[script]
        self._dice = np.random.default_rng(seed)

    def words(self, count: int) -> Words:
        """Return words as frequent as those of a language."""
        drawn = self._dice.zipf(1.15, size=count) % 50_000
        return [self._word(int(n)) for n in drawn]

    def lengths(self, count: int) -> list[int]:
        """Return how many words stories have."""
        return [int(n) for n in self._dice.integers(150, 600, count)]

    def copies(self, story: Words) -> dict[str, Words]:
        """Return copies of a story, by what was done to them."""
        return {
            "5 %": self._edited(story, 0.05),
            "10 %": self._edited(story, 0.10),
            "20 %": self._edited(story, 0.20),
            "cut to 2/3": story[: len(story) * 2 // 3],
            "own lead": self.words(len(story) // 6) + story[len(story) // 8 :],
        }

    def _edited(self, story: Words, share: float) -> Words:
        changed = self._dice.random(len(story)) < share
        others = self.words(len(story))
        return [b if c else a for a, b, c in zip(story, others, changed, strict=True)]


def measure(script: str, count: int, seed: int) -> dict[str, float]:
    """Return recall by kind of copy, precision, and milliseconds of both."""
    room = Newsroom(script, seed)
    stories = [room.words(n) for n in room.lengths(count)]
    texts = [room.between.join(story) for story in stories]
    known = [fingerprint(text) or b"" for text in texts]
    index: dict[int, list[int]] = defaultdict(list)
    for n, signature in enumerate(known):
        for band in bands(signature):
            index[band].append(n)
    exact = [_shingles(text) for text in texts]
    found: dict[str, list[bool]] = defaultdict(list)
    wrong = right = 0
    ours = theirs = 0.0
    for n, story in enumerate(stories):
        for kind, copy in room.copies(story).items():
            text = room.between.join(copy)
            begun = time.process_time()
            signature = fingerprint(text) or b""
            near = {m for band in bands(signature) for m in index[band]}
            told = {m for m in near if is_copy(known[m], signature)}
            ours += time.process_time() - begun
            begun = time.process_time()
            mine = _shingles(text)
            _ = [m for m, one in enumerate(exact) if _jaccard(mine, one) >= ALIKE]
            theirs += time.process_time() - begun
            found[kind].append(n in told)
            right += n in told
            wrong += len(told - {n})
    looked = sum(map(len, found.values()))
    return {
        **{kind: round(sum(hits) / len(hits), 3) for kind, hits in found.items()},
        "precision": round(right / max(right + wrong, 1), 4),
        "ms": round(ours / looked * 1000, 3),
        "exact_ms": round(theirs / looked * 1000, 3),
        "of_exact": round(ours / theirs, 4),
    }


def _shingles(text: str) -> set[str]:
    words = tokens(text)
    return {" ".join(words[n : n + SHINGLE]) for n in range(len(words) - SHINGLE + 1)}


def _jaccard(one: set[str], other: set[str]) -> float:
    common = len(one & other)
    return common / (len(one) + len(other) - common)


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="neardup", description=__doc__)
    parser.add_argument("--stories", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(argv)
    table = {script: measure(script, args.stories, args.seed) for script in _SCRIPTS}
    for script, figures in table.items():
        print(f"{script:11}", "  ".join(f"{k} {v}" for k, v in figures.items()))
    broken = [
        f"{script}: {kind}"
        for script, figures in table.items()
        for kind, least in (*RECALL_LEAST.items(), ("precision", PRECISION_LEAST))
        if figures[kind] < least
    ]
    print(json.dumps({"benchmark": "neardup", "scripts": table, "broken": broken}))
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
