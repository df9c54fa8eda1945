"""How a story changed from one version to the next.

Three readings of a text, from strict to lenient, decide it: the *story* (NFC,
white space folded, invisible characters dropped), its *essence* (also without
case, punctuation, blanks and typography) and its *words*. Embeds are not part of
a story: their words are someone else's and their counters never rest. Captions
and numbers such as view counts are no blocks, so they are not part of it either.

What one reading keeps as text and the other leaves out as boilerplate stands on
both pages: it is our judgement that changed, not the story. Such lines are left
out of both before they are compared. So it is with two headlines both of which
both pages have.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from storage.model.article import Article, BlockKind
from storage.model.change import Change
from storage.worddiff import DiffKind, DiffPart, is_word, pieces, word_diff

__all__ = [
    "DiffKind",
    "DiffPart",
    "compare",
    "leaves_out",
    "story_sha256",
    "word_diff",
]

CORRECTION_SHARE = 0.1
"""Up to this share of both texts' words may differ in a correction."""

CORRECTION_WORDS = 3
"""A correction of few words stays one in a short text, up to half of it."""

TRUNCATED_LENGTH = 0.5
"""A truncated text has at most this share of the words it had."""

TRUNCATED_SHARE = 0.8
"""At least this share of a truncated text's words were in the whole one."""

TRUNCATED_RUN = 5
"""They were so in rows of at least so many; any texts share single words."""

_NUMBER = re.compile(r"\d+")
_INNER = re.compile(r"(?<=\d)[.,:/\-](?=\d)")
_KEPT_SIGNS = frozenset("%‰§&@#")


def story_sha256(article: Article) -> str:
    """Return the digest of the story's title and text, in hexadecimal."""
    return _digest(article.title, tuple(_lines(article)))


@lru_cache(maxsize=64)
def _digest(title: str, lines: tuple[str, ...]) -> str:
    """Return the digest; kept for a while, as a page is asked for its own twice."""
    body = "\n\n".join(map(_visible, lines))
    story = f"{_folded(_visible(title))}\n{_folded(body)}"
    return hashlib.sha256(story.encode("utf-8", "surrogatepass")).hexdigest()


def compare(old: Article, new: Article, *, whole: Article | None = None) -> Change:
    """Say how a story changed.

    Args:
        old: The version before.
        new: The version now.
        whole: The last version that was not cut, if `old` is a truncated one;
            it decides between another stub and the story come back.
    """
    if story_sha256(old) == story_sha256(new):
        return Change.SAME
    old_body, new_body = _body(old, beside=new), _body(new, beside=old)
    if _essence(old_body) == _essence(new_body):
        if _essence(old.title) == _essence(new.title) or _chosen_otherwise(old, new):
            return Change.COSMETIC
        return Change.HEADLINE if whole is None else Change.TRUNCATED
    if whole is not None:
        cut = _is_truncated(_body(whole), new_body)
        return Change.TRUNCATED if cut else Change.RESTORED
    if _is_truncated(old_body, new_body):
        return Change.TRUNCATED
    return _amount(old_body, new_body)


def leaves_out(old: Article, new: Article) -> bool:
    """Tell whether two readings differ in boilerplate alone, which `new` has less of.

    What a site puts around its headlines is boilerplate as well.
    """
    return (
        story_sha256(old) != story_sha256(new)
        and (bool(_judged_otherwise(old, new)) or _is_shorter(old, new))
        and compare(old, new) in {Change.SAME, Change.COSMETIC}
    )


def _is_shorter(old: Article, new: Article) -> bool:
    """Tell whether the new headline is a part of the old one."""
    short, long = _essence(new.title), _essence(old.title)
    return bool(short) and short != long and short in long


def _chosen_otherwise(old: Article, new: Article) -> bool:
    """Tell whether both pages say both headlines: our choice changed, not the page."""
    pages = [article.provenance.get("title") for article in (old, new)]
    if any(page is None for page in pages):
        return False
    said = [
        [_essence(claim.raw) for claim in (page.winner, *page.losers)]
        for page in pages
        if page is not None
    ]
    return said[0][0] in said[1] and said[1][0] in said[0]


def _body(article: Article, *, beside: Article | None = None) -> str:
    out = _judged_otherwise(article, beside) if beside is not None else frozenset()
    return "\n\n".join(
        _visible(line) for line in _lines(article) if not (out and _line(line) in out)
    )


def _lines(article: Article) -> Iterator[str]:
    return (block.text for block in article.blocks if block.kind is not BlockKind.EMBED)


def _judged_otherwise(article: Article, other: Article) -> frozenset[str]:
    """Return the lines of an article that the other reading left out."""
    removed = {_line(line.text) for line in other.removed} - {""}
    if not removed:
        return frozenset()
    own = {_line(block.text) for block in article.blocks}
    return frozenset((removed & own) - {_line(block.text) for block in other.blocks})


def _line(text: str) -> str:
    """Return a line's essence; its numbers are masked, for counters never rest."""
    return _NUMBER.sub("#", _essence(_visible(text)))


def _visible(text: str) -> str:
    plain = unicodedata.normalize("NFC", text)
    for hidden in {one for one in set(plain) if unicodedata.category(one) == "Cf"}:
        plain = plain.replace(hidden, "")
    return plain


def _folded(text: str) -> str:
    return " ".join(text.split())


def _essence(text: str) -> str:
    """Return what is left when case, punctuation, blanks and typography go.

    Signs within a number stay: 1.5 and 15 differ. So do signs with a meaning of
    their own, such as % and currencies.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    inner = {match.start() for match in _INNER.finditer(plain)}
    return "".join(
        character
        for place, character in enumerate(plain)
        if place in inner or character in _KEPT_SIGNS or _carries_words(character)
    )


def _carries_words(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "LMN" or category in {"Sc", "Sm", "So"}


def _is_truncated(whole: str, cut: str) -> bool:
    whole_words, cut_words = _word_count(whole), _word_count(cut)
    if not whole_words or cut_words > whole_words * TRUNCATED_LENGTH:
        return False
    kept = _kept_words(whole, cut, run=min(TRUNCATED_RUN, cut_words))
    return kept >= cut_words * TRUNCATED_SHARE


def _amount(old: str, new: str) -> Change:
    old_words, new_words = _word_count(old), _word_count(new)
    kept = _kept_words(old, new, run=1)
    removed, added = old_words - kept, new_words - kept
    few = min(CORRECTION_WORDS, max(old_words, new_words) / 2)
    if max(removed, added) <= few:
        return Change.CORRECTION
    share = (removed + added) / (old_words + new_words)
    return Change.CORRECTION if share <= CORRECTION_SHARE else Change.REWRITE


def _word_count(text: str) -> int:
    return sum(is_word(piece) for piece in pieces(text))


def _kept_words(old: str, new: str, *, run: int) -> int:
    """Count the equal words that stand in rows of at least `run`."""
    rows = (
        _word_count(part.text)
        for part in word_diff(old, new)
        if part.kind is DiffKind.EQUAL
    )
    return sum(words for words in rows if words >= run)
