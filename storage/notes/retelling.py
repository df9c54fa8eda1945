"""A note without what is erased: other links' notes name it too; pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from storage.notes.record import TARGET, Note, note_member, read_note
from storage.warc.record import ReadRecord

_OWN = frozenset({"kliping", "number"})


def retold(record: ReadRecord, gone: Mapping[str, str]) -> bytes | None:
    """Return a note's member anew, or None where it names nothing that is erased.

    Links that it says were found are left out of it; elsewhere an address becomes what
    stands for it. Its date and number stay, for the note with the highest one counts.

    Args:
        record: A note.
        gone: Addresses and identities, and what stands for each from now on.
    """
    text = record.block.decode("utf-8", "replace")
    if not any(one in text for one in gone):
        return None
    said = read_note(record) or {}
    members = {name: value for name, value in said.items() if name not in _OWN}
    if "found" in members:
        members["found"] = [
            one for one in members["found"] if one.get("key") not in gone
        ]
    note = Note(
        about=(record.header("WARC-Target-URI") or "").removeprefix(TARGET),
        members=_replaced(members, gone),
        refers_to=record.header("WARC-Refers-To"),
        number=said.get("number"),
    )
    return note_member(note, datetime.fromisoformat(record.header("WARC-Date") or ""))


def _replaced(said: Any, gone: Mapping[str, str]) -> Any:  # noqa: ANN401  # JSON
    match said:
        case dict():
            return {name: _replaced(value, gone) for name, value in said.items()}
        case list():
            return [_replaced(value, gone) for value in said]
        case str():
            for one in sorted(gone, key=len, reverse=True):
                said = said.replace(one, gone[one])
            return said
        case _:
            return said
