"""Take a list of URLs into the ledger."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from crawler.errors import BadUrl
from crawler.means import Means
from crawler.urls import fetch_url, host_key, url_key
from storage.model.link import NewLink
from storage.model.link_kind import LinkKind
from storage.sql.ledger import add_links
from storage.writer import Tx

AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A line of a list: a URL as it is to be fetched, or why it is none."""

    line: int
    url: str
    why: str | None = None


def read_list(lines: Iterable[str]) -> Iterator[Listed]:
    """Yield what a list names: one URL a line; blank lines and `#` say nothing."""
    for number, line in enumerate(lines, 1):
        text = line.strip().removeprefix("\ufeff")
        if not text or text.startswith("#"):
            continue
        try:
            yield Listed(line=number, url=fetch_url(text))
        except BadUrl as error:
            yield Listed(line=number, url=text, why=error.why)


def batches(urls: Iterable[str]) -> Iterator[list[str]]:
    """Yield URLs in lists of at most `AT_ONCE`."""
    rest = iter(urls)
    while part := list(islice(rest, AT_ONCE)):
        yield part


async def enter_urls(urls: Sequence[str], source: int | None, means: Means) -> int:
    """Enter URLs as articles that are due; return how many were new.

    Those that are known stay as they are.
    """
    now = means.now()
    links = [
        NewLink(
            url=url,
            key=url_key(url),
            host=host_key(url),
            kind=LinkKind.ARTICLE,
            reason="imported",
            next_run=now,
        )
        for url in urls
    ]

    def enter(tx: Tx) -> int:
        added = add_links(tx.session, links, source=source, found_on=None, now=now)
        return added.new

    return await means.writer.run(enter)
