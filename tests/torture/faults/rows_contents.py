"""Faults of validators and of pages: N24-N27."""

from tests.torture.faults.rows_wire import STORY
from tests.torture.faults.scripts import (
    each,
    feed,
    page,
    reply,
    story,
)
from tests.torture.faults.server import Talk
from tests.torture.faults.variant import (
    Seen,
    Variant,
    at_most,
    every_link_named,
    no_article,
    one_article,
    one_version,
)


def _etag(etag: str, *, answers_304: bool) -> object:
    def make(talk: Talk) -> bytes:
        if answers_304 and talk.headers.get("if-none-match") == etag:
            return reply(b"", "304 Not Modified", f"ETag: {etag}")
        return reply(STORY, "200 OK", f"ETag: {etag.replace('N', str(talk.turn))}")

    return each(make)


def _conditional(seen: Seen) -> list[str]:
    heads = seen.heads["/story"]
    good = "if-none-match" not in heads[0] and "if-none-match" in heads[1]
    return [] if good else ["no conditional request"]


def _flips(talk: Talk) -> bytes:
    extra = (
        f"<aside>{talk.turn * 37} views</aside><form><input type=hidden name=csrf "
        f"value={talk.turn * 7919}></form><div class=ad>Buy {talk.turn}</div>"
    )
    return reply(story("The pier is rebuilt at last", extra=extra))


def _calendar(talk: Talk) -> bytes:
    """Answer a calendar that has no end: each page links to fifty others."""
    links = "".join(
        f"<li><a href='/calendar/{talk.turn}{n}/events-of-the-day'>Events of the day {n}"
        f" in the harbour town</a>"
        for n in range(50)
    )
    return reply(f"<html><title>Calendar</title><body><ul>{links}</ul></html>".encode())


def _farm(links: int) -> bytes:
    items = "".join(
        f"<li><a href='/news/story-{n}-about-the-pier'>Story {n} about the new pier</a>"
        for n in range(links)
    )
    return f"<html><title>News</title><body><ul>{items}</ul></html>".encode()


def _repeating(talk: Talk) -> bytes:
    deeper = f"{talk.path.rstrip('/')}/a/"
    return reply(
        f"<html><title>A</title><body><a href='{deeper}'>deeper and deeper</a></html>".encode()
    )


def _aliases(seen: Seen) -> list[str]:
    found = sorted(row.state for row in seen.links if row.kind == "article")
    wrong = [state for state in found if state not in {"archived", "duplicate"}]
    return [f"links are {wrong}"] * bool(wrong)


_CANONICAL = story("One story", head='<link rel=canonical href="/one-story">')
_ALIASES = [
    *(f"/one-story?utm_source=s{n}" for n in range(15)),
    *(f"/amp/one-story-{n}" for n in range(15)),
    *(f"/print/one-story-{n}" for n in range(15)),
    *(f"/one-story?page_view={n}" for n in range(5)),
]

_CONTENTS = (
    *(
        Variant(
            row="N24",
            name=name,
            pages={"/story": script},
            ends=ends,
            fetches=fetches,
            asked={"/story": fetches},
            checks=checks,
        )
        for name, script, ends, fetches, checks in (
            (
                "weak ETag, 304",
                _etag('W/"a"', answers_304=True),
                "archived",
                2,
                (_conditional, one_version),
            ),
            (
                "new ETag, same page",
                _etag('"N"', answers_304=False),
                "archived",
                3,
                (one_version,),
            ),
            ("304 at first", page(b"", "304 Not Modified"), "error", 1, (no_article,)),
            (
                "Last-Modified in the future",
                page(STORY, "200 OK", "Last-Modified: Mon, 01 Jan 2099 00:00:00 GMT"),
                "archived",
                2,
                (one_version,),
            ),
            (
                "Last-Modified is nonsense",
                page(STORY, "200 OK", "Last-Modified: 32.13.2024 \xff\xfe"),
                "archived",
                2,
                (one_version,),
            ),
        )
    ),
    Variant(
        row="N25",
        name="a calendar without end",
        kind="section",
        path="/calendar/",
        pages={"*": each(_calendar)},
        ends="watched",
        checks=(no_article, at_most(60), every_link_named),
        beside=True,
    ),
    Variant(
        row="N25",
        name="60,000 links",
        kind="section",
        path="/news/",
        pages={"/news/": page(_farm(60_000)), "*": page(STORY)},
        manners={"daily_links": 10},
        ends="watched",
        checks=(at_most(20), every_link_named),
    ),
    Variant(
        row="N25",
        name="paths that repeat",
        kind="section",
        path="/a/",
        pages={"*": each(_repeating)},
        ends="watched",
        checks=(no_article, at_most(10)),
    ),
    Variant(
        row="N26",
        name="one story under 50 URLs",
        kind="feed",
        path="/feed.xml",
        pages={
            "/feed.xml": each(
                lambda talk: reply(feed(talk.host, _ALIASES), kind="text/xml")
            ),
            "*": page(_CANONICAL),
        },
        ends="watched",
        checks=(one_article, one_version, _aliases),
        beside=True,
    ),
    Variant(
        row="N27",
        name="counter, token and advert flip",
        pages={"/story": each(_flips)},
        ends="archived",
        fetches=3,
        asked={"/story": 3},
        checks=(one_article, one_version),
    ),
)


VARIANTS = _CONTENTS
