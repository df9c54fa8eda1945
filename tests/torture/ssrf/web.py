"""A hostile web on public addresses, and a canary on every other one.

One socket a port listens on all addresses at once; where a connection arrived
says what it is. A canary counts the connection itself: nothing needs to be sent.
"""

import asyncio
import json
import socket
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from html import escape
from ipaddress import ip_address

from tests.torture.ssrf.addresses import HARMLESS, HARMLESS_V6, PUBLIC, SITES
from tests.torture.ssrf.vectors import BROWSER_WAYS, PAGE_WAYS, SLUG, Vector

#: What the policy allows on public addresses, and favourites of attackers.
PORTS = (80, 443, 8080, 8443, 22, 25, 6379, 9200)
_WEB_PORTS = frozenset({80, 443, 8080, 8443})
_OPEN = frozenset(map(ip_address, (*SITES, *PUBLIC, HARMLESS, HARMLESS_V6)))

_FOUND = "<p>{} was seen by the harbour on the morning after the storm.</p>"
_STORY = (
    "The harbour of the town opened again on Tuesday after four days of storm. "
    "Pilots had waited outside since Friday, and 14 ships entered before noon. "
)


class HostileWeb:
    """What arrived where.

    Attributes:
        hits: Connections to canaries, as `address port`, with what they sent.
        reached: Numbers of vectors that were asked for at a public address.
        pages: How many requests were answered.
    """

    def __init__(self, vectors: Sequence[Vector]) -> None:
        self.hits: list[str] = []
        self.reached: set[int] = set()
        self.pages = 0
        self._vectors = vectors
        self._of_site: dict[str, list[Vector]] = defaultdict(list)
        for vector in vectors:
            self._of_site[vector.domain].append(vector)

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Answer one connection with one response."""
        address, port = writer.get_extra_info("sockname")[:2]
        known = ip_address(address)
        known = getattr(known, "ipv4_mapped", None) or known
        is_canary = known not in _OPEN or port not in _WEB_PORTS
        place = len(self.hits)
        if is_canary:
            self.hits.append(f"{known} port {port}")
        try:
            async with asyncio.timeout(10):
                head = await reader.readuntil(b"\r\n\r\n")
            if is_canary:
                self.hits[place] += " " + head.split(b"\r\n")[0].decode("latin-1")
            writer.write(self._answer(head.decode("latin-1"), is_canary=is_canary))
            await writer.drain()
        except (asyncio.IncompleteReadError, TimeoutError, OSError, ValueError):
            pass  # it only connected, or it spoke TLS
        finally:
            writer.close()

    def _answer(self, head: str, *, is_canary: bool) -> bytes:
        path = head.split(" ")[1]
        lines = (line.partition(":") for line in head.split("\r\n")[1:])
        host = next(v.strip() for k, _, v in lines if k.lower() == "host")
        self.pages += 1
        kind, _, rest = path.removeprefix("/").partition("/")
        number = int(rest.split("/")[0]) if rest[:1].isdigit() else -1
        if kind == "v" and not is_canary:
            self.reached.add(number)
        label, _, site = host.partition(".")
        if label.startswith("robots"):
            return self._robots_host(label, site, path)
        answers: dict[str, Callable[[], bytes]] = {
            "go": lambda: _redirect(
                self._vectors[number].url, int(rest.rpartition("/")[2])
            ),
            "page": lambda: _page_with(self._vectors[number]),
            "v": lambda: _html(_article(number)),
            "feed.xml": lambda: _xml(self._feed(host)),
            "sitemap.xml": lambda: _xml(_sitemap(self._by_way(host, "sitemap"))),
            "rendered.xml": lambda: _xml(_feed_of([f"http://{host}/rendered/{SLUG}"])),
            "rendered": lambda: _html(_calling(self._of_site[host])),
            "section": lambda: _html(_anchors(self._by_way(host, "section"))),
        }
        missing = partial(_response, "404 Not Found", "", "text/plain")
        return answers.get(kind, missing)()

    def _by_way(self, host: str, way: str) -> list[Vector]:
        return [v for v in self._of_site[host] if v.way == way]

    def _robots_host(self, label: str, site: str, path: str) -> bytes:
        """Serve a host whose robots.txt names sitemaps, or redirects."""
        number = label.removeprefix("robots")
        if path == "/":
            announced = self._by_way(site, "announced_feed")
            return _html("".join(map(_announced, announced)))
        if path != "/robots.txt":
            return _html(_article(int(number or 0)))
        if number:
            return _redirect(self._vectors[int(number)].url, 302)
        named = self._by_way(site, "robots_sitemap")
        lines = "".join(f"Sitemap: {vector.url}\n" for vector in named)
        return _response("200 OK", lines, "text/plain")

    def _feed(self, host: str) -> str:
        items, channel = [], []
        for vector in self._of_site[host]:
            number, way, url = vector.number, vector.way, escape(vector.url)
            match way:
                case "feed":
                    items.append(f"<link>{url}</link>")
                case "feed_301" | "feed_302" | "feed_303" | "feed_307" | "feed_308":
                    status = way.removeprefix("feed_")
                    items.append(f"<link>http://{host}/go/{number}/{status}</link>")
                case "redirected_robots":
                    there = f"http://robots{number}.{host}/a/{SLUG}"
                    items.append(f"<link>{there}</link>")
                case "feed_enclosure":
                    items.append(
                        f"<link>http://{host}/page/{number}/{SLUG}</link>"
                        f"<enclosure url='{url}' type='image/jpeg' length='9'/>"
                    )
                case "feed_self" | "feed_hub":
                    rel = way.removeprefix("feed_")
                    channel.append(f"<atom:link rel='{rel}' href='{url}'/>")
                case _ if way in PAGE_WAYS:
                    items.append(f"<link>http://{host}/page/{number}/{SLUG}</link>")
        told = "".join(f"<item><title>Harbour</title>{item}</item>" for item in items)
        return (
            "<rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom'><channel>"
            f"<title>News</title>{''.join(channel)}{told}</channel></rss>"
        )


def _feed_of(urls: Sequence[str]) -> str:
    items = "".join(f"<item><link>{escape(url)}</link></item>" for url in urls)
    return f"<rss version='2.0'><channel>{items}</channel></rss>"


def _calling(vectors: Sequence[Vector]) -> str:
    """Return an article whose scripts call each vector in its way."""
    calls = {v.url: v.way for v in vectors if v.way in BROWSER_WAYS}
    listed = json.dumps(calls).replace("</", "<\\/")
    script = f"""<script>for (const [url, way] of Object.entries({listed})) try {{
        const add = name => document.body.append(Object.assign(
            document.createElement(name), {{src: url}}));
        if (way == "browser_fetch") fetch(url).catch(() => 0);
        if (way == "browser_script") add("script");
        if (way == "browser_image") {{ add("img"); add("iframe") }};
        if (way == "browser_socket") new WebSocket(url.replace(/^http/i, "ws"));
        if (way == "browser_location") location = url;
    }} catch (error) {{ document.title = error }}</script>"""
    return _article(len(calls), body=script)


@contextmanager
def hostile_web(vectors: Sequence[Vector]) -> Iterator[HostileWeb]:
    """Serve on all addresses of this network, from a thread of its own."""
    web = HostileWeb(vectors)
    ready, loop = threading.Event(), asyncio.new_event_loop()
    stop = asyncio.Event()

    async def run() -> None:
        servers = [
            await asyncio.start_server(web.serve, sock=_listener(port))
            for port in PORTS
        ]
        ready.set()
        await stop.wait()
        for server in servers:
            server.close()

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),))
    thread.start()
    try:
        if not ready.wait(30):
            raise RuntimeError("the hostile web did not start")
        yield web
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)


def _listener(port: int) -> socket.socket:
    return socket.create_server(
        ("::", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=512
    )


def _page_with(vector: Vector) -> bytes:
    """Return an article's page that names a vector in its way."""
    url, way = escape(vector.url, quote=True), vector.way
    head = {
        "canonical": f'<link rel="canonical" href="{url}">',
        "og_url": f'<meta property="og:url" content="{url}">',
        "image": f'<meta property="og:image" content="{url}">',
        "next_page": f'<link rel="next" href="{url}">',
        "amp": f'<link rel="amphtml" href="{url}">',
        "refresh": f'<meta http-equiv="refresh" content="0; url={url}">',
        "json_ld": '<script type="application/ld+json">{"@type":"NewsArticle",'
        f'"url":"{url}","image":"{url}","mainEntityOfPage":"{url}"}}</script>',
        "favicon": f'<link rel="icon" href="{url}">',
        "script": f'<script src="{url}"></script>',
        "stylesheet": f'<link rel="stylesheet" href="{url}">',
        "preload": f'<link rel="preload" as="fetch" href="{url}">',
        "oembed": f'<link rel="alternate" type="application/json+oembed" href="{url}">',
        "base": f'<base href="{url}">',
    }.get(way, "")
    body = {
        "image": f'<img src="{url}" srcset="{url} 2x">',
        "next_page": f'<nav class="pagination">1 <a href="{url}">2</a></nav>',
        "frame": f'<iframe src="{url}"></iframe><object data="{url}"></object>',
    }.get(way, "")
    location = vector.url.encode().decode("latin-1")
    headers = {
        "refresh_header": f"Refresh: 0; url={location}\r\n",
        "link_header": f'Link: <{location}>; rel="canonical"\r\n',
    }.get(way, "")
    return _html(_article(vector.number, head, body), headers)


