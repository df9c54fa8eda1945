"""Give out tokens and let them go."""

from dataclasses import dataclass
from datetime import timedelta

from crawler.service.service import Service
from crawler.web.access import Scope
from crawler.web.keys import digest, new_token
from storage.sql.tables import TokenRow
from storage.sql.tokens import Token, add_token, forget_token
from storage.writer import Tx


@dataclass(frozen=True, slots=True)
class Given:
    """A token that was just given out, and what is known of it from now on."""

    token: str
    known: Token


async def give_token(
    service: Service, name: str, scope: Scope, lasts: timedelta | None
) -> Given:
    """Give a new token out; only its digest is kept."""
    token, now = new_token(), service.means.now()

    def give(tx: Tx) -> Token:
        row = TokenRow(
            name=name,
            scope=scope,
            digest=digest(token),
            created_at=now,
            expires_at=now + lasts if lasts else None,
        )
        return add_token(tx.session, row)

    return Given(token, await service.means.writer.run(give))


async def take_token(service: Service, number: int) -> bool:
    """Let a token go, and the logins made with it; tell whether there was one."""
    return await service.means.writer.run(lambda tx: forget_token(tx.session, number))
