"""A Memento client (RFC 7089) that knows nothing of ours but an address."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

import httpx

_LINK = re.compile(r"<([^>]*)>((?:\s*;\s*[a-z]+=\"[^\"]*\")*)")
_PARAMETER = re.compile(r"([a-z]+)=\"([^\"]*)\"")
#: The body that was received from a URL in a second; None where nobody knows.
Received = Callable[[str, datetime], bytes | None]


@dataclass(frozen=True)
class Link:
    """A link as application/link-format has it."""

    target: str
    relations: frozenset[str]
    parameters: Mapping[str, str]


def links_of(text: str) -> list[Link]:
    links = []
    for target, said in _LINK.findall(text):
        parameters = dict(_PARAMETER.findall(said))
        relations = frozenset(parameters.pop("rel", "").split())
        links.append(Link(target, relations, parameters))
    return links


async def walk(
    client: httpx.AsyncClient, base: str, url: str, received: Received
) -> tuple[int, list[str]]:
    """Fetch every memento of a URL; return how many, and what was wrong."""
    answer = await client.get(f"{base}/timemap/link/{url}")
    if answer.status_code != 200:
        return 0, [f"{url}: no TimeMap, {answer.status_code}"]
    links = links_of(answer.text)
    listed = [link for link in links if "memento" in link.relations]
    (gate,) = [link for link in links if "timegate" in link.relations]
    wrong = [f"{url}: {why}" for why in _map_faults(links, listed, url)]
    for link in listed:
        wrong += [
            f"{link.target}: {why}"
            async for why in _memento_faults(client, gate.target, link, received)
        ]
    return len(listed), wrong


def _map_faults(links: list[Link], listed: list[Link], url: str) -> Iterator[str]:
    originals = [link.target for link in links if "original" in link.relations]
    if originals != [url]:
        yield f"the TimeMap is of {originals}"
    times = [parsedate_to_datetime(link.parameters["datetime"]) for link in listed]
    if times != sorted(times):
        yield "the TimeMap is out of order"
    ends = [link.relations - {"memento"} for link in (listed[0], listed[-1])]
    if "first" not in ends[0] or "last" not in ends[1]:
        yield "the TimeMap names no first and last"


async def _memento_faults(  # noqa: ANN202  # an async iterator of sentences
    client: httpx.AsyncClient, gate: str, link: Link, received: Received
):
    stated = link.parameters["datetime"]
    led = await client.get(gate, headers={"Accept-Datetime": stated})
    if led.status_code != 302 or "accept-datetime" not in led.headers.get("vary", ""):
        yield f"the TimeGate answers {led.status_code}"
    second = re.search(r"/web/(\d{14})/", link.target)
    if second is None or f"/web/{second[1]}/" not in led.headers["location"]:
        yield f"the TimeGate leads to {led.headers['location']}"
        return
    for what in ("", "id_"):
        place = link.target.replace(f"/{second[1]}/", f"/{second[1]}{what}/", 1)
        answer = await client.get(place)
        if answer.headers.get("memento-datetime") != stated:
            yield f"{what} is of {answer.headers.get('memento-datetime')}"
        named = links_of(answer.headers.get("link", ""))
        if not any("timegate" in one.relations for one in named):
            yield f"{what} names no TimeGate"
    url = link.target.split(f"/{second[1]}/", 1)[1]
    body = received(url, parsedate_to_datetime(stated))
    if body is not None and answer.content != body:
        yield f"is not what was received: {answer.content[:60]!r}"
