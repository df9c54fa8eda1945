"""A chromium process that cannot reach the network, and its end.

No name and no address resolves in it, so no proxy either; where the kernel allows
it, it lives in a network namespace of its own that has no interface at all. What
it shows comes from whoever answers its requests (`view`).
"""

import asyncio
import os
import re
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler.errors import RenderFailed

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")

_WALLS = (
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=http://127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-quic",
    "--no-pings",
    "--js-flags=--max-old-space-size=256",
)
_OWN_NETWORK = ("unshare", "--user", "--map-current-user", "--net", "--")
#: KiB of data that each process of it may have: of a page's scripts, V8 bounds objects
#: alone; what they draw, buffer or add to the document took 8 GB in three seconds.
_DATA_EACH = 1536 * 1024
#: What a browser that does not start says on stderr, in its driver's log; and of that
#: what tells why, among complaints that mean nothing.
_SAID = re.compile(r"\[err\] (.+)")
_TELLING = re.compile(r"FATAL|No usable sandbox|error while loading|cannot open")
_LONGEST = 300
#: Seconds for what should end at once.
_ENDING = 5.0


def find_program(program: str) -> str:
    """Return the path of a chromium.

    Raises:
        RenderFailed: There is none.
    """
    found = next(
        filter(None, map(shutil.which, [program] if program else PROGRAMS)), None
    )
    if found is None:
        raise RenderFailed(f"no {program or 'chromium'} is installed")
    return found


def can_drive() -> bool:
    """Tell whether the library that drives a browser is installed."""
    try:
        import playwright.async_api  # noqa: F401
    except ImportError:
        return False
    return True


@dataclass
class Chromium:
    """A running browser: its driver and folder, the pages it had and has open."""

    driver: Any
    browser: Any
    folder: Path
    pages: int = 0
    open: int = 0

    @classmethod
    async def start(cls, program: str, *, own_network: bool) -> "Chromium":
        """Start one.

        Raises:
            RenderFailed: It does not start, or what drives it is not installed.
        """
        if not can_drive():
            raise RenderFailed(
                "playwright is not installed: pip install 'kliping[browser]'"
            )
        from playwright.async_api import Error, async_playwright

        folder = Path(tempfile.mkdtemp(prefix="kliping-browser-"))
        own = own_network and await asyncio.to_thread(_can_have_own_network)
        starter = _write_starter(folder, program, own_network=own)
        driver = await async_playwright().start()
        try:
            browser = await driver.chromium.launch(
                executable_path=str(starter),
                args=list(_WALLS),
                chromium_sandbox=os.geteuid() != 0,
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
                timeout=30_000,
            )
        except BaseException as error:
            await driver.stop()
            shutil.rmtree(folder, ignore_errors=True)
            if isinstance(error, Error):
                why = f"{program} does not start: {_why(str(error))}"
                raise RenderFailed(why) from error
            raise
        return cls(driver=driver, browser=browser, folder=folder)

    async def end(self) -> None:
        """Close it, and kill what does not go by itself."""
        with suppress(Exception):
            async with asyncio.timeout(_ENDING):
                await self.browser.close()
        with suppress(OSError, ValueError):
            os.killpg(int((self.folder / "pid").read_text()), signal.SIGKILL)
        with suppress(Exception):
            async with asyncio.timeout(_ENDING):
                await self.driver.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def _why(log: str) -> str:
    """Return what a browser says of why it does not start, else what its driver says."""
    said: list[str] = _SAID.findall(log)
    telling = filter(_TELLING.search, said)
    return next(telling, (said or log.splitlines())[0])[:_LONGEST].strip()


def _can_have_own_network() -> bool:
    if shutil.which(_OWN_NETWORK[0]) is None:
        return False
    tried = subprocess.run(  # noqa: S603  # our own command
        [*_OWN_NETWORK, "true"], capture_output=True, check=False
    )
    return tried.returncode == 0


def _write_starter(folder: Path, program: str, *, own_network: bool) -> Path:
    """Write what starts the browser: it notes the process, so that it can be killed.

    The limit on data (RLIMIT_DATA) holds for each process that comes of it; one on
    addresses would not do, for V8 reserves a terabyte of them.
    """
    before = " ".join(_OWN_NETWORK) + " " if own_network else ""
    starter = folder / "start"
    starter.write_text(
        f'#!/bin/sh\necho $$ > "{folder}/pid"\nulimit -d {_DATA_EACH}\n'
        f'exec {before}"{program}" "$@"\n',
        encoding="utf-8",
    )
    starter.chmod(0o700)
    return starter
