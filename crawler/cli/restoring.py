"""Put a backup back, and erase again what was erased since it was made."""

import asyncio
from pathlib import Path

from crawler.config.tree import Config
from crawler.service.opening import open_service
from storage.manifest import Manifest, Progress
from storage.restoring import restore, restore_damaged
from storage.takedown.erasure_list import LIST, add_erasure, read_erasures


def put_back(
    backup: Path, folder: Path, progress: Progress, *, is_damaged: bool
) -> tuple[Manifest, tuple[str, ...]]:
    """Restore a backup, of a damaged one what is left; return which files are not whole.

    Raises:
        BadBackup: it cannot be restored, or not so.
    """
    if is_damaged:
        return restore_damaged(backup, folder, progress)
    return restore(backup, folder, progress), ()


def list_erasures(folder: Path, newer: Path) -> None:
    """Add a list to the one of a data folder that is still to be restored.

    Raises:
        BadBackup: it cannot be read.
    """
    listed = list(read_erasures(newer))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for erasure in listed:
        add_erasure(folder, erasure)


def carry_out(config: Config) -> list[str]:
    """Carry out what the list of a restored folder has; return the takedowns' names."""
    folder = config.storage.folder
    if not (folder / LIST).exists():
        return []
    return asyncio.run(_carried_out(config))


async def _carried_out(config: Config) -> list[str]:
    async with open_service(config) as service:
        return await asyncio.to_thread(service.eraser.listed)
