"""Under which spelling of its identity an address is known.

An address is entered under its plain spelling (`storage.spelling`). What was entered
under another before, or barred, stays as it is: notes, tombstones and lists of erasures
name it so. Every function takes the session of one transaction and does not commit.
"""

from collections.abc import Collection, Iterable

from sqlmodel import Session, col, select

from storage.spelling import plain_key
from storage.sql.bars import erased_key, key_sha256
from storage.sql.tables import ArticleRow, LinkRow, TakedownTargetRow

_AT_ONCE = 300


def settled_keys(session: Session, keys: Iterable[str]) -> dict[str, str]:
    """Return under which identity each of some is known, or is to be entered."""
    keys = list(keys)
    odd = [key for key in keys if plain_key(key) != key]
    known = _known(session, odd)
    return {key: key if key in known else plain_key(key) for key in keys}


def settled_key(session: Session, key: str) -> str:
    """Return under which identity one is known, or is to be entered."""
    return settled_keys(session, (key,))[key]


def _known(session: Session, keys: Collection[str]) -> set[str]:
    ordered = list(keys)
    found: set[str] = set()
    for start in range(0, len(ordered), _AT_ONCE):
        part = ordered[start : start + _AT_ONCE]
        names = {erased_key(key): key for key in part} | {key: key for key in part}
        hashes = {key_sha256(key): key for key in part}
        for column in (LinkRow.key, ArticleRow.key):
            rows = session.exec(select(column).where(col(column).in_(names)))
            found.update(names[one] for one in rows)
        targets = select(TakedownTargetRow.key_sha256)
        rows = session.exec(
            targets.where(col(TakedownTargetRow.key_sha256).in_(hashes))
        )
        found.update(hashes[one] for one in rows)
    return found
