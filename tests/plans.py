"""What a database reads to answer: its own plan of each question."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from psycopg import sql
from sqlalchemy import Connection, Engine, event
from sqlmodel import Session

Ask = Callable[[Session], object]
_Question = tuple[str, Any]
#: How a prepared statement is planned: once for all values, or for each.
GENERIC, CUSTOM = "force_generic_plan", "force_custom_plan"


def scans(engine: Engine, ask: Ask) -> list[str]:
    """Return the steps that read a whole table or index, each with its question.

    What is asked is undone.
    """
    return [
        f"{step}: {question}"
        for question, step in _stepped(engine, ask)
        if step.startswith("SCAN ") and not _is_passing(step)
    ]


def steps(engine: Engine, ask: Ask) -> list[str]:
    """Return all steps of SQLite's plans; what is asked is undone."""
    return [step for _, step in _stepped(engine, ask)]


def _stepped(engine: Engine, ask: Ask) -> list[tuple[str, str]]:
    with _heard(engine) as questions, Session(engine) as session:
        ask(session)
        session.rollback()
    with engine.connect() as connection:
        return [
            (" ".join(question.split()), step)
            for question, values in questions
            for _, _, _, step in connection.exec_driver_sql(
                f"EXPLAIN QUERY PLAN {question}", values
            )
        ]


def reads(engine: Engine, ask: Ask, planned: str = GENERIC) -> list[list[str]]:
    """Return what PostgreSQL reads for each question: how, and of which table.

    Steps that turned out to be needless are left out, as of other partitions. What is
    asked is undone.
    """
    return [list(_walked(plan)) for plan in _plans(engine, ask, planned)]


def removed(engine: Engine, ask: Ask) -> int:
    """Return how many rows PostgreSQL read that were none of those asked for."""
    return sum(
        passed for plan in _plans(engine, ask, GENERIC) for passed in _passed(plan)
    )


def _plans(engine: Engine, ask: Ask, planned: str) -> list[dict[str, Any]]:
    with _heard(engine) as questions, Session(engine) as session:
        ask(session)
        session.rollback()
    with engine.connect() as connection:
        connection.exec_driver_sql(f"SET plan_cache_mode = {planned}")
        plans = [_plan(connection, *one) for one in questions]
        connection.exec_driver_sql("RESET plan_cache_mode")
        return plans


def _plan(connection: Connection, question: str, values: Any) -> dict[str, Any]:  # noqa: ANN401
    places = {name: f"${number}" for number, name in enumerate(values, 1)}
    connection.exec_driver_sql(f"PREPARE asked AS {question % places}")
    said = ", ".join(sql.Literal(value).as_string() for value in values.values())
    asked = "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, FORMAT JSON) EXECUTE asked"
    ((plan,),) = connection.exec_driver_sql(f"{asked}({said})" if said else asked)
    connection.exec_driver_sql("DEALLOCATE asked")
    return dict(plan[0]["Plan"])


def _walked(node: dict[str, Any]) -> Iterator[str]:
    if node["Actual Loops"] and "Relation Name" in node:
        yield f"{node['Node Type']} {node['Relation Name']}"
    for below in node.get("Plans", []):
        yield from _walked(below)


def _passed(node: dict[str, Any]) -> Iterator[int]:
    yield round(node.get("Rows Removed by Filter", 0) * node["Actual Loops"])
    for below in node.get("Plans", []):
        yield from _passed(below)


def _is_passing(step: str) -> bool:
    """Tell a scan of an intermediate result, which is as long as what made it."""
    return step.split()[1].startswith(("anon_", "SUBQUERY", "CONSTANT"))


@contextmanager
def _heard(engine: Engine) -> Iterator[Sequence[_Question]]:
    questions: list[_Question] = []

    def hear(_c: Any, _k: Any, statement: str, values: Any, *_: Any) -> None:  # noqa: ANN401
        if statement.lstrip().upper().startswith(("SELECT", "UPDATE", "WITH")):
            questions.append((statement, values))

    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield questions
    finally:
        event.remove(engine, "before_cursor_execute", hear)
