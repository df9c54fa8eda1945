"""What two replay tools make of our WARC file is what the servers sent.

pywb replays on the server's side, ReplayWeb.page (wabac.js) in a browser.
"""

import argparse
import asyncio
import random
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.torture.replay import pywb, webpage
from tests.torture.replay.captures import AGAIN, Expected, odd_answers, write


def run(args: argparse.Namespace, _dice: random.Random) -> dict[str, object]:
    """Replay every odd server's page, and each once more from its revisit."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path, expected = write(folder, asyncio.run(odd_answers()))
        place = Path(args.tools) if args.tools else folder / "tools"
        place.mkdir(parents=True, exist_ok=True)
        tools = pywb.environment(place / "pywb")
        by_pywb = dict(pywb.replayed(folder, path, tools, expected))
        by_browser = webpage.replayed(path, webpage.package(place), expected)
    judged = {
        pywb.PYWB: _judged(by_pywb, pywb.DIFFERS, expected),
        webpage.PACKAGE: _judged(by_browser, webpage.DIFFERS, expected),
    }
    return {
        "captures": len(expected),
        "revisits": sum(one.name.endswith(AGAIN) for one in expected),
        **judged,
        "broken": [
            f"{tool}, {name}: {body!r}"
            for tool, differing in (
                (pywb.PYWB, _unknown(by_pywb, pywb.DIFFERS)),
                (webpage.PACKAGE, _unknown(by_browser, webpage.DIFFERS)),
            )
            for name, body in differing.items()
        ],
    }


def _judged(
    differing: Mapping[str, bytes],
    known: Mapping[str, str],
    expected: list[Expected],
) -> dict[str, object]:
    return {
        "exact": len(expected) - len(differing),
        "differs": {
            name: known[name.removesuffix(AGAIN)]
            for name in differing
            if name.removesuffix(AGAIN) in known
        },
    }


def _unknown(
    differing: Mapping[str, bytes], known: Mapping[str, str]
) -> dict[str, bytes]:
    return {
        n: body for n, body in differing.items() if n.removesuffix(AGAIN) not in known
    }
