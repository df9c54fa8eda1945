"""`kliping digest`: what broke, what goes on and what is over, as it is mailed."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.cli.invocation import invocation_of
from crawler.cli.output import print_text, tell

if TYPE_CHECKING:
    from crawler.config.tree import Config


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("digest")(digest)


def digest(
    ctx: typer.Context,
    *,
    send: Annotated[
        bool, typer.Option("--send", help="Mail it now, as alerts.mail says.")
    ] = False,
) -> None:
    """Print the digest that would be mailed now: alerts since the last one, figures.

    With --send it is mailed, unless the day's was; the service then does not send it.
    """
    config = invocation_of(ctx).settings()
    if send:
        tell(f"the digest: {_sent(config)}")
    else:
        _print(config)


def _print(config: "Config") -> None:
    from datetime import UTC

    from crawler.cli.reading import reading
    from crawler.clock import utc_now
    from crawler.digest.composing import compose
    from crawler.digest.posting import news_of

    mail = config.alerts.mail
    with reading(config) as (reader, session):
        free = reader.folder.free_bytes()
        news = news_of(session, utc_now(), free, mail.zone if mail else UTC)
    if not (news.is_any or (mail and mail.always)):
        tell("nothing to say: no digest would be sent")
    found = compose(news, always=True)
    if found is not None:
        print_text("\n".join((found.subject, "", *found.lines)))


def _sent(config: "Config") -> str:
    from crawler.cli.writing import running_service

    if service := running_service(config):
        return str(service.post("/v1/digest", {})["state"])
    return asyncio.run(_send(config))


async def _send(config: "Config") -> str:
    from crawler.errors import UsageError
    from crawler.service.opening import open_service

    if config.alerts.mail is None:
        raise UsageError("nobody gets digests: alerts.mail is not set")
    async with open_service(config) as service:
        postman = service.postman()
        return str(await postman.send_now()) if postman else ""
