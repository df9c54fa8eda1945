"""Tokens: who may ask the service, and for what; known by their digests alone.

Every function takes the session of one transaction and does not commit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col, select

from storage.sql.tables import TokenRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """Who bears a token, and what it opens.

    Attributes:
        id: Its number.
        name: Whose it is, for people.
        scope: What it opens, as the web face names it.
        is_login: Whether a browser holds it, as a cookie.
        parent_id: The token that a login was made with; None for the operator's own.
        created_at: When it was given out.
        expires_at: When it ends, or None.
    """

    id: int
    name: str
    scope: str
    is_login: bool
    parent_id: int | None
    created_at: datetime
    expires_at: datetime | None


def add_token(session: Session, row: TokenRow) -> Token:
    """Enter a token that was given out."""
    session.add(row)
    session.flush()
    return _token(row)


def list_tokens(session: Session) -> list[Token]:
    """Return all tokens and logins, oldest first."""
    return [_token(row) for row in _rows(session)]


def digests(session: Session) -> dict[str, Token]:
    """Return all tokens and logins by their digests."""
    return {row.digest: _token(row) for row in _rows(session)}


def has_token(session: Session, now: datetime) -> bool:
    """Tell whether a token stands that somebody else was given."""
    return any(
        not one.is_login and (one.expires_at is None or one.expires_at > now)
        for one in list_tokens(session)
    )


def forget_token(session: Session, number: int) -> bool:
    """Let a token go, and the logins made with it; tell whether there was one."""
    row = session.get(TokenRow, number)
    if row is None:
        return False
    session.execute(delete(TokenRow).where(col(TokenRow.parent_id) == number))
    session.delete(row)
    return True


def forget_expired(session: Session, now: datetime) -> None:
    """Let go what is past its time."""
    session.execute(delete(TokenRow).where(col(TokenRow.expires_at) <= now))


def _rows(session: Session) -> Sequence[TokenRow]:
    return session.exec(select(TokenRow).order_by(col(TokenRow.id))).all()


def _token(row: TokenRow) -> Token:
    names = ("name", "scope", "is_login", "parent_id", "created_at", "expires_at")
    return Token(id=int(row.id or 0), **{name: getattr(row, name) for name in names})
