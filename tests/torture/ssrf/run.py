"""Lead the unmodified product to forbidden addresses in every way a page can.

In a network of its own (`namespace`), with public, private and metadata addresses
on loopback and a DNS that rebinds, `kliping serve`, `fetch` and `fetch --save`
meet a hostile web. Promised:

- no connection arrives at an address that is not public, or at a port that is not
  for the web;
- every public address that is to be reached is reached.

First the same runs with everything allowed in the settings: then canaries must be
hit, or this harness could not tell.
"""

import argparse
import random
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import digits

from sqlmodel import Session, col, select

from storage.sql.engine import reading_engine, sqlite_url
from storage.sql.tables import LinkRow
from tests.torture import namespace
from tests.torture.faults.dns_server import Reply, Zone, name_server
from tests.torture.ssrf.addresses import (
    FORBIDDEN_V4,
    FORBIDDEN_V6,
    HARMLESS,
    HARMLESS_V6,
    PUBLIC,
    SITES,
)
from tests.torture.ssrf.settings import unusable, usable, write_settings
from tests.torture.ssrf.vectors import BROWSER_WAYS, WAYS, Vector, replies, vectors
from tests.torture.ssrf.web import hostile_web
from tests.torture.world import ROOT, start_service

#: Of each way, with everything allowed: enough to see that canaries are hit.
_HOLED = 3
_SECONDS = 1200
#: Questions of two look-ups: each is for an A and an AAAA.
_TWICE = 4
#: Exit codes that say that inputs failed, as they should.
_EXPECTED_EXIT = frozenset({0, 1, 11})
_EVERYWHERE = ("0.0.0.0/0", "::/0")
#: Already there, or nothing a host can have.
_OWN = frozenset({"0.0.0.0", "0.0.0.1", "::", "::1", "127.0.0.1", "127.1.2.3"})


@dataclass(slots=True, kw_only=True)
class Attack:
    """What came of one run of all vectors."""

    hits: list[str]
    missed: list[int]
    seen: set[int]
    reached: int
    expected: int
    pages: int
    states: Counter[str]
    waiting: list[str]
    rebound: int
    troubles: list[str]


def run(args: argparse.Namespace, dice: random.Random) -> dict[str, object]:
    """Attack with everything allowed, then with the settings as shipped."""
    namespace.enter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        given = (*SITES, HARMLESS, HARMLESS_V6, *PUBLIC, *FORBIDDEN_V4, *FORBIDDEN_V6)
        namespace.furnish([a for a in given if a not in _OWN], folder)
        deaf = _deaf_canaries()
        few = vectors(min(_HOLED, args.per_way), dice)
        holed = attack(folder / "holed", few, _watch, _EVERYWHERE)
        ways = WAYS + BROWSER_WAYS if args.browser else WAYS
        many = vectors(args.per_way, dice, ways)
        guarded = attack(folder / "guarded", many, _watch_and_type)
    by_browser = sum(many[n].way in BROWSER_WAYS for n in guarded.seen)
    forbidden = [vector for vector in many if not vector.public]
    return {
        "vectors": len(forbidden),
        "ways": len({vector.way for vector in forbidden}),
        "forms": len({vector.form for vector in forbidden}),
        "addresses": len({vector.address for vector in forbidden}),
        "canary_hits": len(guarded.hits),
        "public_expected": guarded.expected,
        "public_reached": guarded.reached,
        "public_addresses": len({v.address for v in many if v.is_expected}),
        "rebound": guarded.rebound,
        "requests_answered": guarded.pages,
        "public_reached_by_browser": by_browser,
        "states": dict(guarded.states),
        "canary_hits_with_everything_allowed": len(holed.hits),
        "broken": [
            *(f"no canary at {address}" for address in deaf),
            *(f"hit: {hit}" for hit in guarded.hits[:20]),
            *(f"not reached: {many[n]}" for n in guarded.missed[:20]),
            *(f"still waiting: {url}" for url in guarded.waiting[:20]),
            *guarded.troubles[:20],
            *["no script reached the web"] * (args.browser and not by_browser),
            *["nothing is hit when everything is allowed"] * (not holed.hits),
        ],
    }


