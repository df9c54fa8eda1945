"""Odd servers: what each sends, and what of it is which part of an exchange.

`interim + response + excess` is all that it sends, where it is read to the end.
"""

import gzip
from dataclasses import dataclass

import brotli

from storage.model.exchange import Truncated
from tests.crawler.fetch.servers import page

TEXT = b"<p>Ferry line restored after nine weeks.</p>"
OK = b"HTTP/1.1 200 OK\r\n"
LENGTH = b"Content-Length: %d\r\n" % len(TEXT)
REST = LENGTH + b"\r\n" + TEXT
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
LAST_CHUNKS = b"2c\r\n" + TEXT + b"\r\n0\r\n\r\n"
GZIPPED = gzip.compress(TEXT, mtime=0)
BROTLI = brotli.compress(TEXT)
NOT_MODIFIED = b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n'
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
#: As long as our limit allows.
LONG_HEADERS = b"".join(b"X-%d: %b\r\n" % (n, b"v" * 100) for n in range(290))


@dataclass(frozen=True, kw_only=True)
class Odd:
    """What a server sends before it hangs up, and what it comes to."""

    response: bytes
    interim: bytes = b""
    excess: bytes = b""
    body: bytes = TEXT
    truncated: Truncated | None = None

    @property
    def sent(self) -> bytes:
        return self.interim + self.response + self.excess


def _gzip_chunks(trailers: bytes) -> bytes:
    head = OK + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
    sizes = (GZIPPED[:10], len(GZIPPED) - 10, GZIPPED[10:])
    return head + b"a\r\n%b\r\n%x\r\n%b\r\n0\r\n%b\r\n" % (*sizes, trailers)


#: Responses that are whole by their own framing.
WHOLE = {
    "plain": Odd(response=page(TEXT)),
    "odd spacing": Odd(response=OK + b"X-A:   two  words \t\r\n" + REST),
    "no space after colon": Odd(response=OK + b"X-A:b\r\n" + REST),
    "odd case": Odd(
        response=OK + b"x-ODD-cASE: v\r\ncontent-LENGTH: 44\r\n\r\n" + TEXT
    ),
    "duplicate headers": Odd(
        response=OK + b"Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n" + REST
    ),
    "folded header": Odd(response=OK + b"X-Long: one\r\n \t two\r\n" + REST),
    "empty header": Odd(response=OK + b"X-Empty:\r\n" + REST),
    "latin-1 header": Odd(response=OK + b"X-City: K\xf6ln\r\n" + REST),
    "utf-8 header": Odd(response=OK + b"X-City: K\xc3\xb6ln\r\n" + REST),
    "bare line feeds": Odd(response=(OK + LENGTH + b"\r\n").replace(b"\r", b"") + TEXT),
    "mixed line ends": Odd(response=OK + b"X-A: b\n" + LENGTH + b"\n" + TEXT),
    "no reason": Odd(response=b"HTTP/1.1 200\r\n" + REST),
    "long reason": Odd(response=b"HTTP/1.1 200 All is  very well\r\n" + REST),
    "latin-1 reason": Odd(response=b"HTTP/1.1 200 Sch\xf6n\r\n" + REST),
    "http/1.0": Odd(response=b"HTTP/1.0 200 OK\r\n\r\n" + TEXT),
    "until close": Odd(response=OK + b"Connection: close\r\n\r\n" + TEXT),
    "repeated length": Odd(response=OK + LENGTH + REST),
    "long headers": Odd(response=OK + LONG_HEADERS + REST),
    "500 cookies": Odd(response=OK + b"Set-Cookie: a=1\r\n" * 500 + REST),
    "one chunk": Odd(response=CHUNKED + LAST_CHUNKS),
    "many chunks": Odd(
        response=CHUNKED
        + b"".join(b"1\r\n%c\r\n" % byte for byte in TEXT)
        + b"0\r\n\r\n"
    ),
    "chunk extensions": Odd(
        response=CHUNKED + b"02C;name=value ; x\r\n" + TEXT + b"\r\n000;end\r\n\r\n"
    ),
    "trailers": Odd(
        response=CHUNKED + b"2C\r\n" + TEXT + b"\r\n0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n"
    ),
    "length beside chunks": Odd(
        response=OK
        + b"Content-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n"
        + LAST_CHUNKS
    ),
    "gzip": Odd(response=page(GZIPPED, b"Content-Encoding: gzip")),
    "gzip in chunks": Odd(response=_gzip_chunks(b"")),
    "gzip in chunks with trailers": Odd(response=_gzip_chunks(b"X-Sum: 1\r\n")),
    "brotli": Odd(response=page(BROTLI, b"Content-Encoding: br")),
    "early hints": Odd(interim=HINTS, response=page(TEXT)),
    "two interim responses": Odd(interim=CONTINUE + HINTS, response=page(TEXT)),
    "not modified": Odd(response=NOT_MODIFIED, body=b""),
    "no content": Odd(response=b"HTTP/1.1 204 No Content\r\n\r\n", body=b""),
    "not modified with a body": Odd(response=NOT_MODIFIED, excess=TEXT, body=b""),
    "no content with a body": Odd(
        response=b"HTTP/1.1 204 No Content\r\n" + LENGTH + b"\r\n",
        excess=TEXT,
        body=b"",
    ),
    "length too short": Odd(response=page(TEXT), excess=b"<p>And more.</p>"),
    "a second response behind": Odd(response=page(TEXT), excess=page(b"planted")),
    "chunks with bytes behind": Odd(response=CHUNKED + LAST_CHUNKS, excess=b"\r\n\r\n"),
    "error page": Odd(response=b"HTTP/1.1 500 Oops\r\n" + REST),
    "unheard-of status": Odd(response=b"HTTP/1.1 999 Denied\r\n" + REST),
}

