"""Which node a transaction is of: the data folder of the process that writes.

A file of SQLite has one writer, whose node has no name. On PostgreSQL many nodes write,
and each has a name (storage.folder).
"""

from collections.abc import Collection

from sqlalchemy import update
from sqlmodel import Session, col

from storage.sql.tables import DayRow, SegmentRow

_KEY = "node"


def info_of(node: str) -> dict[str, str]:
    """Return what a session is given to know of its node."""
    return {_KEY: node}


def node_of(session: Session) -> str:
    """Return the name of the node that a session writes for."""
    return str(session.info.get(_KEY, ""))


def adopt(session: Session, names: Collection[str]) -> None:
    """Make a node's own what an archive of one node brought to its folder.

    Args:
        session: Of the node.
        names: Of the WARC files in its folder.
    """
    if not (node := node_of(session)):
        return
    adopted = session.exec(
        update(SegmentRow)
        .where(col(SegmentRow.node) == "", col(SegmentRow.name).in_(names))
        .values(node=node)
    )
    if adopted.rowcount:
        session.exec(update(DayRow).where(col(DayRow.node) == "").values(node=node))
