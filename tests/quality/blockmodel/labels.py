"""Which blocks of an annotated page are its text, by the words they share with it.

The annotation is a text without places, so a block is found in it by its 4-grams;
a line too short for one must be a whole line of the text, or stand in it and
between blocks of it. A line that the page repeats is labelled where the story is.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Tokens = Callable[[str], list[str]]

UNKNOWN = -1
_GRAM = 4
_HALF = 0.5
_NEAR = 2
_AROUND = 8


def label_text(text: str, blocks: Sequence[str], tokens: Tokens) -> list[int]:
    """Return 1 for each block of the text, 0 for the others."""
    words = _words(text, tokens)
    grams = set(_grams(words))
    flat = f" {' '.join(words)} "
    lines = {" ".join(_words(line, tokens)) for line in text.split("\n")}
    found = [_words(block, tokens) for block in blocks]
    labels: list[int] = []
    for own in found:
        shared = _grams(own)
        if len(own) >= _GRAM:
            share = sum(gram in grams for gram in shared) / len(shared)
            labels.append(int(share >= _HALF))
        elif not own:
            labels.append(0)
        elif " ".join(own) in lines:
            labels.append(1)
        else:
            labels.append(UNKNOWN if f" {' '.join(own)} " in flat else 0)
    labels = [_settled(labels, index) for index in range(len(labels))]
    return _once(labels, [" ".join(own) for own in found], flat)


def label_snippets(gold: Mapping[str, Any], blocks: Sequence[str]) -> list[int]:
    """Return 1 and 0 for blocks that hold what must and must not be kept, else -1."""
    kept = [_flat(snippet) for snippet in gold.get("with", ())]
    left = [_flat(snippet) for snippet in gold.get("without", ())]
    labels = []
    for block in map(_flat, blocks):
        if any(snippet in block for snippet in kept):
            labels.append(1)
        elif any(s in block and len(block) < 4 * len(s) + 40 for s in left):
            labels.append(0)
        else:
            labels.append(UNKNOWN)
    return labels


def _flat(text: str) -> str:
    return " ".join(text.split())


def _words(text: str, tokens: Tokens) -> list[str]:
    return [word.lower() for word in tokens(text)]


def _grams(words: Sequence[str]) -> list[tuple[str, ...]]:
    return [tuple(words[i : i + _GRAM]) for i in range(len(words) - _GRAM + 1)]


def _settled(labels: Sequence[int], index: int) -> int:
    """Return a doubtful short line's label: story only with story on both sides."""
    if labels[index] != UNKNOWN:
        return labels[index]
    before = labels[max(0, index - _NEAR) : index]
    after = labels[index + 1 : index + 1 + _NEAR]
    return int(1 in before and 1 in after)


def _once(labels: list[int], keys: Sequence[str], flat: str) -> list[int]:
    """Leave out repeated lines beyond their number in the text, farthest from the story first."""
    places: dict[str, list[int]] = {}
    for index, label in enumerate(labels):
        if label == 1:
            places.setdefault(keys[index], []).append(index)
    sizes = [
        len(key.split()) if label == 1 else 0
        for key, label in zip(keys, labels, strict=True)
    ]
    for key, found in places.items():
        wanted = max(1, flat.count(f" {key} "))
        if wanted < len(found):
            near = sorted(
                found, key=lambda i: -sum(sizes[max(0, i - _AROUND) : i + _AROUND + 1])
            )
            for index in near[wanted:]:
                labels[index] = 0
    return labels
