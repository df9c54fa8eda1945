"""Faults of feeds and their dates: C6-C8."""

from collections.abc import Sequence
from functools import cache

from tests.torture.faults.scripts import each, gzip_of, page, reply, story
from tests.torture.faults.server import Script, Talk
from tests.torture.faults.variant import (
    Check,
    Seen,
    Variant,
    every_link_named,
    no_article,
)

_XML = "application/xml"
_SECRET = "SECRET-OF-A-FILE"
_LOL = "".join(
    f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9)
)  # a thousand million
_STORIES = {
    "*": each(lambda talk: reply(story(f"Story of {talk.path}"))),
}


def _rss(items: str, dtd: str = "") -> bytes:
    return (
        f'<?xml version="1.0"?>{dtd}<rss version="2.0"><channel><title>T</title>'
        f"{items}</channel></rss>"
    ).encode()


def _item(number: int, more: str = "") -> str:
    return (
        f"<item><title>Story {number}</title><link>/news/story-number-{number}</link>"
        f"{more}</item>"
    )


def _feed(body: bytes) -> Script:
    return page(body, kind=_XML)


def _no_secret(seen: Seen) -> Sequence[str]:
    return ["a file was read"] * any(_SECRET in text for text in seen.texts)


def _articles(least: int, most: int) -> Check:
    """So many links to articles came of it."""

    def check(seen: Seen) -> Sequence[str]:
        count = sum(row.kind == "article" for row in seen.links)
        return [] if least <= count <= most else [f"{count} links"]

    return check


def _dates_are_sane(seen: Seen) -> Sequence[str]:
    """No link holds a time outside of what news can have."""
    odd = [
        str(row.published)
        for row in seen.links
        if row.published and not 1990 <= row.published.year <= 2035
    ]
    return [f"dates {odd}"] * bool(odd)


_C6 = tuple(
    Variant(
        row="C6",
        name=name,
        kind=kind,
        path="/list.xml",
        pages={"/list.xml": _feed(body), **_STORIES},
        ends=ends,
        asked={"/canary.dtd": 0, "/canary.xml": 0},
        checks=(_no_secret,),
        smoke=name == "entity bomb",
    )
    for name, kind, body, ends in (
        (
            "entity bomb",
            "feed",
            _rss(
                "<item><title>&l9;</title><link>/a-story-of-lols</link></item>",
                f'<!DOCTYPE rss [<!ENTITY l0 "lol">{_LOL}]>',
            ),
            "error",
        ),
        (
            "quadratic entity",
            "feed",
            _rss(
                f"<item><title>{'&a;' * 50_000}</title></item>",
                f'<!DOCTYPE rss [<!ENTITY a "{"a" * 50_000}">]>',
            ),
            "error",
        ),
        (
            "file by entity",
            "feed",
            _rss(
                "<item><title>&x;</title><link>/the-file</link></item>",
                '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/hosts">]>',
            ),
            "error",
        ),
        (
            "DTD from elsewhere",
            "feed",
            _rss(_item(1), '<!DOCTYPE rss SYSTEM "http://c6-dtd.test/canary.dtd">'),
            "error",
        ),
        (
            "parameter entity",
            "feed",
            _rss(
                _item(1),
                '<!DOCTYPE rss [<!ENTITY % p SYSTEM "http://c6.test/canary.dtd"> %p;]>',
            ),
            "error",
        ),
        (
            "DTD in UTF-16",
            "feed",
            _rss(_item(1), '<!DOCTYPE rss [<!ENTITY x "y">]>')
            .decode()
            .replace('"1.0"', '"1.0" encoding="UTF-16"')
            .encode("utf-16"),
            "error",
        ),
        (
            "XInclude",
            "feed",
            _rss(
                '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" '
                'href="file:///etc/hosts" parse="text"/>' + _item(1)
            ),
            "watched",
        ),
        (
            "processing instruction",
            "feed",
            _rss(_item(1), '<?xml-stylesheet href="/canary.xml" type="text/xsl"?>'),
            "watched",
        ),
        (
            "entity bomb in a sitemap",
            "sitemap",
            (
                f'<?xml version="1.0"?><!DOCTYPE urlset [<!ENTITY l0 "lol">{_LOL}]>'
                "<urlset><url><loc>&l9;</loc></url></urlset>"
            ).encode(),
            "error",
        ),
    )
)


