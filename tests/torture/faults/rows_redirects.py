"""Faults of redirects and of names: N13-N16."""

from tests.torture.faults.dns_server import SERVER_FAILURE, SILENCE, Reply
from tests.torture.faults.rows_wire import STORY, sized
from tests.torture.faults.scripts import (
    page,
    raw,
    redirect,
    reply,
)
from tests.torture.faults.variant import (
    Seen,
    Variant,
    at_most,
    each_hop_kept,
    no_article,
    no_canary,
    nothing_kept,
    one_article,
)

_PLAIN = "text/plain"
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
        says="too many redirects",
        asked={"/story": 1, "/b": 1},
        checks=(each_hop_kept, no_article),
        smoke=True,
    ),
    Variant(
        row="N13",
        name="itself with a growing query",
        pages={"*": redirect("{path}x?n={n}")},
        says="too many redirects",
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
        says="no address",
        checks=(nothing_kept,),
        smoke=True,
    ),
    Variant(
        row="N16",
        name="the server fails",
        replies=(Reply(code=SERVER_FAILURE),),
        says="no address",
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
        says="no address",
        takes="dns",
        checks=(nothing_kept,),
    ),
    Variant(
        row="N16",
        name="silent",
        replies=(SILENCE,),
        says="no address",
        takes="dns",
        checks=(nothing_kept,),
    ),
    Variant(
        row="N16",
        name="no address",
        replies=(Reply(),),
        says="no address",
        checks=(nothing_kept,),
    ),
    Variant(
        row="N16",
        name="60 addresses",
        replies=(Reply(addresses=("own", *(f"93.184.200.{n}" for n in range(59)))),),
        pages={"/story": page(STORY)},
        ends="archived|error",
        says="article|no connection|no address",
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


VARIANTS = (*_REDIRECTS, *_ELSEWHERE)
