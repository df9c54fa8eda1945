"""Faults of redirects, names, answers and content: N13-N21, N24-N30."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from tests.quality.verdict_notices import GONE
from tests.quality.verdict_walls import CONSENTS, WALLS
from tests.torture.dns_server import SERVER_FAILURE, SILENCE, Reply
from tests.torture.fault_rows_wire import CHUNKED, GZIP_BOMB, STORY, coded, sized
from tests.torture.fault_scripts import (
    drip,
    each,
    endless,
    feed,
    missing_after,
    page,
    raw,
    redirect,
    reply,
    stay,
    story,
    turns,
)
from tests.torture.fault_server import Talk
from tests.torture.fault_variant import (
    BLACK_HOLES,
    Seen,
    Variant,
    at_most,
    each_hop_kept,
    every_link_named,
    no_article,
    no_canary,
    nothing_kept,
    one_article,
    one_version,
    rests,
)

_PLAIN = "text/plain"
_DAY = 86_400
_OWN = Reply(addresses=("own",))


def _states(*wanted: str) -> object:
    """Return a check that the host's links other than the asked one end so."""

    def check(seen: Seen) -> list[str]:
        asked = seen.link.id if seen.link else None
        found = sorted({row.state for row in seen.links if row.id != asked})
        return [] if found == sorted(wanted) else [f"others are {found}"]

    return check


_REDIRECTS = (
    Variant(
        row="N13",
        name="a loop of two",
        pages={"/story": redirect("/b"), "/b": redirect("/story")},
        says="TooManyRedirects",
        asked={"/story": 1, "/b": 1},
        checks=(each_hop_kept, no_article),
        smoke=True,
    ),
    Variant(
        row="N13",
        name="itself with a growing query",
        pages={"*": redirect("{path}x?n={n}")},
        says="TooManyRedirects",
        checks=(each_hop_kept, no_article, at_most(12)),
    ),
    Variant(
        row="N13",
        name="ten hops",
        pages={
            "/story": redirect("/1"),
            **{f"/{n}": redirect(f"/{n + 1}") for n in range(1, 10)},
            "/10": page(STORY),
        },
        ends="archived",
        checks=(each_hop_kept, one_article),
    ),
    Variant(
        row="N13",
        name="Refresh header",
        pages={"/story": page(b"<html></html>", "200 OK", "Refresh: 0; url=/b")},
        ends="error|gone|not_article",
        asked={"/b": 0},
        checks=(no_article,),
    ),
    Variant(
        row="N13",
        name="meta refresh to itself",
        pages={
            "/story": page(
                b"<html><head><meta http-equiv=refresh content='0;url=/story'></head>"
                b"<body>Moved</body></html>"
            )
        },
        ends="error|gone|not_article",
        asked={"/story": 1},
        checks=(no_article,),
    ),
    Variant(
        row="N13",
        name="no Location",
        pages={"/story": page(b"", "302 Found")},
        says="HTTP 302",
        checks=(no_article,),
    ),
    Variant(
        row="N13",
        name="to a host whose robots.txt forbids it",
        pages={"/story": redirect("http://n13-forbids.test/story")},
        others={
            "n13-forbids.test": {
                "/robots.txt": page(b"User-agent: *\nDisallow: /", kind=_PLAIN),
                "/story": page(STORY),
            }
        },
        ends="duplicate",
        says="moved to",
        checks=(_states("robots"), no_article),
    ),
)

