"""The words that invented articles are made of, one file per language."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A subject: its headlines and the sentences only it can have.

    `leads` says for each headline which sentence, from 0, opens its article.
    """

    section: str
    tags: tuple[str, ...]
    titles: tuple[str, ...]
    leads: tuple[int, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """A language's invented places, bodies, topics and common sentences.

    `retitled` makes a second headline of a first; `dateline` opens an article;
    `figures` is a sentence around a list of `figure`s joined by `comma`.
    """

    language: str
    retitled: str
    dateline: str
    figures: str
    figure: str
    comma: str
    places: tuple[str, ...]
    bodies: tuple[str, ...]
    authors: tuple[str, ...]
    days: tuple[str, ...]
    sections: Mapping[str, str]
    topics: tuple[Topic, ...]
    sentences: tuple[str, ...]


@cache
def material(language: str) -> Material:
    """Return a language's material (`ar`, `de`, `en`, `es`, `fr`, `id`, `ja`)."""
    read = _read(f"{language}.json")
    return Material(
        language=language,
        retitled=read["retitled"],
        dateline=read["dateline"],
        figures=read["figures"],
        figure=read["figure"],
        comma=read["comma"],
        places=tuple(read["places"]),
        bodies=tuple(read["bodies"]),
        authors=tuple(read["authors"]),
        days=tuple(read["days"]),
        sections=read["sections"],
        topics=tuple(_topic(topic) for topic in read["topics"]),
        sentences=tuple(read["sentences"]),
    )


@cache
def months(language: str) -> tuple[str, ...]:
    """Return the twelve names that a language's dates are written with."""
    return tuple(_read("months.json")[language])


def _topic(read: dict[str, Any]) -> Topic:
    return Topic(
        section=read["section"],
        tags=tuple(read["tags"]),
        titles=tuple(read["titles"]),
        leads=tuple(read["leads"]),
        sentences=tuple(read["sentences"]),
    )


def _read(name: str) -> dict[str, Any]:
    text = files("crawler.demo").joinpath("texts", name).read_text(encoding="utf-8")
    read: dict[str, Any] = json.loads(text)
    return read
