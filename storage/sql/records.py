"""WARC records that are no capture's request or answer.

Every function takes the session of one transaction and does not commit.
"""

import hashlib
from collections.abc import Sequence

from sqlmodel import Session

from storage.model import Position, RecordKind
from storage.sql.tables import CaptureRow, RecordRow


def add_strays(
    session: Session,
    capture_id: int,
    members: Sequence[bytes],
    places: Sequence[Position],
) -> None:
    """Enter what came with a capture's response and is no part of it."""
    if not members:
        return
    link_id = session.get_one(CaptureRow, capture_id).link_id
    session.add_all(
        RecordRow(
            segment=place.segment,
            offset=place.offset,
            length=place.length,
            sha256=hashlib.sha256(member).hexdigest(),
            kind=RecordKind.STRAY,
            link_id=link_id,
            capture_id=capture_id,
        )
        for place, member in zip(places, members, strict=True)
    )
    session.flush()