_ELSEWHERE = (
    *(
        Variant(
            row="N14",
            name=f"to {where}",
            pages={"/story": redirect(where)},
            ends="refused|error|duplicate",
            asked={"/story": 1},
            checks=(no_article, no_canary),
            smoke=where in {"file:///etc/passwd", "http://169.254.169.254/"},
        )
        for where in (
            "file:///etc/passwd",
            "ftp://10.0.0.1/",
            "gopher://10.0.0.1:70/x",
            "data:text/html,hello",
            "javascript:alert(1)",
            "//10.0.0.1/",
            "http://169.254.169.254/",
            "http://[::ffff:10.0.0.1]/",
            "http://[fd00::1]/",
            "http://0x0a000002/",
            "http://167772163/",
            "http://10.4/",
            "http://localhost/",
            "http://n14.test:22/",
            "http://n14.test:25/",
            "http://n14.test:6379/",
            "http://a@10.0.0.1/",
            "http:\\\\10.0.0.1\\",
            "http://10.0.0.1\t/",
        )
    ),
    *(
        Variant(
            row="N15",
            name=name,
            replies=replies,
            pages={"/story": raw(sized(len(STORY))), "/robots.txt": raw(reply())},
            ends="refused|error",
            says=says,
            asked={"/story": 0},
            checks=(no_article, no_canary),
            smoke=name == "rebinding after robots.txt",
        )
        for name, replies, says in (
            (
                "rebinding after robots.txt",
                (_OWN, Reply(addresses=("127.0.0.1",))),
                "not allowed",
            ),
            (
                "public and private",
                (Reply(addresses=("own", "10.0.0.1")),),
                "not allow",
            ),
            (
                "private and public",
                (Reply(addresses=("10.0.0.1", "own")),),
                "not allow",
            ),
            ("CNAME to localhost", (Reply(alias="localhost"),), ""),
            ("CNAME to a private name", (Reply(alias="n15-private.test"),), ""),
            ("AAAA in ULA", (Reply(addresses=("fd00::1",)),), "not allowed"),
            ("mapped", (Reply(addresses=("::ffff:10.0.0.1",)),), "not allowed"),
            ("metadata", (Reply(addresses=("169.254.169.254",)),), "not allowed"),
        )
    ),
    Variant(
        row="N16",
        name="no such name",
        replies=(),
        says="NameNotResolved",
        checks=(nothing_kept,),
        smoke=True,
    ),
    Variant(
        row="N16",
        name="the server fails",
        replies=(Reply(code=SERVER_FAILURE),),
        says="NameNotResolved",
        checks=(nothing_kept,),
        takes="dns",
    ),
    Variant(
        row="N16",
        name="slow by a second",
        replies=(Reply(addresses=("own",), after=1.0),),
        pages={"/story": page(STORY)},
        ends="archived",
        takes="dns",
    ),
    Variant(
        row="N16",
        name="slow by a minute",
        replies=(Reply(addresses=("own",), after=60.0),),
        says="NameNotResolved",
        takes="dns",
        checks=(nothing_kept,),
    ),
    Variant(
        row="N16",
        name="silent",
        replies=(SILENCE,),
        says="NameNotResolved",
        takes="dns",
        checks=(nothing_kept,),
    ),
    Variant(
        row="N16",
        name="no address",
        replies=(Reply(),),
        says="NameNotResolved",
        checks=(nothing_kept,),
    ),
    Variant(
        row="N16",
        name="60 addresses",
        replies=(Reply(addresses=("own", *(f"93.184.200.{n}" for n in range(59)))),),
        pages={"/story": page(STORY)},
        ends="archived|error",
        says="article|ConnectFailed|NameNotResolved",
        takes="connect",
    ),
    Variant(
        row="N16",
        name="a label of 64 letters",
        pages={"/story": redirect(f"http://{'a' * 64}.test/")},
        ends="refused|error|duplicate",
        checks=(no_article,),
    ),
    Variant(
        row="N16",
        name="a dot at the end",
        pages={"/story": redirect("http://n16-dot.test./story")},
        others={"n16-dot.test": {"/story": page(STORY)}},
        ends="duplicate",
    ),
)


async def _busy(talk: Talk) -> None:
    """Ask for 300 seconds, as a date."""
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=300), usegmt=True)
    await talk.send(reply(b"", "429 Too Many Requests", f"Retry-After: {later}"))


def _wait(value: str, status: str = "429 Too Many Requests") -> object:
    return page(b"", status, *([f"Retry-After: {value}"] if value else []))


