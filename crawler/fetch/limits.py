"""How much one fetch, and one page in a browser, may cost."""

from dataclasses import dataclass, replace
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds of one fetch; each ends it in its own way.

    Attributes:
        connect: For the name, the connection and TLS, each.
        first_byte: For the first byte after the request, and for each silence
            later on.
        total: For the whole exchange; httpx knows no such limit.
        header_bytes: Interim responses and the response's head together;
            FastWARC stops reading a file at a longer head.
        raw_bytes: The body as it comes over the wire.
        decoded_bytes: The body after its codings are removed.
        ratio: How many times its wire size a body may grow; bodies up to
            1 MiB may always.
        redirects: Hops after the first.
    """

    connect: timedelta = timedelta(seconds=10)
    first_byte: timedelta = timedelta(seconds=20)
    total: timedelta = timedelta(seconds=60)
    header_bytes: int = 32 * 1024
    raw_bytes: int = 10 * 1024 * 1024
    decoded_bytes: int = 20 * 1024 * 1024
    ratio: int = 100
    redirects: int = 10

    def with_room(self, size: int) -> "Limits":
        """Return limits that allow bodies of so many bytes at least."""
        if size <= min(self.raw_bytes, self.decoded_bytes):
            return self
        return replace(
            self,
            raw_bytes=max(self.raw_bytes, size),
            decoded_bytes=max(self.decoded_bytes, size),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderLimits:
    """What one page may cost.

    Attributes:
        requests: Answered for a page; more are refused.
        own_time: For its scripts; the time it waits for answers does not count.
        total: For everything; then the browser is ended.
        quiet: How long nothing is asked for before a page counts as done.
        document: Largest document taken, in characters.
    """

    requests: int = 60
    own_time: timedelta = timedelta(seconds=20)
    total: timedelta = timedelta(seconds=180)
    quiet: timedelta = timedelta(milliseconds=800)
    document: int = 10 * 1024 * 1024
