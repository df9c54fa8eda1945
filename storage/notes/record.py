"""Notes as WARC `metadata` records, and back; pure.

A note says as JSON what the rows of one link say after a transaction: how a capture
was read, what the ledger knows of the link, the article, and one version whole. Of the
same thing the note with the highest number counts, whichever file it stands in.
`docs/archive.md` has the fields.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from storage.warc.record import ReadRecord, make_record, record_id, warc_date

#: The version of the form; readers leave alone what is newer.
FORM = 1
MEDIA = "application/json"
TARGET = "urn:kliping:note:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What rows say of one link, as JSON values by what they are about.

    Attributes:
        about: The link's key, or what else is spoken of.
        members: What is said; `docs/archive.md` has it.
        refers_to: The id of the record that it was made from, or None.
        number: The database's own (storage.sql.records.next_ids); None for a note that
            an older Kliping wrote.
    """

    about: str
    members: Mapping[str, Any]
    refers_to: str | None = None
    number: int | None = None


def note_member(note: Note, now: datetime) -> bytes:
    """Return a note as a gzip member to append."""
    number = {"number": note.number} if note.number is not None else {}
    text = json.dumps(
        {"kliping": FORM, **number, **note.members},
        ensure_ascii=False,
        separators=(",", ":"),
    )
    block = text.encode("utf-8", "replace")
    refers = [("WARC-Refers-To", note.refers_to)] if note.refers_to else []
    return make_record(
        (
            ("WARC-Type", "metadata"),
            ("WARC-Record-ID", record_id(f"{warc_date(now)}:{text}", "note")),
            ("WARC-Date", warc_date(now)),
            ("WARC-Target-URI", f"{TARGET}{note.about}"),
            *refers,
            ("Content-Type", MEDIA),
        ),
        block,
    ).member


def is_note(record: ReadRecord) -> bool:
    """Tell whether a record is a note."""
    target = record.header("WARC-Target-URI") or ""
    return record.kind == "metadata" and target.startswith(TARGET)


def read_note(record: ReadRecord) -> Mapping[str, Any] | None:
    """Return what a note says; None for a record that is none.

    Raises:
        ValueError: it is a note that cannot be read, or of a newer form.
    """
    if not is_note(record):
        return None
    said = json.loads(record.block)
    if not isinstance(said, dict) or said.get("kliping") != FORM:
        raise ValueError("a note of a form that is not known")
    return said


def stated(at: datetime | None) -> str | None:
    """Return a time as notes state it: UTC, to the microsecond."""
    return None if at is None else at.astimezone(UTC).isoformat()


def moment(text: str | None) -> datetime | None:
    """Return the time that a note states."""
    return None if text is None else datetime.fromisoformat(text)
