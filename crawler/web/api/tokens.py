"""Tokens: who may ask, and for what."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, HTTPException
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from crawler.units import Duration
from crawler.web.access import Scope
from crawler.web.given import GivenKeys, GivenService, Id
from crawler.web.giving import Given, give_token, take_token
from crawler.web.login import renew_keys
from storage.sql.tokens import Token, list_tokens

routes = APIRouter(prefix="/v1/tokens", tags=["tokens"])


_LONGEST = timedelta(days=36_500)


def _opens_something(lasts: timedelta) -> timedelta:
    if not timedelta() < lasts <= _LONGEST:
        raise ValueError("a token lasts longer than no time, and 100 years at most")
    return lasts


_Lasting = Annotated[Duration, AfterValidator(_opens_something)]
_NameWanted = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)
]


class TokenWanted(BaseModel):
    """A token for somebody: their name, what it opens, and how long it lasts."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "reading room", "scope": "read"}]},
    )

    name: _NameWanted
    scope: Scope = Scope.READ
    lasts: _Lasting | None = None


class TokenOut(BaseModel):
    """A token, without itself; a login is held by a browser."""

    id: int
    name: str
    scope: Scope
    is_login: bool
    parent_id: int | None
    created_at: datetime
    expires_at: datetime | None


class TokenGiven(TokenOut):
    """A new token: `token` is told this once, and kept nowhere."""

    token: str


class TokenList(BaseModel):
    """All tokens and logins, oldest first."""

    tokens: list[TokenOut]


@routes.get("")
def get_tokens(service: GivenService) -> TokenList:
    """List tokens and logins."""
    with service.session() as session:
        return TokenList(
            tokens=[TokenOut(**_said(one)) for one in list_tokens(session)]
        )


@routes.post("", status_code=201)
async def post_token(
    service: GivenService, keys: GivenKeys, wanted: TokenWanted
) -> TokenGiven:
    """Give out a token; it is told in this answer and never again."""
    given = await give_token(service, wanted.name, wanted.scope, wanted.lasts)
    renew_keys(service, keys)
    return given_out(given)


@routes.delete("/{number}", status_code=204)
async def delete_token(service: GivenService, keys: GivenKeys, number: Id) -> None:
    """Let a token go, and the logins made with it."""
    if not await take_token(service, number):
        raise HTTPException(404, f"There is no token {number}.")
    renew_keys(service, keys)


def given_out(given: Given) -> TokenGiven:
    """Return what is told of a token that was just given out."""
    return TokenGiven(**_said(given.known), token=given.token)


def _said(token: Token) -> dict[str, object]:
    return {name: getattr(token, name) for name in TokenOut.model_fields}