#: Responses that break off, or that we break off.
_CUT = Truncated.DISCONNECT
CUT = {
    "length too long": Odd(
        response=OK + b"Content-Length: 99\r\n\r\n" + TEXT, truncated=_CUT
    ),
    "close in a chunk": Odd(response=CHUNKED + b"FF\r\n" + TEXT, truncated=_CUT),
    "bad chunk size": Odd(
        response=CHUNKED + b"2c\r\n" + TEXT + b"\r\nzz\r\n", truncated=_CUT
    ),
    "close in the trailers": Odd(
        response=CHUNKED + b"2c\r\n" + TEXT + b"\r\n0\r\nX-Sum: ", truncated=_CUT
    ),
}

#: What is refused, but kept as far as it was read: it is a fault, not a page.
_STOPPED = Truncated.UNSPECIFIED
REFUSED = {
    "close in the head": Odd(response=OK + b"Content-Le", truncated=_CUT),
    "null in a header": Odd(response=OK + b"X: a\0b\r\n" + REST, truncated=_STOPPED),
    "bare carriage return": Odd(
        response=OK + b"X: a\rb\r\n" + REST, truncated=_STOPPED
    ),
    "space in a name": Odd(response=OK + b"X Y: z\r\n" + REST, truncated=_STOPPED),
    "line without a colon": Odd(response=OK + b"hello\r\n" + REST, truncated=_STOPPED),
    "two lengths": Odd(
        response=OK + b"Content-Length: 7\r\n" + REST, truncated=_STOPPED
    ),
    "negative length": Odd(
        response=OK + b"Content-Length: -5\r\n\r\n" + TEXT, truncated=_STOPPED
    ),
    "length in words": Odd(
        response=OK + b"Content-Length: many\r\n\r\n" + TEXT, truncated=_STOPPED
    ),
    "lower-case status line": Odd(
        response=b"http/1.1 200 ok\r\n" + REST, truncated=_STOPPED
    ),
    "http/1.7": Odd(
        response=b"HTTP/1.7 200 OK\r\n" + REST, body=b"", truncated=_STOPPED
    ),
    "two-digit status": Odd(
        response=b"HTTP/1.1 20 OK\r\n" + REST, body=b"", truncated=_STOPPED
    ),
    "http/0.9": Odd(response=b"<html>" + TEXT + b"</html>", body=b"", truncated=_CUT),
    "another protocol": Odd(
        response=b"SSH-2.0-OpenSSH_9\r\n", body=b"", truncated=_CUT
    ),
    "hints and no more": Odd(response=HINTS, body=b"", truncated=_CUT),
}
