"""Answers to requests with an idempotency key, to be given again.

Every function takes the session of one transaction and does not commit.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col

from storage.sql.tables import AnswerRow
from storage.sql.takedowns import last_takedown

#: Answers that tell of takedowns quote no article.
_TAKEDOWNS = "/v1/takedowns"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a request asks: its path, and the digest of all that it says."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a request was answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """A request that came before with the same key.

    Attributes:
        is_same: Whether the same was asked.
        answer: What was answered, None while it is worked at.
    """

    is_same: bool
    answer: Answer | None


def claim_key(
    session: Session,
    owner: str,
    key: str,
    asked: Asked,
    *,
    at: datetime,
    since: datetime,
) -> Before | None:
    """Take a key for a request; return the one that took it since a time, if any."""
    row = session.get(AnswerRow, (owner, _hash(key)))
    if row is not None and row.at >= since:
        return Before(is_same=row.asked_sha256 == asked.sha256, answer=_answer(row))
    if row is not None:
        session.delete(row)
        session.flush()
    row = AnswerRow(
        owner=owner,
        key_sha256=_hash(key),
        path=asked.path,
        asked_sha256=asked.sha256,
        at=at,
    )
    session.add(row)
    session.flush()
    return None


def keep_answer(session: Session, owner: str, key: str, answer: Answer) -> None:
    """Keep what a request was answered."""
    row = session.get(AnswerRow, (owner, _hash(key)))
    if row is not None:
        row.status, row.body = answer.status, answer.body
        row.headers = dict(answer.headers)
        session.flush()


def release_key(session: Session, owner: str, key: str) -> None:
    """Give a key back: its request came to no answer that is worth keeping."""
    mine = (col(AnswerRow.owner) == owner) & (col(AnswerRow.key_sha256) == _hash(key))
    session.exec(delete(AnswerRow).where(mine))


def release_unanswered(session: Session) -> None:
    """Give back the keys of requests that a process took with it when it died."""
    session.exec(delete(AnswerRow).where(col(AnswerRow.status).is_(None)))


def forget_answers(session: Session, before: datetime) -> None:
    """Forget answers from before a time.

    Of those from before something was taken down, all that may quote it.
    """
    newest = last_takedown(session)
    is_old = col(AnswerRow.at) < before
    if newest is not None:
        may_quote = ~col(AnswerRow.path).startswith(_TAKEDOWNS)
        is_old = is_old | ((col(AnswerRow.at) <= newest) & may_quote)
    is_over = col(AnswerRow.status).is_not(None)
    session.exec(delete(AnswerRow).where(is_old, is_over))


def _answer(row: AnswerRow) -> Answer | None:
    if row.status is None:
        return None
    return Answer(status=row.status, headers=row.headers or {}, body=row.body or b"")


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