def _announced(vector: Vector) -> str:
    url = escape(vector.url, quote=True)
    return f'<link rel="alternate" type="application/rss+xml" href="{url}">'


def _article(number: int, head: str = "", body: str = "") -> str:
    story = "".join(f"<p>{_STORY * 2}{n}.</p>" for n in range(number, number + 4))
    title = f"Harbour reopens after storm number {number}"
    return (
        f"<html><head><title>{title}</title>{head}</head><body><article>"
        f"<h1>{title}</h1>{story}{_FOUND.format(number)}{body}</article></body></html>"
    )


def _sitemap(vectors: Sequence[Vector]) -> str:
    entries = "".join(f"<url><loc>{escape(v.url)}</loc></url>" for v in vectors)
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return f"<urlset xmlns='{space}'>{entries}</urlset>"


def _anchors(vectors: Sequence[Vector]) -> str:
    links = "".join(
        f'<p><a href="{escape(v.url, quote=True)}">The harbour opens again after '
        f"storm number {v.number}</a></p>"
        for v in vectors
    )
    return f"<html><body><main>{links}</main></body></html>"


def _redirect(url: str, status: int) -> bytes:
    location = url.encode().decode("latin-1").replace("\r", "").replace("\n", "")
    return _response(f"{status} Moved", "", "text/plain", f"Location: {location}\r\n")


def _html(text: str, headers: str = "") -> bytes:
    return _response("200 OK", text, "text/html; charset=utf-8", headers)


def _xml(text: str) -> bytes:
    return _response("200 OK", text, "application/xml; charset=utf-8")


def _response(status: str, text: str, kind: str, headers: str = "") -> bytes:
    body = text.encode()
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{headers}"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode("latin-1") + body
