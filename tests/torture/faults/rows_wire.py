"""Faults of connections and of HTTP itself: N1-N12, N22, N23."""

import brotli

from tests.torture.faults.dns_server import Reply
from tests.torture.faults.scripts import (
    chunked,
    drip,
    endless,
    gzip_bomb,
    gzip_of,
    half_close,
    page,
    raw,
    reply,
    reset,
    stay,
    story,
    turns,
)
from tests.torture.faults.server import Talk
from tests.torture.faults.variant import (
    BLACK_HOLES,
    Variant,
    no_article,
    nothing_kept,
    one_article,
    rests,
)

STORY = story("The pier is rebuilt at last")
_OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
CHUNKED = _OK + b"Transfer-Encoding: chunked\r\n\r\n"
_HALF = STORY[: len(STORY) // 2]
_LETTERS = b"a" * 65536
_NO_HTTP = "bad answer"
#: A head that was refused may be kept as it came.
_ANY_END = "None|time|length|disconnect|unspecified"
GZIP_BOMB = gzip_bomb(1024)


def sized(length: object, body: bytes = STORY) -> bytes:
    return _OK + f"Content-Length: {length}\r\n\r\n".encode() + body


def _brotli_bomb() -> bytes:
    packer = brotli.Compressor(quality=2)
    block = bytes(2**22)
    parts = [packer.process(block) for _ in range(64)]
    return b"".join(parts) + packer.finish()


def coded(body: bytes, coding: str) -> bytes:
    return reply(body, "200 OK", f"Content-Encoding: {coding}")


def _no_cookie(seen: object) -> list[str]:
    heads = seen.heads.get("/story", [])  # type: ignore[attr-defined]
    return ["a cookie was sent back"] * any("cookie" in head for head in heads)


_CONNECTIONS = (
    Variant(
        row="N1",
        name="no answer to SYN",
        replies=(Reply(addresses=BLACK_HOLES[:1]),),
        says="no connection",
        takes="connect",
        checks=(no_article, rests(40, 600)),
        smoke=True,
    ),
    Variant(
        row="N2",
        name="accepts and never answers",
        greet=stay(),
        says="no answer in time",
        takes="first_byte",
        checks=(nothing_kept,),
    ),
    Variant(
        row="N2",
        name="reads the request and never answers",
        pages={"/story": stay()},
        says="no answer in time",
        takes="first_byte",
        asked={"/story": 1},
        checks=(nothing_kept,),
        smoke=True,
    ),
    Variant(
        row="N2",
        name="stops after the head",
        pages={"/story": stay(sized(len(STORY), b""))},
        says=r"cut short \(time\)",
        takes="first_byte",
        truncated="time",
    ),
    Variant(
        row="N3",
        name="a body byte by byte",
        pages={"/story": drip(sized(10**6, b""), STORY)},
        says=r"cut short \(time\)",
        takes="total",
        truncated="time",
        smoke=True,
    ),
    Variant(
        row="N3",
        name="a chunked body byte by byte",
        pages={"/story": drip(CHUNKED, b"1\r\na\r\n")},
        says=r"cut short \(time\)",
        takes="total",
        truncated="time",
    ),
    Variant(
        row="N4",
        name="a head byte by byte",
        pages={"/story": drip(b"HTTP/1.1 200 OK\r\n", b"X-A: " + b"b" * 10000)},
        says="no answer in time",
        takes="total",
        truncated=_ANY_END,
        checks=(no_article,),
        smoke=True,
    ),
    Variant(
        row="N4",
        name="a status line byte by byte",
        pages={"/story": drip(b"", b"HTTP/1.1 200 " + b"O" * 10000)},
        says="no answer in time",
        takes="total",
        truncated=_ANY_END,
        checks=(no_article,),
    ),
)

_SIZES = (
    Variant(
        row="N5",
        name="endless chunks",
        pages={"/story": endless(CHUNKED, b"10000\r\n" + _LETTERS + b"\r\n")},
        says=r"cut short \(length\)",
        truncated="length",
        smoke=True,
    ),
    Variant(
        row="N5",
        name="endless until close",
        pages={"/story": endless(_OK + b"\r\n", _LETTERS)},
        says=r"cut short \(length\)",
        truncated="length",
    ),
    Variant(
        row="N5",
        name="a length of 3 GB",
        pages={"/story": endless(sized(3 * 10**9, b""), _LETTERS)},
        says=r"cut short \(length\)",
        truncated="length",
    ),
    Variant(
        row="N5",
        name="endless chunks of one byte",
        pages={"/story": endless(CHUNKED, b"1\r\na\r\n" * 10000)},
        says=r"cut short",
        takes="total",
        truncated="length|time",
    ),
    *(
        Variant(
            row="N6",
            name=name,
            pages={"/story": turns(coded(body, coding))},
            says=says,
            asked={"/story": 1},
            checks=(no_article,),
            smoke=name.startswith("gzip,"),
        )
        for name, body, coding, says in (
            ("gzip, 1 MB to 1 GiB", GZIP_BOMB, "gzip", "decoded"),
            ("brotli, 700 bytes to 256 MiB", _brotli_bomb(), "br", "decoded"),
            ("gzip in gzip", gzip_of(GZIP_BOMB), "gzip, gzip", "decoded"),
            (
                "gzip in gzip in gzip",
                gzip_of(gzip_of(GZIP_BOMB)),
                "gzip, gzip, gzip",
                "decoded",
            ),
            ("five codings", STORY, "gzip, gzip, gzip, gzip, gzip", "codings"),
            ("2,000 gzip members", gzip_of(b"a") * 2000, "gzip", "members"),
            (
                "zstd, as far as it says",
                b"\x28\xb5\x2f\xfd" + bytes(900),
                "zstd",
                "unknown content coding",
            ),
        )
    ),
    Variant(
        row="N7",
        name="zstd, never asked for",
        pages={"/story": turns(coded(b"\x28\xb5\x2f\xfd\x04\x00" * 99, "zstd"))},
        says="unknown content coding zstd",
        checks=(no_article,),
    ),
    Variant(
        row="N7",
        name="sound brotli",
        pages={"/story": turns(coded(brotli.compress(STORY), "br"))},
        ends="archived",
        checks=(one_article,),
    ),
    Variant(
        row="N7",
        name="brotli that ends early",
        pages={"/story": turns(coded(brotli.compress(STORY)[:-9], "br"))},
        says="br:",
        checks=(no_article,),
    ),
    Variant(
        row="N7",
        name="plain text called gzip",
        pages={"/story": turns(coded(STORY, "gzip"))},
        ends="archived",
        checks=(one_article,),
    ),
)

_FRAMES = (
    *(
        Variant(
            row="N8",
            name=name,
            pages={"/story": raw(sized(length))},
            ends=ends,
            says=says,
            truncated=str(truncated),
            asked={"/story": 1},
        )
        for name, length, ends, says, truncated in (
            ("length too long", len(STORY) + 999, "error", "disconnect", "disconnect"),
            ("length a little too short", len(STORY) - 16, "archived", "", None),
            ("negative length", -5, "error", _NO_HTTP, _ANY_END),
            ("length with letters", "12ab", "error", _NO_HTTP, _ANY_END),
            ("length of 30 digits", 10**30, "error", _NO_HTTP, _ANY_END),
            (
                "two different lengths",
                f"5\r\nContent-Length: {len(STORY)}",
                "error",
                _NO_HTTP,
                _ANY_END,
            ),
            (
                "two equal lengths",
                f"{len(STORY)}\r\nContent-Length: {len(STORY)}",
                "archived",
                "",
                None,
            ),
            ("a list of lengths", f"5, {len(STORY)}", "error", _NO_HTTP, _ANY_END),
        )
    ),
    Variant(
        row="N8",
        name="length too long and the line stays open",
        pages={"/story": stay(sized(len(STORY) + 999))},
        says=r"cut short \(time\)",
        takes="first_byte",
        truncated="time",
        smoke=True,
    ),
    *(
        Variant(
            row="N9",
            name=name,
            pages={"/story": raw(CHUNKED + body)},
            ends=ends,
            says=says,
            truncated=str(truncated),
            asked={"/story": 1},
            smoke=name == "bad size",
        )
        for name, body, ends, says, truncated in (
            (
                "cut in a chunk",
                b"ffff\r\n" + _HALF,
                "error",
                "disconnect",
                "disconnect",
            ),
            ("no last chunk", chunked(STORY)[:-5], "error", "disconnect", "disconnect"),
            ("bad size", b"zz\r\n" + STORY, "error", "disconnect", "disconnect"),
            ("negative size", b"-5\r\n" + STORY, "error", "disconnect", "disconnect"),
            (
                "size of 30 digits",
                b"f" * 30 + b"\r\n" + STORY,
                "error",
                "disconnect|length",
                "disconnect",
            ),
            (
                "extension of 1 MB",
                b"5;a=" + b"b" * 10**6 + b"\r\nhallo\r\n0\r\n\r\n",
                "error",
                "cut short",
                "disconnect",
            ),
            (
                "a short extension",
                b"5;a=b\r\n<html\r\n" + chunked(STORY[5:]),
                "archived|error",
                "",
                None,
            ),
            (
                "trailers",
                chunked(STORY)[:-2] + b"Expires: 0\r\nX-Sum: 1\r\n\r\n",
                "archived",
                "",
                None,
            ),
            (
                "bytes after the last chunk",
                chunked(STORY) + b"junk" * 99,
                "archived",
                "",
                None,
            ),
        )
    ),
    *(
        Variant(
            row="N10",
            name=name,
            pages={"/story": raw(data)},
            ends=ends,
            says=says,
            truncated=_ANY_END,
            asked={"/story": 2 if name == "nothing" else 1},
            smoke=name == "garbage",
        )
        for name, data, ends, says in (
            ("HTTP/0.9", STORY, "error", _NO_HTTP),
            ("garbage", bytes(range(256)) * 40, "error", _NO_HTTP),
            ("nothing", b"", "error", "bad answer|no connection"),
            ("only a blank line", b"\r\n\r\n", "error", _NO_HTTP),
            ("HTTP/9.9", b"HTTP/9.9 200 OK\r\n\r\n" + STORY, "error", _NO_HTTP),
            (
                "HTTP/2.0 in clear",
                b"HTTP/2.0 200 OK\r\n\r\n" + STORY,
                "error",
                _NO_HTTP,
            ),
            ("an SSH banner", b"SSH-2.0-OpenSSH_9.2\r\n", "error", _NO_HTTP),
            (
                "status of 2 digits",
                b"HTTP/1.1 20 OK\r\n\r\n" + STORY,
                "error",
                _NO_HTTP,
            ),
            ("status 999", b"HTTP/1.1 999 No\r\n\r\n" + STORY, "error", "HTTP 999"),
            ("status 600", b"HTTP/1.1 600 No\r\n\r\n" + STORY, "error", "HTTP 600"),
            ("status 099", b"HTTP/1.1 099 No\r\n\r\n" + STORY, "error", _NO_HTTP),
            ("LF alone", sized(len(STORY)).replace(b"\r\n", b"\n"), "archived", ""),
            ("NUL in a header", _OK + b"X-A: b\0c\r\n\r\n" + STORY, "error", _NO_HTTP),
            ("CR in a header", _OK + b"X-A: b\rc\r\n\r\n" + STORY, "error", _NO_HTTP),
            (
                "a header without a name",
                _OK + b": b\r\n\r\n" + STORY,
                "error",
                _NO_HTTP,
            ),
            (
                "a header without a colon",
                _OK + b"abc\r\n\r\n" + STORY,
                "error",
                _NO_HTTP,
            ),
            ("a folded header", _OK + b"X-A: b\r\n c\r\n\r\n" + STORY, "archived", ""),
            ("no reason", b"HTTP/1.1 200\r\n\r\n" + STORY, "archived", ""),
        )
    ),
    *(
        Variant(
            row="N11",
            name=name,
            pages={"/story": raw(_OK + headers + b"\r\n" + STORY)},
            says="bad answer: headers over",
            truncated=_ANY_END,
            asked={"/story": 1},
            checks=(no_article,),
        )
        for name, headers in (
            ("a header of 100 KB", b"X-A: " + b"b" * 100_000 + b"\r\n"),
            ("10,000 headers", b"X-A: b\r\n" * 10_000),
            ("a cookie of 1 MB", b"Set-Cookie: a=" + b"b" * 10**6 + b"\r\n"),
            ("5,000 cookies", b"Set-Cookie: a=b; Path=/\r\n" * 5000),
        )
    ),
    Variant(
        row="N11",
        name="300 cookies, none goes back",
        pages={
            "/story": raw(_OK + b"Set-Cookie: a=b; Path=/\r\n" * 300 + b"\r\n" + STORY)
        },
        ends="archived",
        fetches=2,
        asked={"/story": 2},
        checks=(_no_cookie, one_article),
    ),
    Variant(
        row="N11",
        name="endless headers",
        pages={"/story": endless(_OK, b"X-A: b\r\n" * 1000)},
        says="bad answer: headers over",
        truncated=_ANY_END,
        checks=(no_article,),
        smoke=True,
    ),
    Variant(
        row="N12",
        name="endless 100 Continue",
        pages={"/story": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)},
        says="bad answer: headers over",
        truncated=_ANY_END,
        checks=(no_article,),
        smoke=True,
    ),
    Variant(
        row="N12",
        name="early hints",
        pages={
            "/story": raw(
                b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 3
                + sized(len(STORY))
            )
        },
        ends="archived",
        checks=(one_article,),
    ),
    Variant(
        row="N12",
        name="101 Switching Protocols",
        pages={
            "/story": raw(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n" + STORY
            )
        },
        says="",
        truncated=_ANY_END,
        checks=(no_article,),
    ),
    *(
        Variant(
            row="N12",
            name=f"{status} with a body",
            pages={"/story": turns(reply(STORY, status))},
            says=f"HTTP {status[:3]}",
            checks=(no_article,),
        )
        for status in ("204 No Content", "304 Not Modified", "206 Partial Content")
    ),
)


