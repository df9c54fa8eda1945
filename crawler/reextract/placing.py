"""Promote a run, or roll it back: one transaction of the archive's one writer."""

from crawler.reextract.shadow import Shadow
from crawler.service import Service
from storage.sql.reextraction import Replaced, promote, roll_back


async def promote_run(service: Service, name: str) -> Replaced:
    """Put a run's new readings in the place of the old ones.

    Raises:
        UsageError: there is no such run, or it did not come to its end.
        WrongRun: it stands promoted already.
    """
    shadow, now = Shadow.named(service.folder, name), service.means.now()
    return await service.means.writer.run(
        lambda tx: promote(tx.session, name, shadow.readings(), now)
    )


async def roll_run_back(service: Service, name: str) -> Replaced:
    """Put back what stood before a run was promoted.

    Raises:
        WrongRun: it does not stand promoted, or another was promoted over it.
    """
    now = service.means.now()
    return await service.means.writer.run(lambda tx: roll_back(tx.session, name, now))
