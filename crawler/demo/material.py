"""The words that invented articles are made of, one file per language."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A subject: its headlines and the sentences only it can have."""

    section: str
    tags: tuple[str, ...]
    titles: tuple[str, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """A language's invented places, bodies, topics and common sentences."""

    language: str
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
    topics = tuple(_topic(topic) for topic in read.pop("topics"))
    sections = read.pop("sections")
    rest = {name: tuple(values) for name, values in read.items()}
    return Material(language=language, topics=topics, sections=sections, **rest)


@cache
def months(language: str) -> tuple[str, ...]:
    """Return the twelve names that a language's dates are written with."""
    return tuple(_read("months.json")[language])


def _topic(read: dict[str, Any]) -> Topic:
    return Topic(
        section=read["section"],
        tags=tuple(read["tags"]),
        titles=tuple(read["titles"]),
        sentences=tuple(read["sentences"]),
    )


def _read(name: str) -> dict[str, Any]:
    text = files("crawler.demo").joinpath("texts", name).read_text(encoding="utf-8")
    read: dict[str, Any] = json.loads(text)
    return read
