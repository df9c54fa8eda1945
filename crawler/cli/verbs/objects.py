"""`kliping objects`: what the object store has, and what is still to go there."""

import asyncio
from typing import TYPE_CHECKING

import typer

from crawler.cli.exits import ExitCode
from crawler.cli.invocation import invocation_of
from crawler.cli.output import print_rows, tell

if TYPE_CHECKING:
    from crawler.config.tree import Config

app = typer.Typer(help="Sealed WARC files in an object store.", no_args_is_help=True)
_STATUS = ("store", "uploaded", "uploaded_bytes", "waiting", "waiting_bytes", "since")
_PUSHED = ("files", "bytes", "dropped", "refused")


@app.command("status")
def status(ctx: typer.Context) -> None:
    """Show how many WARC files the object store has, and which wait to go there."""
    from crawler.cli.reading import reading
    from storage.sql.objects import standing

    config = _config(ctx)
    with reading(config) as (_, session):
        found = standing(session)
    print_rows(
        [
            {
                "store": config.storage.objects,
                "uploaded": found.uploaded,
                "uploaded_bytes": found.uploaded_bytes,
                "waiting": found.sealed,
                "waiting_bytes": found.sealed_bytes,
                "since": found.since,
                "others": found.others,
            }
        ],
        _STATUS,
        "",
    )


@app.command("push")
def push(ctx: typer.Context) -> None:
    """Put all sealed WARC files into the object store that are not there.

    A service does it by itself as it runs. Copies here that are past `keep_local` go.
    """
    from crawler.cli.writing import running_service
    from crawler.errors import UsageError

    config = _config(ctx)
    if running_service(config) is not None:
        raise UsageError("a service runs, and does this by itself: see its log")
    done = asyncio.run(_push(config))
    print_rows([done], _PUSHED, "")
    refused = done["refused"]
    for name, why in refused.items() if isinstance(refused, dict) else ():
        tell(f"kliping: {name} was not uploaded: {why}")
    if refused:
        raise typer.Exit(ExitCode.UNHEALTHY)


async def _push(config: "Config") -> dict[str, object]:
    from crawler.service.opening import open_service

    async with open_service(config) as service:
        await service.index_all()
        mirror = service.mirror
        assert mirror is not None  # noqa: S101  # the settings name a store
        files = await asyncio.to_thread(mirror.push)
        await asyncio.to_thread(mirror.drop)
        await asyncio.to_thread(mirror.withdraw)
        counts = mirror.counts
        return {
            "files": files,
            "bytes": counts.size,
            "dropped": counts.dropped,
            "refused": {name: why for name, (why, _) in counts.refused.items()},
        }


def _config(ctx: typer.Context) -> "Config":
    from crawler.errors import UsageError

    config = invocation_of(ctx).settings()
    if not config.storage.objects:
        raise UsageError("storage.objects is not set: everything stays here")
    return config
