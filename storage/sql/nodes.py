"""Which node a transaction is of: the data folder of the process that writes.

A file of SQLite has one writer, whose node has no name. On PostgreSQL many nodes write,
and each has a name (storage.folder).
"""

from sqlmodel import Session

_KEY = "node"


def info_of(node: str) -> dict[str, str]:
    """Return what a session is given to know of its node."""
    return {_KEY: node}


def node_of(session: Session) -> str:
    """Return the name of the node that a session writes for."""
    return str(session.info.get(_KEY, ""))