def attack(
    folder: Path,
    chosen: Sequence[Vector],
    meet: Callable[[Path, Sequence[Vector]], list[str]],
    allowed: Sequence[str] = (),
) -> Attack:
    """Let the product meet these vectors.

    Args:
        folder: Keeps settings and archive.
        chosen: What the hostile web shows.
        meet: Runs the product; returns what it did that it never should.
        allowed: Networks that its settings allow.
    """
    config = write_settings(folder, usable(chosen), allowed)
    with name_server(_zone(chosen)) as dns, hostile_web(chosen) as web:
        troubles = meet(config, chosen)
    expected = {vector.number for vector in chosen if vector.is_expected}
    states, waiting = _ledger(folder)
    return Attack(
        hits=sorted(web.hits),
        missed=sorted(expected - web.reached),
        seen=web.reached,
        reached=len(expected & web.reached),
        expected=len(expected),
        pages=web.pages,
        states=states,
        waiting=waiting,
        rebound=sum(
            dns.asked[f"n{v.number}.{v.domain}"] >= _TWICE
            for v in chosen
            if v.form == "name rebind" and not v.public
        ),
        troubles=troubles,
    )


def _watch(config: Path, _: Sequence[Vector]) -> list[str]:
    return _run(config, "serve", "--once")


def _watch_and_type(config: Path, chosen: Sequence[Vector]) -> list[str]:
    """Watch the sources; then ask for URLs, also of a service that runs."""
    troubles = _refused_settings(config.parent, chosen)
    troubles += _watch(config, chosen)
    troubles += _run(config, "fetch", *_typed(chosen, "typed"))
    service = start_service(config)
    try:
        troubles += _run(config, "fetch", "--save", *_typed(chosen, "saved"))
    finally:
        _, code = service.terminate()
    troubles += [f"serve ended with {code}"] * (code != 0)
    return troubles + [str(trouble) for trouble in service.troubles]


def _deaf_canaries() -> list[str]:
    """Return the forbidden addresses at which a connection would not be seen."""
    deaf = []
    with hostile_web(()) as web:
        for address in (*FORBIDDEN_V4, *FORBIDDEN_V6):
            before = len(web.hits)
            try:
                with socket.create_connection((address, 80), timeout=5) as made:
                    made.sendall(b"GET / HTTP/1.1\r\nHost: canary\r\n\r\n")
                    made.recv(1)
            except OSError:
                pass
            if len(web.hits) == before:
                deaf.append(address)
    return deaf


def _zone(chosen: Sequence[Vector]) -> Zone:
    def zone(name: str) -> Sequence[Reply]:
        first, _, site = name.partition(".")
        kind = first.rstrip(digits)
        number = first.removeprefix(kind)
        match kind:
            case "site":
                return (Reply(addresses=(SITES[int(number)],)),)
            case "robots":
                return zone(site)
            case "n":
                return replies(chosen[int(number)])
            case "inner-":
                return (Reply(addresses=(chosen[int(number)].address,)),)
        return ()

    return zone


def _refused_settings(folder: Path, chosen: Sequence[Vector]) -> list[str]:
    """Let `config check` see the sources whose URLs are none; all must be named."""
    bad = unusable(chosen)
    done = _kliping(write_settings(folder / "bad", bad, ()), "config", "check")
    taken = [s["name"] for n, s in enumerate(bad) if f"sources.{n}." not in done.stderr]
    return [f"config check takes {name}" for name in taken]


def _typed(chosen: Sequence[Vector], prefix: str) -> list[str]:
    direct = [v.url for v in chosen if v.way == prefix]
    return direct + [
        f"http://{v.domain}/go/{v.number}/302"
        for v in chosen
        if v.way == f"{prefix}_redirect"
    ]


def _run(config: Path, *arguments: str) -> list[str]:
    done = _kliping(config, *arguments)
    if done.returncode in _EXPECTED_EXIT and "Traceback" not in done.stderr:
        return []
    return [f"{arguments[0]} ended with {done.returncode}: {done.stderr[-2000:]}"]


def _kliping(config: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "crawler", "--config", str(config), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
    )


def _ledger(folder: Path) -> tuple[Counter[str], list[str]]:
    """Return how many traps stand in which state, and those never asked for."""
    engine = reading_engine(sqlite_url(folder / "data"))
    with Session(engine) as session:
        rows = session.exec(
            select(LinkRow.url, LinkRow.state).where(col(LinkRow.url).contains("/v/"))
        ).all()
    engine.dispose()
    waiting = [url for url, state in rows if state == "waiting"]
    return Counter(str(state) for _, state in rows), waiting
