"""What a database reads to answer: SQLite's own plan of each question."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event
from sqlmodel import Session

Ask = Callable[[Session], object]
_Question = tuple[str, Any]


def scans(engine: Engine, ask: Ask) -> list[str]:
    """Return the steps that read a whole table or index, each with its question.

    What is asked is undone.
    """
    with _heard(engine) as questions, Session(engine) as session:
        ask(session)
        session.rollback()
    with engine.connect() as connection:
        return [
            f"{step}: {' '.join(question.split())}"
            for question, values in questions
            for _, _, _, step in connection.exec_driver_sql(
                f"EXPLAIN QUERY PLAN {question}", values
            )
            if step.startswith("SCAN ") and not _is_passing(step)
        ]


def _is_passing(step: str) -> bool:
    """Tell a scan of an intermediate result, which is as long as what made it."""
    return step.split()[1].startswith(("anon_", "SUBQUERY", "CONSTANT"))


@contextmanager
def _heard(engine: Engine) -> Iterator[Sequence[_Question]]:
    questions: list[_Question] = []

    def hear(_c: Any, _k: Any, statement: str, values: Any, *_: Any) -> None:  # noqa: ANN401
        if statement.lstrip().upper().startswith(("SELECT", "UPDATE")):
            questions.append((statement, values))

    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield questions
    finally:
        event.remove(engine, "before_cursor_execute", hear)
