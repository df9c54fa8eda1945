"""Whose turn a data folder is: a command's is waited for, a service's is not.

A folder has one writer. Commands have it for seconds, so the next one waits; a service
has it for good, and says in the lock's note where it is reached.
"""

import asyncio
import os
from collections.abc import Mapping
from time import monotonic

import structlog

from storage.errors import ArchiveBusy
from storage.folder import DataFolder, FolderLock, read_holder

log = structlog.get_logger("crawler")

#: How long another command is waited for, and the pause between two looks, s.
PATIENCE_SECONDS = 30.0
_PAUSE_SECONDS = 0.1


async def take_folder(folder: DataFolder, members: Mapping[str, str]) -> FolderLock:
    """Return a folder's lock; a command that holds it is waited for half a minute.

    Args:
        folder: What is to be written in.
        members: What the holder is, as `DataFolder.lock` has it.

    Raises:
        ArchiveBusy: A service holds it, this process does, or a command for longer.
        DiskFull: There is no room for the lock's file.
        WriteFailed: It cannot be written.
    """
    until, is_said = monotonic() + PATIENCE_SECONDS, False
    while True:
        try:
            return folder.lock(members)
        except ArchiveBusy as busy:
            holder = read_holder(folder.path) or {}
            is_command = "address" not in holder and holder.get("pid") != os.getpid()
            if not is_command or monotonic() > until:
                raise
            if not is_said:
                log.warning("waiting for the archive", held_by=busy.holder)
            is_said = True
            await asyncio.sleep(_PAUSE_SECONDS)
