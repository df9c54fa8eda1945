"""`kliping token` and `kliping login`: who may ask the service, and for what."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crawler.cli.invocation import invocation_of
from crawler.cli.output import json_line, print_rows, tell
from crawler.errors import UsageError
from crawler.web.access import Scope

if TYPE_CHECKING:
    from crawler.config.tree import Config
    from crawler.web.api.tokens import TokenWanted

app = typer.Typer(help="Who may ask the service, and for what.", no_args_is_help=True)

_COLUMNS = ("id", "name", "scope", "is_login", "created_at", "expires_at")


def register(into: typer.Typer) -> None:
    """Add the verbs."""
    into.add_typer(app, name="token")
    into.command("login")(login)


@app.command("add")
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose it is.")],
    *,
    scope: Annotated[
        Scope, typer.Option(help="read; fetch opens reading too, admin everything.")
    ] = Scope.READ,
    lasts: Annotated[
        str | None, typer.Option(metavar="30d", help="Else until it is let go.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print all of it.")] = False,
) -> None:
    """Give out a token and print it, this once; only its digest is kept."""
    from crawler.cli.writing import running_service

    config = invocation_of(ctx).settings()
    wanted = {"name": name, "scope": scope, "lasts": lasts}
    if service := running_service(config):
        made = service.post("/v1/tokens", wanted)
    else:
        made = asyncio.run(_give(config, _asked(wanted)))
    typer.echo(json_line(made) if as_json else made["token"])


@app.command("list")
def list_(ctx: typer.Context) -> None:
    """List tokens and browsers' logins; the tokens themselves are kept nowhere."""
    from crawler.kept.reader import open_reader
    from storage.sql.tokens import list_tokens

    config = invocation_of(ctx).settings()
    with open_reader(config) as reader, reader.session() as session:
        found = list_tokens(session)
    rows = [{name: getattr(one, name) for name in _COLUMNS} for one in found]
    print_rows(rows, _COLUMNS, "no token was given out")


@app.command("revoke")
def revoke(
    ctx: typer.Context,
    number: Annotated[int, typer.Argument(metavar="ID", min=1, help="See `list`.")],
) -> None:
    """Let a token go, and the logins that were made with it."""
    from crawler.cli.writing import running_service

    config = invocation_of(ctx).settings()
    if service := running_service(config):
        service.delete(f"/v1/tokens/{number}")
    elif not asyncio.run(_take(config, number)):
        raise UsageError(f"there is no token {number}")
    tell(f"token {number} opens nothing any more")


def login(ctx: typer.Context) -> None:
    """Print a link that logs a browser in as the operator; it is good for an hour."""
    config = invocation_of(ctx).settings()
    link = login_link(config)
    if link is None:
        raise UsageError("no service runs on this data folder; start `kliping serve`")
    typer.echo(link)


def login_link(config: "Config") -> str | None:
    """Return a link to log in with at the running service; None when none runs."""
    from crawler.cli.writing import running_service
    from crawler.clock import utc_now
    from crawler.web.keys import Keys

    service = running_service(config)
    if service is None:
        return None
    code = Keys(service.token, {}).code(utc_now())
    return f"{service.address}/login?code={code}"


def _asked(wanted: dict[str, Any]) -> "TokenWanted":
    """Return what was asked for; raise UsageError where it makes no token."""
    from pydantic import ValidationError

    from crawler.faults import first_fault
    from crawler.web.api.tokens import TokenWanted

    try:
        return TokenWanted.model_validate(wanted)
    except ValidationError as error:
        raise UsageError(first_fault(error)) from error


async def _give(config: "Config", asked: "TokenWanted") -> dict[str, Any]:
    from crawler.service.opening import open_service
    from crawler.web.api.tokens import given_out
    from crawler.web.giving import give_token

    async with open_service(config) as service:
        given = await give_token(service, asked.name, asked.scope, asked.lasts)
    return given_out(given).model_dump(mode="json")


async def _take(config: "Config", number: int) -> bool:
    from crawler.service.opening import open_service
    from crawler.web.giving import take_token

    async with open_service(config) as service:
        return await take_token(service, number)
