"""The files of a host of the news web: robots.txt, a feed, pages of 85 to 90 KB.

Everything follows from the numbers of the host and the page. Pages lie packed, as a
server with a cache sends them: what serving costs is no part of a measurement.

They have the anatomy of real ones, for that is what reading them costs: the medians of
116 recorded pages of 75 to 105 KB from ten public sets are 722 elements with 44 KB of
attributes, 154 links, 158 `div` and `span`, 22 scripts, paragraphs under 11 elements, and
8 KB of text; those of our pages differ by less than a fourth (`test_web`).
"""

import gzip
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from crawler.demo.material import material
from crawler.demo.story import slug
from tests.bench._web.prose import LANGUAGES, paragraphs, sentence, title

#: Of a page, in bytes.
LEAST, MOST = 85_000, 90_000
_FIRST = datetime(2026, 3, 1, 6, tzinfo=UTC)
_RULES = 60
_MENU, _RELATED, _COMMENTS = 32, 20, 8
#: Of a page that is not filled.
_FEW = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """An article as it was written."""

    path: str
    title: str
    author: str
    at: datetime
    section: str
    lead: str
    heading: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Theme:
    """How a host names the parts of its pages."""

    body: str
    prefix: str
    has_json_ld: bool
    has_time: bool


#: Hosts take these in turn.
THEMES = (
    Theme("entry-content", "td", True, True),
    Theme("article__body", "c", True, False),
    Theme("story-text", "news", False, True),
    Theme("detail__body-text", "dtl", True, True),
)


def language_of(host: int) -> str:
    """Return what a host writes in."""
    return LANGUAGES[host % len(LANGUAGES)]


def write_site(
    folder: Path, host: int, base: str, pages: int, *, filled: bool = True
) -> list[str]:
    """Write the files of a host, packed with gzip; return its articles' paths.

    Args:
        folder: Its root.
        host: Its number.
        base: Its address, without a path.
        pages: How many articles it has.
        filled: Whether pages are of their size; a third of it without.
    """
    stories = [story(host, number) for number in range(pages)]
    _write(folder, "/robots.txt", _robots(base))
    _write(folder, "/feed.xml", _feed(host, base, stories))
    _write(folder, "/index.html", _front(host, base, stories))
    for number in range(pages):
        text = page(host, base, stories, number, filled=filled)
        _write(folder, stories[number].path, text)
    return [told.path for told in stories]


@cache
def story(host: int, number: int) -> Story:
    """Return an article of a host."""
    dice = Random(f"story {host} {number}")
    language = language_of(host)
    texts = material(language)
    headline = title(language, dice)
    at = _FIRST + timedelta(minutes=37 * number + host)
    section = dice.choice(list(texts.sections))
    return Story(
        path=f"/{section}/{at:%Y/%m/%d}/{slug(headline)[:50].strip('-')}-{number + 1000}.html",
        title=headline,
        author=dice.choice(texts.authors),
        at=at,
        section=section,
        lead=sentence(language, dice),
        heading=title(language, dice),
        paragraphs=tuple(paragraphs(language, dice)),
    )


def page(
    host: int, base: str, stories: list[Story], number: int, *, filled: bool = True
) -> str:
    """Return the page of an article, by default filled with script to its size."""
    dice = Random(f"page {host} {number}")
    language, shown = language_of(host), stories[number]
    frame, most = _frame(host, base), _RELATED if filled else _FEW
    values: dict[str, Any] = {
        **frame,
        "menu": frame["menu"] if filled else frame["menu"][:5],
        "story": shown,
        "related": dice.sample(stories, min(most, len(stories))),
        "comments": [
            (f"reader{dice.randrange(9999)}", sentence(language, dice))
            for _ in range(_COMMENTS)
        ],
        "json_ld": json.dumps(_json_ld(base, shown), ensure_ascii=False),
        "state": "",
    }
    short = _render("page.html", values)
    if not filled:
        return short
    room = dice.randint(LEAST, MOST) - len(short.encode())
    return _render("page.html", {**values, "state": _state(dice, room)})


def _front(host: int, base: str, stories: list[Story]) -> str:
    return _render("front.html", {**_frame(host, base), "stories": stories})


@cache
def _frame(host: int, base: str) -> dict[str, Any]:
    """Return what all pages of a host share."""
    dice, language = Random(f"frame {host}"), language_of(host)
    return {
        "language": language,
        "site": f"Courier {host}",
        "base": base,
        "theme": THEMES[host % len(THEMES)],
        "css": _css(dice),
        "sections": material(language).sections,
        "menu": [title(language, dice)[:28] for _ in range(_MENU)],
        "notice": [sentence(language, dice) for _ in range(3)],
    }


def _css(dice: Random) -> str:
    rules = (
        f".c{dice.randrange(16**6):06x} .t-{n}{{margin:{dice.randrange(40)}px "
        f"{dice.randrange(40)}px;color:#{dice.randrange(16**6):06x};display:flex}}"
        for n in range(_RULES)
    )
    return "\n".join(rules)


def _state(dice: Random, room: int) -> str:
    """Return a script's data of about so many bytes, as pages carry it."""
    made, size = [], 0
    while size < room - 90:
        made.append(
            f'{{"id":"{dice.randrange(16**10):010x}","slot":"box-{dice.randrange(40)}",'
            f'"w":{dice.randrange(900)},"lazy":true}}'
        )
        size += len(made[-1]) + 1
    return ",".join(made)


def _json_ld(base: str, shown: Story) -> dict[str, Any]:
    return {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": base + shown.path,
        "headline": shown.title,
        "description": shown.lead,
        "datePublished": shown.at.isoformat(),
        "dateModified": shown.at.isoformat(),
        "author": [{"@type": "Person", "name": shown.author}],
        "publisher": {"@type": "Organization", "name": base},
        "articleSection": shown.section,
    }


def _robots(base: str) -> str:
    return (
        "User-agent: *\nDisallow: /search\nDisallow: /admin/\nAllow: /\n\n"
        f"Sitemap: {base}/sitemap.xml\n"
    )


def _feed(host: int, base: str, stories: list[Story]) -> str:
    return _render(
        "feed.xml",
        {**_frame(host, base), "stories": list(reversed(stories))},
    )


def _write(folder: Path, path: str, text: str) -> None:
    file = folder / f"{path.lstrip('/')}.gz"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(gzip.compress(text.encode(), 6, mtime=0))


def _render(template: str, values: dict[str, Any]) -> str:
    return _templates().get_template(template).render(values)


@cache
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
    )
    made.filters["rfc822"] = format_datetime
    return made
