"""Documents and queries of a language, and which document answers which query.

Who answers is known from how a document was put together: which words were set into
its sentences. No text is cut, folded or compared to decide it.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from tests.torture.search.languages import Language

_HARAKAT, _TATWEEL = "\u064e", "\u0640"
_JOINER, _NO_WIDTH = "\u200d", "\u200b"
_TURKISH = str.maketrans("ıi", "Iİ")
_HALF = {
    unicodedata.normalize("NFKC", chr(code)): chr(code)
    for code in range(0xFF66, 0xFF9E)
}
_MARKS = {"\u3099": "\uff9e", "\u309a": "\uff9f"}


@dataclass(frozen=True, slots=True)
class Document:
    """A text; `words` are the numbers of those in its title, `body` of those below."""

    title: str
    text: str
    words: tuple[int, ...]
    body: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A query, and the places of the documents that answer it."""

    query: str
    answers: frozenset[int]


def documents(language: Language, words: int) -> list[Document]:
    """Return six documents for each of the first words: see the source."""
    found = []
    for number in range(words):
        word, near = language.pairs[number]
        after = (number + 1) % words
        far = (number + words // 2) % words
        both = language.pairs[after][0]
        for place, (text, body) in enumerate(
            (
                (word, (number,)),
                (variant(word, language), (number,)),
                (near, ()),
                (language.blank.join((word, both)), (number, after)),
                (language.blank.join((both, word)), (after, number)),
            )
        ):
            found.append(
                Document(
                    f"{number}-{place}", _sentence(language, place, text), (), body
                )
            )
        text = _sentence(language, number, variant(language.pairs[far][0], language))
        found.append(Document(f"{word} 7", text, (number,), (far,)))
    return found


def _sentence(language: Language, place: int, text: str) -> str:
    sentences = language.sentences
    return sentences[place % len(sentences)].format(text)


def queries(language: Language, found: list[Document], words: int) -> Iterator[Asked]:
    """Yield four queries a word: as it is, in another form, in a title, in a phrase."""
    for number in range(words):
        word = language.pairs[number][0]
        after = (number + 1) % words
        other = language.pairs[after][0]
        anywhere = _those(found, lambda d, n=number: n in d.words + d.body)
        yield Asked(word, anywhere)
        yield Asked(variant(word, language), anywhere)
        yield Asked(f"title:{word}", _those(found, lambda d, n=number: n in d.words))
        phrase = (number, after)
        yield Asked(
            f'"{language.blank.join((word, other))}"',
            _those(found, lambda d, p=phrase: d.body == p),
        )


def _those(found: list[Document], answers) -> frozenset[int]:  # noqa: ANN001
    return frozenset(place for place, one in enumerate(found) if answers(one))


def variant(word: str, language: Language) -> str:  # a table
    """Return a word as others write it: no accents, capitals, points, widths."""
    match language.code:
        case "tr":
            return word.translate(_TURKISH).upper()
        case "ar":
            return f"{word[0]}{_HARAKAT}{word[1]}{_TATWEEL}{word[2:]}"
        case "hi":
            return f"{word[0]}{_JOINER}{word[1:]}"
        case "ja":
            apart = unicodedata.normalize("NFD", word)
            return "".join(_MARKS.get(c) or _HALF.get(c, c) for c in apart)
        case "th" | "zh":
            return f"{word[:3]}{_NO_WIDTH}{word[3:]}"
    apart = unicodedata.normalize("NFD", word.upper().replace("Œ", "OE"))
    return "".join(c for c in apart if not unicodedata.combining(c))
