"""Ask the running API whatever its description allows, and what it does not.

schemathesis makes requests of the description, good and bad ones, and holds every
answer against it with all of its checks: undescribed statuses, media types and bodies,
faults of the server, good requests refused and bad ones taken, missing headers, methods
that are not there, tokens that are not looked at. A real service answers, over a socket.
"""

import argparse
import asyncio
import json
import logging
import os
import random
import re
import socket
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from unittest import mock

import httpx
import structlog

from crawler.config.tree import Config, Policy, Source, Storage
from crawler.config.tree import Service as ServiceConfig
from crawler.jobs.running import working
from crawler.service.opening import open_service
from crawler.service.pulse import Pulse
from crawler.service.service import Service
from crawler.web.api import sources
from crawler.web.rates import Buckets
from crawler.web.security import Rates
from crawler.web.server import serve_pages
from storage.folder import read_holder
from tests.crawler.web.material import fill

#: What is fetched is at no address that may be asked.
_EVERYTHING = (IPv4Network("0.0.0.0/0"), IPv6Network("::/0"))


@dataclass(frozen=True, slots=True)
class Size:
    """How much is asked: requests of each kind for each operation, and which kinds."""

    examples: int
    phases: str


#: The clockwork is never late.
_LATER = datetime(2100, 1, 1, tzinfo=UTC)
SMOKE = Size(examples=1, phases="examples,fuzzing")
FULL = Size(examples=30, phases="examples,coverage,fuzzing,stateful")
_COUNTS = re.compile(r"(\d+) generated")
_SETTINGS = """
[auth.openapi.token]
bearer = "{token}"
[checks]
positive_data_acceptance.expected-statuses = {accepted}
negative_data_rejection.expected-statuses = {rejected}
"""
#: Good data may name what is not there, or meet what stands; a name that has no address
#: cannot be fetched, a home may be forbidden.
_ACCEPTED = [
    "2xx",
    "400",
    "401",
    "403",
    "404",
    "409",
    "410",
    "422",
    "424",
    "429",
    "451",
]


def run(args: argparse.Namespace, rng: random.Random) -> dict[str, object]:
    """Ask, and return the figures."""
    size = SMOKE if args.smoke else FULL
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR)
    )
    with tempfile.TemporaryDirectory() as name:
        return asyncio.run(ask(Path(name), size, rng.randrange(2**31)))


#: What is too long in all is refused before it is read.
_REJECTED = [
    "400",
    "401",
    "403",
    "404",
    "405",
    "409",
    "413",
    "415",
    "422",
    "424",
    "429",
]


async def ask(folder: Path, size: Size, seed: int) -> dict[str, object]:
    """Serve a small archive and let it be asked; return the figures.

    Args:
        folder: Where the archive and the report are.
        size: How much is asked.
        seed: Of what is asked.
    """
    patient = Rates(  # tokens that open nothing are tried at every route
        safe=Buckets(1e6, 1e6), unsafe=Buckets(1e6, 1e6), wrong=Buckets(1e6, 1e6)
    )
    with mock.patch("crawler.web.app.Rates", return_value=patient):
        return await _served(folder, size, seed)


async def _served(folder: Path, size: Size, seed: int) -> dict[str, object]:
    async with (
        open_service(_config(folder / "data")) as service,
        working(service) as jobs,
        serve_pages(service, Pulse(ticked_at=_LATER), jobs) as address,
    ):
        await fill(service)
        with (
            mock.patch.object(sources, "PROBE_PATIENCE", timedelta(0)),
            mock.patch("socket.getaddrinfo", _no_name),  # made-up names ask nobody
        ):
            return await _asked(service, address, folder, size, seed)


def _no_name(host: str, *_: object, **__: object) -> object:
    raise socket.gaierror(socket.EAI_NONAME, f"{host} is no name here")


def _config(folder: Path) -> Config:
    return Config(
        storage=Storage(folder=folder, disk_floor=0),
        service=ServiceConfig(port=0),
        policy=Policy(deny_networks=_EVERYTHING),
        sources=(Source(name="Harbour Post", home="https://harbour.example/"),),
    )


async def _asked(
    service: Service, address: str, folder: Path, size: Size, seed: int
) -> dict[str, object]:
    token = str((read_holder(service.folder.path) or {})["token"])
    settings = folder / "schemathesis.toml"
    settings.write_text(
        _SETTINGS.format(
            token=token, accepted=json.dumps(_ACCEPTED), rejected=json.dumps(_REJECTED)
        ),
        "utf-8",
    )
    described = folder / "openapi.json"  # it needs a token as well
    own = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(headers=own, trust_env=False) as client:
        answer = await client.get(f"{address}/openapi.json")
    described.write_bytes(answer.raise_for_status().content)
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(settings)),
        *("run", str(described), "--url", address, "--checks", "all"),
        *("--max-examples", str(size.examples), "--seed", str(seed), "--workers", "1"),
        *("--generation-database", "none", "--continue-on-failure", "--no-color"),
        *("--phases", size.phases, "--request-timeout", "60"),
        *("--max-response-time", "70", "--suppress-health-check", "all"),
        *("--exclude-path", "/v1/events/stream"),  # it never ends
    ]
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={
            **os.environ,
            "SCHEMATHESIS_HOOKS": "tests.torture.api_hooks",
            "KLIPING_TOKEN": token,
        },
    )
    out, _ = await process.communicate()
    said = out.decode("utf-8", "replace")
    if process.returncode:
        print(said)
    found = _COUNTS.search(said)
    return {
        "examples": size.examples,
        "seconds": round(time.monotonic() - began, 1),
        "requests": int(found[1]) if found else None,
        "broken": process.returncode != 0,
    }