async def _after_close(talk: Talk) -> None:
    """Send a page until close over TLS, and end without close_notify."""
    await talk.send(_OK + b"\r\n" + _HALF)
    talk.writer.transport.get_extra_info("socket")
    talk.writer.transport.abort()


_TLS = (
    Variant(
        row="N22",
        name="a sound certificate",
        scheme="https",
        tls="good",
        pages={"/story": page(STORY)},
        ends="archived",
        checks=(one_article,),
        smoke=True,
    ),
    *(
        Variant(
            row="N22",
            name=fault,
            scheme="https",
            tls=fault,
            pages={"/story": page(STORY)},
            says="no connection",
            asked={"/story": 0, "/robots.txt": 0},
            checks=(no_article, nothing_kept),
            smoke=fault == "expired",
        )
        for fault in (
            "expired",
            "wrong host",
            "self-signed",
            "unknown authority",
            "old",
            "unknown name",
            "many names",
        )
    ),
    Variant(
        row="N22",
        name="plain HTTP on port 443",
        scheme="https",
        says="no connection",
        checks=(nothing_kept,),
    ),
    Variant(
        row="N22",
        name="a handshake that stalls",
        scheme="https",
        stall_tls=True,
        says="no connection",
        takes="connect",
        checks=(nothing_kept,),
        smoke=True,
    ),
)

_ENDS = (
    Variant(
        row="N23",
        name="RST in the body",
        pages={"/story": reset(sized(len(STORY), _HALF))},
        says=r"cut short \(disconnect\)",
        truncated="disconnect",
        smoke=True,
    ),
    Variant(
        row="N23",
        name="RST in the head",
        pages={"/story": reset(_OK)},
        says="bad answer|no connection",
        truncated=_ANY_END,
        checks=(no_article,),
    ),
    Variant(
        row="N23",
        name="RST instead of an answer",
        pages={"/story": reset(b"")},
        says="bad answer|no connection",
        truncated=_ANY_END,
        checks=(no_article,),
    ),
    Variant(
        row="N23",
        name="our half is closed, all is said",
        pages={"/story": half_close(_OK + b"\r\n" + STORY)},
        ends="archived",
        checks=(one_article,),
    ),
    Variant(
        row="N23",
        name="TLS ends without close_notify",
        scheme="https",
        tls="good",
        pages={"/story": _after_close},
        says=r"cut short \(disconnect\)",
        truncated="disconnect",
        checks=(no_article,),
    ),
)

VARIANTS = (*_CONNECTIONS, *_SIZES, *_FRAMES, *_TLS, *_ENDS)
