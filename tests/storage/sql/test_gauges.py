from datetime import UTC, datetime, timedelta

from sqlmodel import Session

from storage.sql.engine import reading_engine, writing_engine
from storage.sql.gauges import gauges, makeup
from storage.sql.tables import HostRow, LinkRow, SourceDayRow, SourceRow

NOW = datetime(2026, 9, 24, 12, tzinfo=UTC)


def test_the_gauges_of_both_databases_are_the_same(url: str) -> None:
    engine = writing_engine(url)
    with Session(engine) as session:
        fill(session)
        session.commit()
    engine.dispose()
    reading = reading_engine(url)

    with Session(reading) as session:
        stand, made = gauges(session, NOW), makeup(session, NOW.date())
    reading.dispose()

    assert (stand.waiting, stand.resting, stand.alerts) == (2, 1, 0)
    assert stand.oldest_due == NOW - timedelta(hours=2)
    assert stand.sources == {"active": 1, "paused": 1}
    assert made.fields == {("Courier", "authors"): 0.75}
    assert made.removed == 0.2


def fill(session: Session) -> None:
    """Enter two sources, one of which brought articles, and links that are due."""
    for name, state in (("Courier", "active"), ("Post", "paused")):
        session.add(
            SourceRow(
                name=name,
                home="https://courier.example/",
                state=state,
                settings={},
                created_at=NOW,
            )
        )
    later = NOW + timedelta(hours=1)
    session.add(HostRow(key="courier.example", free_at=later, failures=2))
    session.add(HostRow(key="post.example", free_at=later))
    session.flush()
    for n, due in enumerate((NOW - timedelta(hours=2), NOW, later, None)):
        session.add(
            LinkRow(
                host="courier.example",
                url=f"https://courier.example/{n}",
                key=f"courier.example/{n}",
                kind="article",
                state="waiting",
                found_at=NOW,
                next_run=due,
            )
        )
    for days, new in ((0, 4), (1, 9)):
        session.add(
            SourceDayRow(
                source_id=1,
                day=(NOW - timedelta(days=days)).date(),
                new=new,
                hours=[0] * 24,
                fields={"authors": 3},
                lengths={},
                kept=800,
                removed=200,
            )
        )
    session.flush()
