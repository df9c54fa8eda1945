"""Faults of statuses and their headers: N17-N21."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from tests.quality.verdict_notices import GONE
from tests.quality.verdict_walls import CONSENTS, WALLS
from tests.torture.faults.rows_wire import STORY
from tests.torture.faults.scripts import (
    each,
    feed,
    missing_after,
    page,
    reply,
)
from tests.torture.faults.server import Talk
from tests.torture.faults.variant import (
    Variant,
    at_most,
    no_article,
    one_article,
    one_version,
    rests,
)

_DAY = 86_400


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


VARIANTS = _STATUSES
