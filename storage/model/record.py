"""A record of a WARC file: where it stands, and what it is if no capture's."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a record's gzip member stands: file name, byte offset, byte length."""

    segment: str
    offset: int
    length: int


class RecordKind(StrEnum):
    """What a WARC record is that is no capture's request or answer.

    A `NOTE` says what rows say, a `STRAY` came with a response and is no part of it.
    """

    NOTE = "note"
    STRAY = "stray"
