"""Why a query may have found nothing: what in it is not read as it looks. Pure."""

import re
from collections.abc import Iterator

from storage.search.query import SearchField

_PHRASES = re.compile(r'"[^"]*"?')
_FIELD = re.compile(r"([a-z]{2,20}):(?!//)\S", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?://|www\.)\S", re.IGNORECASE)
_STAR = re.compile(r"\w\*\w")
_SMALL = {
    "and": "all words have to match without 'and', which is a word here",
    "or": "'or' is a word here; OR in capitals means either",
    "not": "'not' is a word here; -word, or NOT in capitals, excludes",
}


def hints(query: str) -> tuple[str, ...]:
    """Return what in a query is looked for as plain words, though it may not seem so.

    Each is a clause that a sentence can be made of; what stands in quotes is meant so.
    """
    return tuple(dict.fromkeys(_hints(_PHRASES.sub(" ", query).split())))


def _hints(words: list[str]) -> Iterator[str]:
    for word in words:
        plain = word.lstrip("-(")
        field = _FIELD.match(plain)
        if _ADDRESS.match(plain):
            yield "addresses are not searched; Explain tells what is known of one"
        elif field is not None and field[1].lower() not in _fields():
            yield f"{field[1]}: is no field, so it was looked for as a word"
        if _STAR.search(plain):
            yield f"{plain}: a star stands for the end of a word alone"
        if word in _SMALL:
            yield _SMALL[word]


def _fields() -> set[str]:
    return {*SearchField, "after", "before"} - {SearchField.ANYWHERE}
