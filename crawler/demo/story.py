"""Write an article: the same index always gives the same words."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from crawler.demo.material import Material, Topic

_PARAGRAPHS = 5
_TOPIC_SENTENCES = 3
_FIGURES = 7
_SHORTEST = 200
_SHORTEST_JAPANESE = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """An article as written, before anybody changes it.

    Attributes:
        index: Its place among the site's articles, oldest first, from 0.
        slug: Its name in URLs; it keeps it when the headline changes.
        new_title: The headline it gets if it ever gets another.
        correction: What its third paragraph becomes if it is corrected.
    """

    index: int
    title: str
    new_title: str
    slug: str
    section: str
    tags: tuple[str, ...]
    author: str
    paragraphs: tuple[str, ...]
    correction: str


def write_story(material: Material, seed: str, index: int) -> Story:
    """Write a site's article number `index`.

    Topic, headline and place run through all their combinations before one
    comes again, so 180 articles have 180 different headlines.
    """
    random = Random(f"{seed}:{material.language}:{index}")
    turn, number = divmod(index, len(material.topics))
    topic = material.topics[number]
    lap, step = divmod(turn, len(material.places))
    place = (step * 7 + number) % len(material.places)
    headline = (place + lap) % len(topic.titles)
    fill = _filler(material, material.places[place], random)
    title = fill(topic.titles[headline])
    lead = topic.sentences[topic.leads[headline]]
    first, *paragraphs, correction = _paragraphs(material, topic, lead, random, fill)
    return Story(
        index=index,
        title=title,
        new_title=material.retitled.format(title=title),
        slug=slug(title),
        section=topic.section,
        tags=(*topic.tags, material.places[place]),
        author=random.choice(material.authors),
        paragraphs=(fill(material.dateline) + first, *paragraphs),
        correction=correction,
    )


def slug(title: str) -> str:
    """Return a title as a URL names it; scripts other than Latin stay."""
    plain = unicodedata.normalize("NFKD", title.lower().replace("ß", "ss"))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return "-".join(re.findall(r"\w+", unicodedata.normalize("NFC", plain)))


def _filler(material: Material, place: str, random: Random) -> Callable[[str], str]:
    body = random.choice(material.bodies)
    other = random.choice([p for p in material.places if p != place])

    def fill(sentence: str) -> str:
        filled = sentence.format(
            place=place,
            body=body,
            other=other,
            day=random.choice(material.days),
            n=random.randint(12, 96),
            m=_grouped(random.randint(110, 980) * 10, material.language),
        )
        return filled[:1].upper() + filled[1:]

    return fill


def _grouped(number: int, language: str) -> str:
    mark = {"en": ",", "ja": "", "ar": "", "fr": " "}.get(language, ".")
    return f"{number:,}".replace(",", mark)


def _paragraphs(
    material: Material,
    topic: Topic,
    lead: str,
    random: Random,
    fill: Callable[[str], str],
) -> list[str]:
    """Write the paragraphs, and the third once more with another sentence.

    The headline's sentence leads; others of its topic open those that
    follow, and the language's common sentences fill them up, each used once.
    """
    others = [sentence for sentence in topic.sentences if sentence != lead]
    opening = [lead, *random.sample(others, _TOPIC_SENTENCES - 1)]
    opening.append(_figures(material, random))
    common = random.sample(material.sentences, len(material.sentences))
    japanese = material.language == "ja"
    made = []
    for number in range(_PARAGRAPHS):
        text = "".join(fill(sentence) for sentence in opening[number : number + 1])
        while len(text) < (_SHORTEST_JAPANESE if japanese else _SHORTEST):
            glue = " " if text and not japanese else ""
            text += glue + fill(common.pop())
        made.append(text)
    return [*made, made[2] + ("" if japanese else " ") + fill(common.pop())]


def _figures(material: Material, random: Random) -> str:
    """Write a sentence of figures that no other article has."""
    listed = (
        material.figure.format(
            m=_grouped(random.randint(1_000, 9_999), material.language), p=place
        )
        for place in random.sample(material.places, _FIGURES)
    )
    return material.figures.format(list=material.comma.join(listed))
