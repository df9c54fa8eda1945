"""Learn from a host's titles what is put around each of its headlines.

What follows a separator in several different titles is a suffix; what stands
before one, a prefix: " - Paper.example", " : Science : KXYZ", "paperNews - ".
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from crawler.extract.titles.cleaning import (
    is_enough,
    marks_of,
    strip_dangling,
    tidy,
    without_counter,
    without_page_mark,
)
from crawler.extract.titles.names import key_of

_LEAST_TITLES = 5
_SHARE = 0.5
_SHARE_OF_KNOWN = 0.05
_MAX_PARTS = 4


class TitleAffixes(NamedTuple):
    """What may be cut from a host's titles, separators included, longest first."""

    suffixes: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()


def learn_affixes(
    titles: Iterable[str], site_names: Sequence[str] = ()
) -> TitleAffixes:
    """Return what stands around the headlines of a host.

    Args:
        titles: The `<title>` of each of its pages, raw; repeated ones count once.
        site_names: Names its pages declare.
    """
    tidied = {without_page_mark(without_counter(tidy(title))) for title in titles}
    after: defaultdict[str, set[str]] = defaultdict(set)
    before: defaultdict[str, set[str]] = defaultdict(set)
    for title in tidied:
        marks = marks_of(title)
        for mark in marks[-_MAX_PARTS:]:
            left = strip_dangling(title[: mark.start])
            if is_enough(left) and key_of(title[mark.end :]):
                after[title[mark.start :]].add(left)
        for mark in marks[:_MAX_PARTS]:
            rest = title[mark.end :]
            if mark.loose and is_enough(rest) and key_of(title[: mark.start]):
                before[title[: mark.end]].add(rest)
    return TitleAffixes(
        suffixes=_standing(
            accepted(_counts(after, tidied), site_names), after, str.endswith
        ),
        prefixes=_standing(
            accepted(_counts(before, tidied), site_names, known_share=_SHARE),
            before,
            str.startswith,
        ),
    )


def accepted(
    counts: Mapping[str, tuple[int, int]],
    site_names: Sequence[str],
    *,
    known_share: float = _SHARE_OF_KNOWN,
) -> tuple[str, ...]:
    """Return the affixes that are no part of a headline, longest first.

    One is, with five titles, where half of them have it; a rarer one where it ends
    in the site's name, as a programme's " : Shots - Health News : NPR" does.

    Args:
        counts: Each affix to distinct titles that have it and distinct titles known.
        site_names: Names the site declares.
        known_share: The share that one with the site's name needs.
    """
    names = tuple(key for name in site_names if (key := key_of(name)))
    found = [
        affix
        for affix, (have, known) in counts.items()
        if have >= _LEAST_TITLES
        and have
        >= known * (known_share if names and key_of(affix).endswith(names) else _SHARE)
    ]
    return tuple(sorted(found, key=lambda affix: (-len(affix), affix)))


def _counts(
    seen: Mapping[str, set[str]], titles: set[str]
) -> dict[str, tuple[int, int]]:
    return {affix: (len(rests), len(titles)) for affix, rests in seen.items()}


def _standing(
    affixes: tuple[str, ...],
    seen: Mapping[str, set[str]],
    is_part: Callable[[str, str], bool],
) -> tuple[str, ...]:
    """Return affixes without parts of longer ones that never stand alone."""
    return tuple(
        affix
        for affix in affixes
        if not any(
            is_part(longer, affix) and len(seen[longer]) == len(seen[affix])
            for longer in affixes
            if longer != affix
        )
    )
