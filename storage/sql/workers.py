"""Which workers of a fleet are alive, as the engine's own table says."""

from datetime import timedelta

from sqlalchemy import column, func, select, table
from sqlmodel import Session


def workers_alive(session: Session, schema: str, silence: timedelta) -> int | None:
    """Count the workers that take jobs; None where there is no fleet.

    Args:
        session: Of the archive.
        schema: Where procrastinate has its tables.
        silence: After how long of it a worker is dead.
    """
    if session.get_bind().dialect.name != "postgresql":
        return None
    workers = table("procrastinate_workers", column("last_heartbeat"), schema=schema)
    known = select(func.to_regclass(str(workers.fullname)).is_not(None))
    if not session.execute(known).scalar_one():
        return None
    alive = workers.c.last_heartbeat > func.now() - silence
    return int(session.execute(select(func.count()).where(alive)).scalar_one())
