"""What ReplayWeb.page replays of a WARC file, in a browser.

Its service worker (wabac.js, AGPL) is fetched by npm into a folder of its own and runs in
the system's chromium; nothing of ours depends on it.
"""

import asyncio
import base64
import shutil
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.async_api import async_playwright

from crawler.fetch.chromium import find_program
from tests.crawler.fetch.odd import CUT
from tests.torture.replay.captures import Expected

PACKAGE = "replaywebpage@2.4.6"
SECONDS = 60
#: What the tool itself makes of some: no fault of the file.
DIFFERS = {
    "chunk extensions": "takes them for a part of the body",
    "unheard-of status": "a browser's Response takes 200 to 599",
    "bare line feeds": "finds no end of the head",
    "mixed line ends": "finds no end of the head",
    **dict.fromkeys(CUT, "the response is cut"),
}
_NAME = "news.warc.gz"
_PAGE = "<!doctype html><title>Replay</title>"
#: Loads the file into the service worker; answers when it is there.
_LOAD = """
async () => {
  const home = await navigator.serviceWorker.register("/replay/sw.js");
  await navigator.serviceWorker.ready;
  const added = new Promise(done => navigator.serviceWorker.addEventListener(
    "message", told => told.data.msg_type === "collAdded" && done()));
  home.active.postMessage({
    msg_type: "addColl", name: "news", file: {sourceUrl: location.origin + "/NAME"},
  });
  await added;
}
""".replace("NAME", _NAME)
#: Returns a replayed body in base64, or why there is none.
_ASK = """
async (url) => {
  try {
    const answer = await fetch(url);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte);
    return {body: btoa(text)};
  } catch (error) {
    return {error: String(error)};
  }
}
"""


def package(place: Path) -> Path:
    """Return where the package is; fetch it unless it is there."""
    if not (place / "package" / "sw.js").exists():
        npm = shutil.which("npm")
        if npm is None:
            raise SystemExit("npm is needed to fetch a replay tool: install npm")
        subprocess.run(
            [npm, "pack", PACKAGE, "--silent"],
            cwd=place,
            check=True,
            timeout=300,
            stdout=subprocess.DEVNULL,
        )
        with tarfile.open(next(place.glob("replaywebpage-*.tgz"))) as packed:
            packed.extractall(place, filter="data")
    return place / "package"


def replayed(path: Path, tool: Path, expected: list[Expected]) -> dict[str, bytes]:
    """Return what is not replayed as it was received, and how it begins."""
    root = path.parent / "web"
    (root / "replay").mkdir(parents=True)
    shutil.copy(tool / "sw.js", root / "replay" / "sw.js")
    (root / "replay" / "index.html").write_text(_PAGE)
    shutil.copy(path, root / _NAME)
    with _served(root) as home:
        return asyncio.run(_replayed(home, expected))


@contextmanager
def _served(root: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(root)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


async def _replayed(home: str, expected: list[Expected]) -> dict[str, bytes]:
    differing = {}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=find_program("chromium"), args=["--no-sandbox"]
        )
        page = await browser.new_page()
        await page.goto(f"{home}/replay/index.html")
        async with asyncio.timeout(SECONDS):
            await page.evaluate(_LOAD)
        await page.goto(f"{home}/replay/index.html")  # now under the worker
        for one in expected:
            place = f"{home}/replay/w/news/{one.at:%Y%m%d%H%M%S}id_/{one.url}"
            async with asyncio.timeout(SECONDS):
                got = await page.evaluate(_ASK, place)
            body = (
                base64.b64decode(got["body"])
                if "body" in got
                else got["error"].encode()
            )
            if body != one.body:
                differing[one.name] = body[:80]
        await browser.close()
    return differing
