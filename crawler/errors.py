"""Everything that crawling can raise.

CrawlError
├── ConfigError              config.yaml cannot be used; lists every problem
├── UsageError               a command was asked for what does not exist
├── FetchError               url; the exchanges that led there
│   ├── BadUrl               not an http(s) URL we may ask for
│   ├── RefusedDestination   the address guard said no
│   ├── RobotsRefused        robots.txt said no; carries its line
│   ├── TakenDown            it was excluded or erased; it is not asked for again
│   ├── HostBusy             another host's turn is needed, and is not to be had now
│   ├── RobotsUnreachable    robots.txt could not be had, so nothing is asked
│   ├── NameNotResolved      DNS has no answer
│   ├── ConnectFailed        no connection, or TLS failed
│   ├── FetchTimeout         the deadline passed before a response began
│   ├── BadResponse          not HTTP, or headers over the limit
│   ├── HttpError            an error status where a page was needed
│   ├── TooManyRedirects     more hops than allowed, or a loop
│   └── LeavesHost           a redirect to another host; carries its target
├── TooManyJobs              as much is worked at as may be, at once
├── NotReadable              bytes that are no feed, sitemap or page
├── MailFailed               a mail server did not take a mail, or nobody knows
├── RenderFailed             no browser, or it came to no end
└── ExtractFailed            the extracting child died or ran out of time
"""

from collections.abc import Sequence
from typing import ClassVar

from storage.model.exchange import Exchange


class CrawlError(Exception):
    """Base of all crawl errors."""


class ConfigError(CrawlError):
    """The configuration cannot be used."""

    def __init__(self, problems: Sequence[str]) -> None:
        """Keep every problem found, one line each."""
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class UsageError(CrawlError):
    """A command was asked for something that does not exist or does not fit."""


class FetchError(CrawlError):
    """A URL could not be fetched; nothing was received worth reading.

    `exchanges` are the redirects that led there, each worth keeping itself, and
    last what came instead of a response, if anything did. `what` is its kind in
    words, where `why` alone does not tell.
    """

    what: ClassVar[str] = ""

    def __init__(self, url: str, why: str) -> None:
        """Name the URL and, for people, the reason."""
        super().__init__(f"{url}: {why}")
        self.url = url
        self.why = why
        self.exchanges: tuple[Exchange, ...] = ()

    @property
    def reason(self) -> str:
        """What is kept and shown of it: its kind and why, in words."""
        return f"{self.what}: {self.why}" if self.what else self.why


class BadUrl(FetchError):
    """Not an http(s) URL we may ask for."""


class RefusedDestination(FetchError):
    """The address guard refused the scheme, port or address."""


class RobotsRefused(FetchError):
    """robots.txt forbids this URL; `line` is the line that says so."""

    def __init__(self, url: str, line: str) -> None:
        """Name the URL and the robots line."""
        super().__init__(url, f"robots.txt says {line}")
        self.line = line


class TakenDown(FetchError):
    """The address was excluded or erased, and is not asked for again."""

    def __init__(self, url: str) -> None:
        """Name the URL; `why` does not, for it is kept."""
        super().__init__(url, "was taken down")


class RobotsUnreachable(FetchError):
    """robots.txt could not be had; until it can, nothing is asked (RFC 9309)."""

    what = "no robots.txt to go by"


class HostBusy(FetchError):
    """Another host would have to be asked, and it is not its turn."""

    what = "host not free"


class NameNotResolved(FetchError):
    """The host name has no address."""

    what = "no address"


class ConnectFailed(FetchError):
    """No connection could be made, or TLS was not trustworthy."""

    what = "no connection"


class FetchTimeout(FetchError):
    """The deadline passed before a response began."""

    what = "no answer in time"


class BadResponse(FetchError):
    """The answer was not HTTP, or its headers were over the limit."""

    what = "bad answer"


class HttpError(FetchError):
    """The server answered, with an error, where a page was needed."""

    def __init__(self, url: str, status: int, advice: str = "") -> None:
        """Name the URL and the status, and what can be done if that is known."""
        super().__init__(
            url, f"HTTP {status}: {advice}" if advice else f"HTTP {status}"
        )
        self.status = status


class TooManyRedirects(FetchError):
    """More redirects than allowed, or a loop."""

    what = "too many redirects"


class LeavesHost(FetchError):
    """A redirect leads to another host, whose turn it is not."""

    def __init__(self, url: str, target: str) -> None:
        """Name the URL asked for and where it leads."""
        super().__init__(url, f"leads to {target}")
        self.target = target


class TooManyJobs(CrawlError):
    """As much is worked at, or waits, as may at once."""


class NotReadable(CrawlError):
    """Bytes that are no feed, sitemap or page."""


class RenderFailed(CrawlError):
    """No browser could be had, or it did not come to an end with a page."""


class ExtractFailed(CrawlError):
    """The extracting child process died or ran out of time or memory."""


class MailFailed(CrawlError):
    """A mail was not taken; `is_unsure` says that it may have been, all the same."""

    def __init__(self, why: str, *, is_unsure: bool = False) -> None:
        """Keep the reason, for people."""
        super().__init__(f"mail not sent: {why}")
        self.why = why
        self.is_unsure = is_unsure
