"""The lines of a text that say no more than who wrote it, once that is known.

They open or end a text where nothing marks them: "（佐藤健太）", "Jane Doe jane@paper.example",
"Jane Doe 3 May 2025", "Par Jane Doe - 3 mai 2025 à 18:02 | mis à jour à 18:40".
"""

import re
from collections.abc import Collection, Sequence

from crawler.extract.bylines.credits import read_credit
from crawler.extract.bylines.names import (
    key_of,
    names_in,
    split_names,
    without_contacts,
)
from crawler.lexicon.match import looks_like_date

_REACH = 3
_LONGEST, _LONGEST_DENSE = 160, 24
_MARKS = "()（）[]【】«»—–-|/ "
_JOINED = 3
_NAME_AND_MORE = 60
_IDEOGRAPH = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_PAUSE = re.compile("[。！？，]")
_FINAL = (".", "!", "?", "।")


def naming_lines(texts: Sequence[str], authors: Collection[str]) -> set[int]:
    """Return the places of the lines at both ends of a text that only name its authors.

    Args:
        texts: The text's blocks, in order.
        authors: As the page's witnesses name them.
    """
    known = {key_of(name) for name in authors}
    if not known:
        return set()
    ends = (range(min(_REACH, len(texts))), range(len(texts) - 1, -1, -1)[:_REACH])
    found = {i for end in ends for i in end if _only_names(texts[i], known)}
    return found if len(found) < len(texts) else set()


def _only_names(text: str, known: Collection[str]) -> bool:
    if len(text) > _LONGEST or not any(name in key_of(text) for name in known):
        return False
    credit = read_credit(text) if _may_be_credit(text) else ""
    if credit:
        return all(key_of(name) in known for name in split_names(credit))
    bare = _without_date(without_contacts(text.strip(_MARKS)))
    keys = [key_of(name.text) for name in names_in(bare, frozenset())]
    whole = len(key_of(bare)) <= sum(map(len, keys)) + _JOINED * (len(keys) - 1)
    return bool(keys) and whole and all(key in known for key in keys)


def _without_date(text: str) -> str:
    """Leave out the day and time that end a line: "Jane Doe 3 May 2025"."""
    words = text.split()
    for place in range(1, len(words)):
        if looks_like_date(" ".join(words[place:])):
            return " ".join(words[:place]).rstrip(_MARKS)
    return text


def _may_be_credit(text: str) -> bool:
    """Tell a line that has no room for a sentence beside a name."""
    if _IDEOGRAPH.search(text):
        return len(text) <= _LONGEST_DENSE and not _PAUSE.search(text)
    ends = text.endswith(_FINAL)
    return len(text) <= (_NAME_AND_MORE if ends else _LONGEST)
