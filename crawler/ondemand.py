"""Fetch and archive one URL now, or enter it to be fetched in its turn."""

from crawler.means import Means
from crawler.urls import fetch_url, host_key, url_key
from crawler.visit import Done, visit_for
from storage.model import LinkKind, NewLink
from storage.sql.ledger import add_links, due_now, find_link
from storage.writer import Tx


async def archive_one(url: str, means: Means) -> Done | None:
    """Fetch a URL now and archive it; None when its host is being visited.

    A redirect to another host is followed there, once.

    Raises:
        BadUrl: not a URL that may be fetched.
    """
    done = await visit_for(await enter_link(url, means), means)
    if done and done.settlement.reason.startswith("moved to "):
        target = done.settlement.reason.removeprefix("moved to ")
        return await visit_for(await enter_link(target, means), means) or done
    return done


async def enter_link(url: str, means: Means) -> int:
    """Enter a URL into the ledger as an article due now; return the link's id."""
    address, now = fetch_url(url), means.now()
    link = NewLink(
        url=address,
        key=url_key(address),
        host=host_key(address),
        kind=LinkKind.ARTICLE,
        next_run=now,
    )

    def enter(tx: Tx) -> int:
        add_links(tx.session, [link], source=None, found_on=None, now=now)
        row = find_link(tx.session, link.key)
        assert row is not None  # noqa: S101  # entered in this transaction
        due_now(tx.session, int(row.id or 0), now)
        return int(row.id or 0)

    return await means.writer.run(enter)
