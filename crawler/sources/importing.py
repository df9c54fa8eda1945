"""Sites of a file -> sources to be added: all of them, or every problem. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from crawler.config.tree import Source
from crawler.discover.opml import Outline, source_name
from crawler.errors import BadUrl
from crawler.urls import fetch_url, url_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """What a file comes to.

    Attributes:
        sources: Those to be added.
        known: Places of what is watched already, or stands twice.
        problems: What cannot be watched, each with its place.
    """

    sources: tuple[Source, ...]
    known: tuple[str, ...]
    problems: tuple[str, ...]


def plan_import(outlines: Iterable[Outline], watched: Sequence[Source]) -> Import:
    """Return the sources a file lists, under names that are free.

    A site is known by its feed, or by its home page where it names no feed.
    """
    names = {source.name.casefold() for source in watched}
    seen = {key for source in watched for key in _keys(source)}
    sources: list[Source] = []
    known: list[str] = []
    problems: list[str] = []
    for outline in outlines:
        try:
            source = _source(outline, names)
        except BadUrl as error:
            problems.append(f"{outline.place}: {error}")
            continue
        if seen.intersection(_keys(source)):
            known.append(f"{outline.place}: {outline.feed or outline.home}")
            continue
        seen.update(_keys(source))
        names.add(source.name.casefold())
        sources.append(source)
    return Import(sources=tuple(sources), known=tuple(known), problems=tuple(problems))


def outlines_of(sources: Iterable[Source]) -> list[Outline]:
    """Return sources as a file lists them: one outline a feed."""
    return [
        Outline(
            place="",
            name=source.name,
            home=source.home,
            feed=feed,
            language=source.language or "",
        )
        for source in sources
        for feed in source.feeds or ("",)
    ]


def _keys(source: Source) -> list[str]:
    return [url_key(url) for url in source.feeds or (source.home,)]


def _source(outline: Outline, names: set[str]) -> Source:
    feed = fetch_url(outline.feed) if outline.feed else None
    home = fetch_url(outline.home or urljoin(feed or "", "/"))
    host = (urlsplit(home).hostname or "site").removeprefix("www.")
    language = outline.language.lower().split("-")[0]
    is_language = language.isascii() and language.isalpha() and len(language) in {2, 3}
    return Source(
        name=_free(source_name(outline.name) or source_name(host) or "site", names),
        home=home,
        feeds=(feed,) if feed else (),
        language=language if is_language else None,
    )


def _free(name: str, names: set[str]) -> str:
    """Return the name, or the first that is free of `name 2`, `name 3`, ..."""
    free, number = name, 1
    while free.casefold() in names:
        number += 1
        free = f"{name[:74]} {number}"
    return free