@cache
def _many() -> bytes:
    """Return a gzipped feed of 100,000 items, 13 MB unpacked."""
    items = "".join(_item(n) for n in range(100_000))
    return gzip_of(_rss(items))


def _gzipped(body: bytes) -> Script:
    return page(body, "200 OK", "Content-Encoding: gzip", kind=_XML)


def _changing(talk: Talk) -> bytes:
    items = "".join(_item(n, f"<guid>{talk.turn}-{n}</guid>") for n in range(5))
    return reply(_rss(items), kind=_XML)


_C7 = tuple(
    Variant(
        row="C7",
        name=name,
        kind="feed",
        path="/list.xml",
        pages={"/list.xml": script, "/robots.txt": _robots, **_STORIES},
        ends=ends,
        truncated=truncated,
        checks=checks,
    )
    for _robots in (page(b"User-agent: *\nDisallow: /news/", kind="text/plain"),)
    for name, script, ends, truncated, checks in (
        (
            "100,000 items",
            _gzipped(_many()),
            "watched",
            "None",
            (_articles(1000, 1000),),
        ),
        (
            "an item of 50 MB",
            _gzipped(
                gzip_of(
                    _rss(_item(1, "<description>")).split(b"</item>")[0]
                    + b"a" * 50_000_000
                )
            ),
            "error",
            "None",
            (no_article,),
        ),
        (
            "an item of 11 MB",
            _feed(_rss(_item(1, f"<description>{'a' * 11_000_000}</description>"))),
            "error",
            "length",
            (no_article,),
        ),
        (
            "one guid for all",
            _feed(_rss("".join(_item(n, "<guid>1</guid>") for n in range(5)))),
            "watched",
            "None",
            (_articles(5, 5),),
        ),
        (
            "guids that are links of others",
            _feed(
                _rss(
                    "".join(
                        _item(n, "<guid isPermaLink='true'>http://c7.test/x</guid>")
                        for n in range(5)
                    )
                )
            ),
            "watched",
            "None",
            (_articles(5, 5),),
        ),
        ("guids that change", each(_changing), "watched", "None", (_articles(5, 5),)),
        (
            "one item 500 times",
            _feed(_rss(_item(1) * 500)),
            "watched",
            "None",
            (_articles(1, 1),),
        ),
        ("no item", _feed(_rss("")), "watched", "None", (_articles(0, 0),)),
        ("nothing", _feed(b""), "error|watched", "None", (_articles(0, 0),)),
        ("an HTML page", page(story("A story")), "error|watched", "None", ()),
    )
)

_C8 = tuple(
    Variant(
        row="C8",
        name=f"date {date!r}",
        kind="feed",
        path="/list.xml",
        pages={
            "/list.xml": _feed(_rss(_item(1, f"<pubDate>{date}</pubDate>"))),
            **_STORIES,
        },
        ends="watched",
        checks=(_articles(1, 1), _dates_are_sane, every_link_named),
        beside=True,
    )
    for date in (
        "Thu, 01 Jan 2099 00:00:00 GMT",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "0000-00-00T00:00:00Z",
        "32.13.2024",
        "Mon, 02 Mar 2026 10:00:00 XYZ",
        "Mon, 02 Mar 2026 10:00:00 +9900",
        "Mon, 02 Mar 0026 10:00:00 GMT",
        "Mon, 02 Mar 99999 10:00:00 GMT",
        "-2000-01-01",
        "yesterday",
        "",
    )
)

VARIANTS = (*_C6, *_C7, *_C8)
