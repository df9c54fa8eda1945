"""Readers' comments that nothing names: elements alike that each offer to reply.

Many sites call the elements of comments by names that say nothing. What tells them is
the word below each: whoever may be answered is a reader. The elements that hold one
such word each, side by side, are comments; those that answer them stand within.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from crawler.extract.layout.blocks import Container, TextBlock
from crawler.lexicon.forms import bare, plain, word_set

_LONGEST = 60
_LEAST = 2
# Prose that stands before the first of them, as a story does; a forum has none.
_STORY = 300
_PARTS = "|·•/(\n"
# Own knowledge, after the class `comment_action` of `lexicon.json`.
_REPLIES = word_set(
    "reply répondre responder responde rispondi antworten beantwoorden reageer reageren odpowiedz odpovědět odpovedať "
    "válasz válaszolok răspunde ответить відповісти отговор отговори отговаряне απάντηση απαντήστε cevapla yanıtla الرد رد "
    "پاسخ השב הגב ตอบกลับ balas 返信 返信する 回复 回覆 답글 답글쓰기 svara svar besvar vastaa odgovori одговори trả_lời उत्तर_दें जवाब_दें "
    "উত্তর_দিন জবাব_দিন atsakyti atbildēt vasta"
)
# Few lines begin as one of them does.
_HEADS = frozenset(word[:2] for word in _REPLIES)


def commented(
    containers: Sequence[Container], blocks: Sequence[TextBlock]
) -> list[int]:
    """Return the containers that hold a comment each, where nothing need say so."""
    asked = [i for i, block in enumerate(blocks) if _offers_reply(block.text)]
    if len(asked) < _LEAST:
        return []
    by_parent = _items(containers, [blocks[i].container for i in asked])
    found = [item for items in by_parent.values() for item in items]
    if not found:
        return []
    before = sum(len(b.text) for b in blocks if b.container < min(found))
    return found if before >= _STORY else []


def _offers_reply(text: str) -> bool:
    if len(text) > _LONGEST or (text[0].isalpha() and text[:2].lower() not in _HEADS):
        return False
    words = plain(text)
    for mark in _PARTS:
        words = words.partition(mark)[0]
    form = bare(words)
    return form.replace(" ", "_") in _REPLIES or form.partition(" ")[0] in _REPLIES


def _items(
    containers: Sequence[Container], asked: Sequence[int]
) -> dict[int, set[int]]:
    """Return, by the element around them, the elements alike that hold one offer each."""
    items: defaultdict[int, set[int]] = defaultdict(set)
    chains = [_chain(containers, index) for index in asked]
    for one, other in pairwise(chains):
        common = max(set(one) & set(other))
        first, second = _below(one, common), _below(other, common)
        if (
            first is not None
            and second is not None
            and _kind(containers[first]) == _kind(containers[second])
        ):
            items[common] |= {first, second}
    return items


def _chain(containers: Sequence[Container], container: int) -> list[int]:
    found = []
    while container >= 0:
        found.append(container)
        container = containers[container].parent
    return found


def _below(chain: Sequence[int], common: int) -> int | None:
    """Return the element of a chain right within another, or None where it ends there."""
    place = chain.index(common)
    return chain[place - 1] if place else None


def _kind(container: Container) -> tuple[str, str]:
    """Return an element's tag and first class, which elements alike share."""
    return container.tag, container.names.partition(" ")[0]
