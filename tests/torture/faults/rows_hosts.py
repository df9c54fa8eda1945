"""Faults of robots.txt and of addresses: N28-N30."""

from tests.torture.faults.dns_server import Reply
from tests.torture.faults.rows_wire import CHUNKED, GZIP_BOMB, STORY, coded, sized
from tests.torture.faults.scripts import (
    drip,
    endless,
    page,
    raw,
    redirect,
    stay,
    turns,
)
from tests.torture.faults.variant import (
    BLACK_HOLES,
    Variant,
    no_article,
    no_canary,
    one_article,
)

_PLAIN = "text/plain"
_OWN = Reply(addresses=("own",))


_ROBOTS = (
    *(
        Variant(
            row="N28",
            name=name,
            pages={"/robots.txt": script, "/story": page(STORY)},
            ends="error",
            says=says,
            takes=takes,
            asked={"/story": 0},
            truncated=truncated,
            checks=(no_article,),
            smoke=name in {"silent", "500"},
        )
        for name, script, says, takes, truncated in (
            ("silent", stay(), "no answer in time", "first_byte", "None"),
            (
                "body byte by byte",
                drip(sized(10**6, b""), b"User-agent: x\n"),
                "no robots.txt",
                "total",
                "time",
            ),
            (
                "head byte by byte",
                drip(b"HTTP/1.1 200 OK\r\n", b"X: " + b"a" * 9999),
                "no answer in time|no robots.txt",
                "total",
                "None|time",
            ),
            (
                "length too long",
                raw(sized(999, b"User-agent: *\n")),
                "no robots.txt",
                "moment",
                "disconnect",
            ),
            (
                "bad chunk",
                raw(CHUNKED + b"zz\r\n"),
                "no robots.txt",
                "moment",
                "disconnect",
            ),
            (
                "garbage",
                raw(bytes(range(256)) * 9),
                "bad answer|no robots.txt",
                "moment",
                "None|unspecified|disconnect",
            ),
            (
                "endless headers",
                endless(b"HTTP/1.1 200 OK\r\n", b"X: a\r\n" * 999),
                "headers|no robots.txt",
                "moment",
                "None|length",
            ),
            ("500", page(b"", "500 Oops"), "status 500", "moment", "None"),
            ("503", page(b"", "503 Busy"), "status 503", "moment", "None"),
        )
    ),
    *(
        Variant(
            row="N28",
            name=name,
            pages={"/robots.txt": script, "/story": page(STORY), **more},
            ends=ends,
            checks=checks,
        )
        for name, script, more, ends, checks in (
            (
                "endless",
                endless(CHUNKED, b"2710\r\n" + b"#" * 9999 + b"\n\r\n"),
                {},
                "archived",
                (one_article,),
            ),
            ("a gzip bomb", turns(coded(GZIP_BOMB, "gzip")), {}, "archived|error", ()),
            # RFC 9309, section 2.3.1.2: too many redirects are as good as no file
            ("a redirect loop", redirect("/robots.txt?{n}"), {}, "archived|error", ()),
            ("404", page(b"", "404 Not Found"), {}, "archived", (one_article,)),
            ("403", page(b"", "403 Forbidden"), {}, "archived", (one_article,)),
            (
                "five redirects",
                redirect("/r1"),
                {f"/r{n}": redirect(f"/r{n + 1}") for n in range(1, 5)}
                | {"/r5": page(b"User-agent: *\nDisallow: /", kind=_PLAIN)},
                "robots",
                (no_article,),
            ),
            (
                "forbids after 400 KiB",
                page(
                    b"# filler\n" * 45_000 + b"User-agent: *\nDisallow: /\n",
                    kind=_PLAIN,
                ),
                {},
                "robots",
                (no_article,),
            ),
            ("an HTML page", page(STORY), {}, "archived", (one_article,)),
        )
    ),
)

_ADDRESSES = (
    Variant(
        row="N29",
        name="the first address is dead",
        replies=(Reply(addresses=(BLACK_HOLES[0], "own")),),
        pages={"/story": page(STORY)},
        ends="archived",
        takes="first_byte",
        checks=(one_article,),
        smoke=True,
    ),
    Variant(
        row="N29",
        name="IPv6 is dead",
        replies=(Reply(addresses=(BLACK_HOLES[1], "own")),),
        pages={"/story": page(STORY)},
        ends="archived",
        takes="first_byte",
        checks=(one_article,),
    ),
    Variant(
        row="N29",
        name="the address changes",
        replies=(_OWN, _OWN, Reply(addresses=("93.184.0.200",))),
        pages={"/story": page(STORY)},
        ends="archived|error",
        fetches=2,
    ),
    Variant(
        row="N30",
        name="a proxy in the environment",
        pages={"/story": page(STORY)},
        ends="archived",
        asked={"/story": 1},
        checks=(one_article, no_canary),
        smoke=True,
    ),
)


VARIANTS = (*_ROBOTS, *_ADDRESSES)
