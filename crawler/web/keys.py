"""Who bears what: the token of this run, tokens that were given out, and logins."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.web.access import Scope
from storage.sql.tokens import Token

#: Of a token: 256 random bits.
TOKEN_BYTES = 32
#: How long the link to log in with is good, and a browser's login.
LINK_LASTS = timedelta(hours=1)
LOGIN_LASTS = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks.

    Attributes:
        name: For people.
        scope: What is open to them.
        token_id: The token's number; None for the operator of this machine, and for
            nobody in particular.
        is_login: Whether a browser holds it.
    """

    name: str
    scope: Scope
    token_id: int | None = None
    is_login: bool = False


#: Whoever holds the token of this run: commands of the same user.
OPERATOR = Caller("operator", Scope.ADMIN)
ANYBODY = Caller("anybody", Scope.READ)


class Keys:
    """The tokens that open something now, by their digests."""

    def __init__(self, run_token: str, given: Mapping[str, Token]) -> None:
        """Know the token of this run and those that were given out."""
        self._run = run_token.encode()
        self._run_digest = digest(run_token)
        self.given = given

    def bearer(self, token: str, now: datetime) -> Caller | None:
        """Return who bears a token; None for one that opens nothing."""
        found = digest(token)
        if hmac.compare_digest(found, self._run_digest):
            return OPERATOR
        return self._given(found, now, is_login=False)

    def login(self, cookie: str, now: datetime) -> Caller | None:
        """Return whose login a cookie is; None for none that stands."""
        return self._given(digest(cookie), now, is_login=True)

    def _given(self, found: str, now: datetime, *, is_login: bool) -> Caller | None:
        token = self.given.get(found)  # of digests; its time tells nothing of tokens
        if token is None or token.is_login is not is_login:
            return None
        if token.expires_at is not None and token.expires_at <= now:
            return None
        return Caller(token.name, Scope(token.scope), token.id, is_login)

    def code(self, now: datetime) -> str:
        """Return a code to log in with as the operator, good for an hour."""
        until = str(int((now + LINK_LASTS).timestamp()))
        return f"{until}-{self._sign(until)}"

    def is_code(self, code: str, now: datetime) -> bool:
        """Tell whether a code is ours and its time is not over."""
        until, _, signature = code.partition("-")
        if not (until.isascii() and until.isdigit() and len(until) < 12):
            return False
        is_ours = hmac.compare_digest(
            signature.encode("utf-8", "replace"), self._sign(until).encode()
        )
        return is_ours and now.timestamp() < int(until)

    def _sign(self, until: str) -> str:
        return hmac.new(
            self._run, f"login {until}".encode(), hashlib.sha256
        ).hexdigest()


def digest(token: str) -> str:
    """Return what is known of a token: its SHA-256, in hexadecimal."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def new_token() -> str:
    """Return a new token."""
    return secrets.token_urlsafe(TOKEN_BYTES)
