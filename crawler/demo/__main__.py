"""Serve the fake news web until Ctrl-C or SIGTERM.

Prints the addresses and a list of sources ready for config.yaml.
"""

import argparse
import asyncio
import signal
import sys

import yaml

from crawler.demo.server import NewsWeb


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m crawler.demo", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8900, help="first port; 0: any")
    parser.add_argument("--speed", type=float, default=1.0, help="2: twice as fast")
    parser.add_argument("--articles", type=int, help="articles of each site at first")
    given = parser.parse_args()
    web = NewsWeb(
        host=given.host, port=given.port, speed=given.speed, articles=given.articles
    )
    asyncio.run(serve(web))


async def serve(web: NewsWeb) -> None:
    """Serve until a signal asks to stop."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopped.set)
    async with web:
        sys.stdout.write(description(web))
        sys.stdout.flush()
        await stopped.wait()


def description(web: NewsWeb) -> str:
    """Return the addresses as comments, then the sources as YAML."""
    lines = [f"# {site.base}  {site.name}" for site in (*web.sites, *web.misbehaving)]
    listed = {"sources": [site.source() for site in web.sites]}
    sources = yaml.safe_dump(listed, allow_unicode=True, sort_keys=False)
    return "\n".join(lines) + "\n" + sources


if __name__ == "__main__":
    main()
