"""Addresses that are never asked for again, known by the hash of their identity.

Every function takes the session of one transaction and does not commit.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator

from sqlalchemy import update
from sqlmodel import Session, col, select

from storage.sql.tables import TakedownTargetRow

#: What a line that was erased is known by begins so, and ends in a hash.
ERASED = "erased"
_AT_ONCE = 500


def key_sha256(key: str) -> str:
    """Return the hash that stands for an address: of its identity, in hex.

    Of a line that was erased it is the one that stands there.
    """
    kind, _, stated = key.partition(f"{ERASED}:")
    if stated and not kind:
        return stated
    return hashlib.sha256(key.encode()).hexdigest()


def erased_key(key: str) -> str:
    """Return what an address is known by once it is erased."""
    return f"{ERASED}:{key_sha256(key)}"


def barred(session: Session, keys: Collection[str]) -> frozenset[str]:
    """Return those of some identities that were excluded or erased."""
    is_barred = col(TakedownTargetRow.is_barred)
    if (
        session.exec(select(TakedownTargetRow).where(is_barred).limit(1)).first()
        is None
    ):
        return frozenset()
    hashes = {key_sha256(key): key for key in keys}
    found: set[str] = set()
    for part in _parts(hashes):
        rows = select(TakedownTargetRow.key_sha256).where(
            is_barred, col(TakedownTargetRow.key_sha256).in_(part)
        )
        found.update(hashes[one] for one in session.exec(rows))
    return frozenset(found)


def refuse(session: Session, keys: Iterable[str]) -> None:
    """Count that barred addresses were found again."""
    for part in _parts([key_sha256(key) for key in keys]):
        session.exec(
            update(TakedownTargetRow)
            .where(
                col(TakedownTargetRow.is_barred),
                col(TakedownTargetRow.key_sha256).in_(part),
            )
            .values(refused=TakedownTargetRow.refused + 1)
        )


def _parts(hashes: Collection[str]) -> Iterator[list[str]]:
    ordered = list(hashes)
    for start in range(0, len(ordered), _AT_ONCE):
        yield ordered[start : start + _AT_ONCE]
