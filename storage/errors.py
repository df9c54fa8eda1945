"""Everything that keeping can raise.

StorageError
├── ArchiveBusy          another process holds the data folder
├── DatabaseLost         WARC files, and a database that knows nothing
├── DiskFull             no space left, or below the configured floor
├── WriteFailed          a write or fsync failed; nothing of it was kept
├── StoreUnreachable     the object store does not answer, or lets nobody in
├── StoreRefused         it has something else under a name, or keeps what is to go
├── PartitionsPutOff     others hold locks, so partitions are made later
├── VisitLost            another worker has taken this host's visit
├── SchemaTooNew         the database was made by a newer Kliping
├── SchemaTooOld         it was made by an older one, and is only to be read
├── CorruptRecord        a WARC record does not match its digest or length
│   └── RecordElsewhere  its file is not here: another node of the fleet has it
├── BadDay               a day's file that cannot be read, or whose root is another
├── BadBackup            a backup that is not whole, or a folder that is in its way
├── WrongCopy            a database that is not empty, or nothing to be copied from
├── WrongTakedown        a takedown that does not fit, or cannot be lifted
├── WrongRun             a re-extraction that cannot be promoted or rolled back
└── BadQuery             a search query that cannot be read
"""

from pathlib import Path


class StorageError(Exception):
    """Base of all storage errors."""


class ArchiveBusy(StorageError):
    """Another process holds the data folder's lock."""

    def __init__(self, folder: Path, holder: str) -> None:
        """Name the folder and who holds it, as far as known."""
        super().__init__(f"{folder} is in use by {holder}")
        self.folder = folder
        self.holder = holder


class DatabaseLost(StorageError):
    """There are WARC files, and a database that knows nothing: their own is gone."""

    def __init__(self, database: str, files: int, folder: Path) -> None:
        """Name the database, and the files that lack theirs."""
        super().__init__(
            f"the database {database} is new, but {folder} holds {files} WARC "
            f"file{'s' * (files > 1)}: if it was lost, `kliping rebuild` makes it "
            "again from them; if it is another, name theirs in storage.database"
        )


class DiskFull(StorageError):
    """There is no room to write."""


class WriteFailed(StorageError):
    """A write or fsync failed; nothing of its batch was kept."""


class StoreUnreachable(StorageError):
    """The object store does not answer, or lets nobody in; it may later."""


class StoreRefused(StorageError):
    """The object store has something else under a name, or keeps what is to go."""


class PartitionsPutOff(StorageError):
    """Partitions could not be made, for others held locks for too long."""


class VisitLost(StorageError):
    """Another worker has taken this host's visit; the commit rolled back."""

    def __init__(self, host: str, fence: int) -> None:
        """Name the host and the fencing number that no longer holds."""
        super().__init__(f"visit {fence} of {host} was taken over")
        self.host = host
        self.fence = fence


class SchemaTooNew(StorageError):
    """The database was made by a newer Kliping."""


class SchemaTooOld(StorageError):
    """The database was made by an older Kliping, and whoever reads may not change it."""


class CorruptRecord(StorageError):
    """A WARC record cannot be read back as it was written."""

    def __init__(self, segment: str, offset: int, why: str) -> None:
        """Name the file, the byte offset and what is wrong."""
        super().__init__(f"{segment} at {offset}: {why}")
        self.segment = segment
        self.offset = offset
        self.why = why


class RecordElsewhere(CorruptRecord):
    """A record's file is with another node and not in an object store yet, or lost."""


class BadDay(StorageError):
    """A day's file cannot be read, or its root does not follow from its lines."""


class BadBackup(StorageError):
    """There is no whole backup, or a folder is in its way."""


class WrongRun(StorageError):
    """A re-extraction is in no state to be promoted or rolled back."""


class WrongCopy(StorageError):
    """A database is not empty, holds another copy, or is nothing to be copied from."""


class WrongTakedown(StorageError):
    """A takedown of what is no article, or one that is not there or does not stand."""


class BadQuery(StorageError):
    """A search query that cannot be read."""
