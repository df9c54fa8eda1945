"""Erase again what was erased since a backup was made, before it counts as restored."""

import asyncio
from pathlib import Path

from crawler.config import Config
from crawler.service import open_service
from storage.takedown.erasure_list import LIST, add_erasure, read_erasures


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