_STATUSES = (
    *(
        Variant(
            row="N17",
            name=name,
            kind="feed",
            path="/feed.xml",
            pages={
                "/feed.xml": each(
                    lambda talk: reply(
                        feed(talk.host, ["/story-a-1", "/story-b-2"]), kind="text/xml"
                    )
                ),
                "*": script,
            },
            ends="watched",
            checks=(rests(least, most), at_most(3), no_article),
            smoke=name == "429 in seconds",
        )
        for name, script, least, most in (
            ("429 in seconds", _wait("120"), 110, 121),
            ("429 as a date", _busy, 285, 301),
            (
                "429 as a date that is past",
                _wait("Wed, 21 Oct 2015 07:28:00 GMT"),
                45,
                75,
            ),
            ("429 with a negative number", _wait("-1"), 45, 200),
            ("429 with 1e9", _wait("1e9"), 45, 200),
            ("429 with 1000000000", _wait("1000000000"), _DAY - 20, _DAY + 1),
            ("429 without a word", _wait(""), 45, 200),
            ("503 in seconds", _wait("300", "503 Busy"), 285, 301),
        )
    ),
    *(
        Variant(
            row="N18",
            name=f"{name} {number}",
            pages={"/story": script},
            ends=ends,
            asked={"/story": 1},
            checks=(check,),
            beside=True,
        )
        for number in range(6)
        for name, script, ends, check in (
            ("503", page(b"", "503 Busy"), "error", rests(40, 200)),
            ("beside 503", page(STORY), "archived", one_article),
        )
    ),
    *(
        Variant(
            row="N19",
            name=name,
            pages={"/story": page(body, status, *headers)},
            ends=ends,
            asked={"/story": 1},
            checks=(no_article,),
            smoke=name == "challenge with 403",
        )
        for name, body, status, headers, ends in (
            ("403", b"no", "403 Forbidden", (), "blocked"),
            (
                "challenge with 403",
                STORY,
                "403 Forbidden",
                ("cf-mitigated: challenge",),
                "blocked",
            ),
            (
                "challenge with 200",
                STORY,
                "200 OK",
                ("cf-mitigated: challenge",),
                "blocked",
            ),
            (
                "challenge with 503",
                STORY,
                "503 Busy",
                ("cf-mitigated: challenge",),
                "blocked",
            ),
            (
                "401",
                b"",
                "401 Unauthorized",
                ("WWW-Authenticate: Basic realm=a",),
                "blocked",
            ),
            ("402", b"", "402 Payment Required", (), "blocked"),
            ("451", b"", "451 Unavailable", (), "blocked"),
        )
    ),
    *(
        Variant(
            row="N20",
            name=name,
            pages={"*": page(sample.html.encode())},
            ends="blocked|gone|error|not_article",
            asked={"/story": 1},
            checks=(no_article,),
        )
        for name, sample in (
            ("wall: press and hold", WALLS["press and hold, German"]),
            ("wall: request blocked", WALLS["queue of tables with a reference"]),
            ("consent: Dutch form", CONSENTS["redirect to another host's form, Dutch"]),
            ("consent: Polish dialog", CONSENTS["Polish, dialog over nothing"]),
            ("soft 404: French", GONE["French, search form"]),
            ("soft 404: Chinese", GONE["Chinese, counts down to the front page"]),
        )
    ),
    *(
        Variant(
            row="N20",
            name=name,
            pages={"/story": page(body)},
            ends="blocked|gone|error|not_article",
            asked={"/story": 1},
            checks=(no_article,),
        )
        for name, body in (
            (
                "login wall",
                (
                    b"<html><title>Sign in</title><body><h1>Sign in</h1><form method=post>"
                    b"<input name=user><input type=password><button>Go</button></form></html>"
                ),
            ),
            (
                "scripts and no text",
                (
                    b"<html><title>A story</title><body><div id=root></div><noscript>Please "
                    b"enable JavaScript</noscript><script src=/app.js></script></html>"
                ),
            ),
            ("nothing at all", b""),
        )
    ),
    Variant(
        row="N21",
        name="404 after it was archived",
        pages={"/story": missing_after(STORY, "404 Not Found")},
        ends="gone",
        fetches=2,
        checks=(one_article, one_version),
    ),
    Variant(
        row="N21",
        name="410 after it was archived",
        pages={"/story": missing_after(STORY, "410 Gone")},
        ends="gone",
        fetches=2,
        checks=(one_article, one_version),
    ),
    Variant(
        row="N21",
        name="410 at once",
        pages={"/story": page(b"", "410 Gone")},
        ends="gone",
        asked={"/story": 1},
    ),
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
            ("silent", stay(), "FetchTimeout", "first_byte", "None"),
            (
                "body byte by byte",
                drip(sized(10**6, b""), b"User-agent: x\n"),
                "Unreachable",
                "total",
                "time",
            ),
            (
                "head byte by byte",
                drip(b"HTTP/1.1 200 OK\r\n", b"X: " + b"a" * 9999),
                "FetchTimeout|Unreachable",
                "total",
                "None|time",
            ),
            (
                "length too long",
                raw(sized(999, b"User-agent: *\n")),
                "Unreachable",
                "moment",
                "disconnect",
            ),
            (
                "bad chunk",
                raw(CHUNKED + b"zz\r\n"),
                "Unreachable",
                "moment",
                "disconnect",
            ),
            (
                "garbage",
                raw(bytes(range(256)) * 9),
                "BadResponse|Unreachable",
                "moment",
                "None|unspecified|disconnect",
            ),
            (
                "endless headers",
                endless(b"HTTP/1.1 200 OK\r\n", b"X: a\r\n" * 999),
                "headers|Unreachable",
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

VARIANTS = (
    *_REDIRECTS,
    *_ELSEWHERE,
    *_STATUSES,
    *_CONTENTS,
    *_ROBOTS,
    *_ADDRESSES,
)
