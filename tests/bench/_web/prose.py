"""Sentences that no other page has, of the words of a language: the same by the same seed."""

import re
from functools import cache
from random import Random

from crawler.demo.material import material

LANGUAGES = ("de", "en", "es", "fr", "id", "ar")


@cache
def vocabulary(language: str) -> tuple[str, ...]:
    """Return the words of the demo's texts, as often as they stand there."""
    texts = material(language)
    sentences = [*texts.sentences, *(s for t in texts.topics for s in t.sentences)]
    return tuple(
        word
        for sentence in sentences
        for word in re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*", sentence)
        if word not in {"place", "body", "other", "day", "n", "m"}
    )


def sentence(language: str, dice: Random, least: int = 9, most: int = 24) -> str:
    """Return words in no order, with a comma, a number and a full stop."""
    words = dice.choices(vocabulary(language), k=dice.randint(least, most))
    if len(words) > 12:
        words[len(words) // 2] += "،" if language == "ar" else ","
    if dice.random() < 0.3:
        words.insert(dice.randrange(1, len(words)), str(dice.randint(2, 9999)))
    text = " ".join(words)
    return f"{text[:1].upper()}{text[1:]}."


def title(language: str, dice: Random) -> str:
    """Return a headline of six to eleven words."""
    return sentence(language, dice, 6, 11)[:-1]


def paragraphs(language: str, dice: Random) -> list[str]:
    """Return a story of 400 to 900 words."""
    wanted, made, words = dice.randint(400, 850), [], 0
    while words < wanted:
        made.append(
            " ".join(sentence(language, dice) for _ in range(dice.randint(2, 4)))
        )
        words += len(made[-1].split())
    return made
