"""The looks of a visit: those worth their price are made, the others wait."""

from collections import defaultdict
from dataclasses import replace

from crawler.means import Means
from crawler.timing.looks import PutOff, spend
from storage.model.link import Link
from storage.model.link_kind import LinkKind
from storage.model.visit import Ticket
from storage.sql.ledger import put_off
from storage.writer import Tx


async def spare(ticket: Ticket, means: Means) -> Ticket:
    """Return a visit without the looks that its sources' budgets do not reach.

    They are put off, all in one commit; each says why. All that is no look stays,
    and comes first.
    """
    looks: dict[int, list[Link]] = defaultdict(list)
    for link in ticket.links:
        if _is_look(link):
            looks[link.source or 0].append(link)
    if not looks:
        return ticket
    now = means.now()
    made: list[Link] = [link for link in ticket.links if not _is_look(link)]
    waiting: list[PutOff] = []
    for source, links in looks.items():
        spent, left = spend(links, means.plan(source), now)
        made += spent
        waiting += left
    if waiting:
        await _let_wait(means, waiting)
    return replace(ticket, links=tuple(made))


def _is_look(link: Link) -> bool:
    """Tell a look by budget: links of no source were asked for by hand."""
    return link.archived and link.kind is LinkKind.ARTICLE and link.source is not None


async def _let_wait(means: Means, waiting: list[PutOff]) -> None:
    def write(tx: Tx) -> None:
        for one in waiting:
            put_off(
                tx.session,
                one.link.id,
                seen=one.link.due,
                until=one.next_look.at,
                reason=one.next_look.why,
                rhythm=one.past,
            )

    await means.writer.run(write)
