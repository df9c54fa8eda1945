"""Pages in a real chromium: scripts run, and nothing but our answers reaches them."""

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from crawler.errors import RefusedDestination, RenderFailed
from crawler.fetch.browser import Browser
from crawler.fetch.chromium import PROGRAMS
from crawler.fetch.limits import RenderLimits
from crawler.fetch.request import Fields
from storage.model.exchange import Exchange

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

_BRIEF = RenderLimits(
    own_time=timedelta(seconds=6),
    total=timedelta(seconds=40),
    quiet=timedelta(seconds=1),
)

#: Everything by which a page may try to reach a canary itself.
_HOSTILE = """<html><head>
<link rel="dns-prefetch" href="//canary.test">
<link rel="preconnect" href="{http}"><link rel="prefetch" href="{http}/prefetch">
<link rel="prerender" href="{http}/prerender"><link rel="icon" href="{http}/icon">
<link rel="preload" as="script" href="{http}/preload">
<link rel="stylesheet" href="{http}/style"><link rel="manifest" href="{http}/m">
<meta http-equiv="refresh" content="1; url={http}/refresh">
<meta http-equiv="Content-Security-Policy-Report-Only"
 content="img-src 'none'; report-uri {http}/report">
<style>@import url({http}/import); body {{ background: url({http}/background) }}
@font-face {{ font-family: x; src: url({http}/font) }} p {{ font-family: x }}</style>
<script type="speculationrules">{{"prefetch": [{{"source": "list",
 "urls": ["{http}/speculation"]}}], "prerender": [{{"source": "list",
 "urls": ["{http}/prerendered"]}}]}}</script></head>
<body><p>text</p><img src="{http}/image"><iframe src="{http}/frame"></iframe>
<iframe src="file:///etc/passwd"></iframe><object data="{http}/object"></object>
<embed src="{http}/embed"><video src="{http}/video" autoplay></video>
<audio src="{http}/audio" autoplay></audio><form id="f" method="post"
 action="{http}/form" target="other"><input name="a"></form>
<a id="ping" href="{http}/link" ping="{http}/ping" target="_blank">x</a>
<script>
const tried = [];
const attempt = (name, act) => {{ try {{ act(); tried.push(name) }}
    catch (error) {{ tried.push(name + " " + error) }} }};
attempt("fetch", () => fetch("{http}/fetch").catch(() => 0));
attempt("post", () => fetch("{http}/post", {{method: "POST", body: "x",
    mode: "no-cors", keepalive: true}}).catch(() => 0));
attempt("xhr", () => {{ const x = new XMLHttpRequest();
    x.open("GET", "{http}/xhr"); x.send() }});
attempt("socket", () => new WebSocket("{ws}/socket"));
attempt("events", () => new EventSource("{http}/events"));
attempt("beacon", () => navigator.sendBeacon("{http}/beacon", "x"));
attempt("image", () => {{ new Image().src = "{http}/image2" }});
attempt("worker", () => new Worker(URL.createObjectURL(new Blob([
    'importScripts("{http}/worker"); fetch("{http}/inworker");' +
    'new WebSocket("{ws}/workersocket")']))));
attempt("shared", () => new SharedWorker("{http}/shared"));
attempt("service", () => navigator.serviceWorker.register("/service.js"));
attempt("popup", () => window.open("{http}/popup"));
attempt("rtc", () => {{ const frame = document.createElement("iframe");
    document.body.append(frame); const Peer = window.RTCPeerConnection
        || frame.contentWindow.RTCPeerConnection;
    const peer = new Peer({{iceServers: [{{urls: "stun:{udp}"}},
        {{urls: "turn:{tcp}?transport=tcp", username: "a", credential: "b"}}]}});
    peer.createDataChannel("x"); peer.createOffer()
        .then(offer => peer.setLocalDescription(offer)) }});
attempt("transport", () => new WebTransport("https://{udp}/"));
attempt("form", () => document.getElementById("f").submit());
attempt("ping", () => document.getElementById("ping").click());
document.title = tried.length;
setTimeout(() => {{ location = "{http}/location" }}, 500);
</script></body></html>"""


@dataclass
class Canary:
    """Who came: TCP connections and UDP packets."""

    tcp: int
    udp: int
    hits: list[str] = field(default_factory=list)


class _Packets(asyncio.DatagramProtocol):
    def __init__(self, hits: list[str]) -> None:
        self._hits = hits

    def datagram_received(self, data: bytes, _address: object) -> None:
        self._hits.append(f"udp {data[:40]!r}")


@pytest.fixture
async def canary() -> AsyncIterator[Canary]:
    hits: list[str] = []

    async def hit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hits.append(f"tcp {(await reader.read(60))!r}")
        writer.close()

    server = await asyncio.start_server(hit, "127.0.0.1", 0)
    loop = asyncio.get_running_loop()
    packets, _ = await loop.create_datagram_endpoint(
        lambda: _Packets(hits), local_addr=("127.0.0.1", 0), family=socket.AF_INET
    )
    tcp = server.sockets[0].getsockname()[1]
    yield Canary(tcp, packets.get_extra_info("sockname")[1], hits)
    packets.close()
    server.close()


@pytest.fixture(scope="module")
def program() -> str:
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found is None and os.environ.get("CI"):
        pytest.fail("chromium is missing")
    if found is None:
        pytest.skip("chromium is missing")
    return found


def page(body: str, url: str = "https://news.test/story", **headers: str) -> Exchange:
    return Exchange(
        url=url,
        started_at=datetime.now(UTC),
        elapsed=timedelta(0),
        request=b"",
        response=b"",
        status=200,
        headers=(("Content-Type", "text/html; charset=utf-8"), *headers.items()),
        body=body.encode(),
    )


def browser(program: str, limits: RenderLimits = _BRIEF, **options: bool) -> Browser:
    return Browser(program, user_agent="Kliping/1", limits=limits, **options)


class Answers:
    """Answers by URL; what is not there is refused."""

    def __init__(self, **bodies: str) -> None:
        self.asked: list[str] = []
        self._bodies = bodies

    async def __call__(self, url: str, _said: Fields) -> Exchange:
        self.asked.append(url)
        name = url.rpartition("/")[2].partition(".")[0]
        if name not in self._bodies:
            raise RefusedDestination(url, "not allowed")
        return page(self._bodies[name], url)


_WRITES = 'document.getElementById("root").innerHTML = "<h1>" + {} + "</h1>"'


async def test_a_story_written_by_scripts_is_in_the_document(program: str) -> None:
    """Also of a script and data from other sites, and after a while."""
    script = (
        "fetch('https://api.test/story.json').then(r => r.json()).then(story =>"
        f"setTimeout(() => {{ {_WRITES.format('story.title')} }}, 300))"
    )
    answers = Answers(main=script, story='{"title": "The pier is rebuilt"}')
    shell = '<div id="root"></div><script src="https://cdn.test/main.js"></script>'

    async with browser(program) as chromium:
        made = await chromium.render(page(shell), answers)

    assert b"<h1>The pier is rebuilt</h1>" in made.document
    assert answers.asked == ["https://cdn.test/main.js", "https://api.test/story.json"]
    assert (made.requests, made.refused, made.cut) == (2, 0, False)


async def test_scripts_see_who_asks_and_that_they_are_online(program: str) -> None:
    said = _WRITES.format("[navigator.userAgent, navigator.onLine]")

    async with browser(program) as chromium:
        shell = page(f'<div id="root"></div><script>{said}</script>')
        made = await chromium.render(shell, Answers())

    assert b"<h1>Kliping/1,true</h1>" in made.document


@pytest.mark.parametrize(
    ("language", "seen"), [(None, "en-US,en"), ("id", "id"), ("xx", "xx")]
)
async def test_scripts_see_the_language_of_the_source(
    program: str, language: str | None, seen: str
) -> None:
    """One that there is not is no trouble."""
    said = _WRITES.format("navigator.languages + ' ' + (1.5).toLocaleString()")

    async with browser(program) as chromium:
        shell = page(f'<div id="root"></div><script>{said}</script>')
        made = await chromium.render(shell, Answers(), language)

    number = "1,5" if language == "id" else "1.5"
    assert f"<h1>{seen} {number}</h1>".encode() in made.document


@pytest.mark.parametrize("own_network", [True, False], ids=["own network", "walls"])
async def test_ghsa_hm22_wg2m_35v4_a_hostile_page_reaches_nobody(
    program: str, canary: Canary, own_network: bool
) -> None:
    """The browser step was a second way around the check of addresses."""
    tcp, udp = f"127.0.0.1:{canary.tcp}", f"127.0.0.1:{canary.udp}"
    text = _HOSTILE.format(http=f"http://{tcp}", ws=f"ws://{tcp}", tcp=tcp, udp=udp)
    reports = (
        f'{{"group":"default","max_age":9,"endpoints":[{{"url":"http://{tcp}"}}]}}'
    )
    hostile = page(text, f"http://{tcp}/story", **{"Report-To": reports})
    answers = Answers()

    async with browser(program, own_network=own_network) as chromium:
        made = await chromium.render(hostile, answers)
        await asyncio.sleep(1)

    assert canary.hits == []
    assert b"<p>text</p>" in made.document
    assert f"http://{tcp}/fetch" in answers.asked
    assert not [url for url in answers.asked if "post" in url or "form" in url]


async def test_without_walls_the_canary_would_be_hit(
    program: str, canary: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the test above could not fail: routes alone do not stop all of it."""
    monkeypatch.setattr("crawler.fetch.chromium._WALLS", ())
    tcp, udp = f"127.0.0.1:{canary.tcp}", f"127.0.0.1:{canary.udp}"
    text = _HOSTILE.format(http=f"http://{tcp}", ws=f"ws://{tcp}", tcp=tcp, udp=udp)

    async with browser(program, own_network=False) as chromium:
        await chromium.render(page(text, f"http://{tcp}/story"), Answers())
        await asyncio.sleep(1)

    assert canary.hits


async def test_a_story_whose_styles_come_first_is_shown(program: str) -> None:
    """As of sites made with Vite: a part that lacks its styles is never shown."""
    styles = "Object.assign(document.createElement('link'), {rel: 'stylesheet'})"
    shows = _WRITES.format("'The pier is rebuilt'")
    script = (
        f"const styles = {styles}; const styled = new Promise((done, failed) =>"
        "{ styles.onload = done; styles.onerror = () => failed('no styles') });"
        "styles.href = '/part.css'; document.head.append(styles);"
        f"styled.then(() => {{ {shows} }})"
    )
    shell = f'<div id="root"></div><script>{script}</script>'
    answers = Answers()

    async with browser(program) as chromium:
        made = await chromium.render(page(shell), answers)

    assert b"<h1>The pier is rebuilt</h1>" in made.document
    assert answers.asked == []


@pytest.mark.parametrize("mode", ["open", "closed"])
async def test_what_stands_in_shadow_trees_is_in_the_document(
    program: str, mode: str
) -> None:
    """Also in one within another; the document is written as HTML has it."""
    inner = f"attachShadow({{mode: '{mode}'}}).innerHTML = '<p>the second speaker</p>'"
    script = (
        "customElements.define('the-story', class extends HTMLElement {"
        f"connectedCallback() {{ const root = this.attachShadow({{mode: '{mode}'}});"
        "root.innerHTML = '<h1>The pier is rebuilt</h1><i></i><slot></slot>';"
        f"const other = document.createElement('div'); other.{inner};"
        "root.append(other) } })"
    )
    shell = (
        "<!DOCTYPE html><html lang='en'><body><the-story>by light</the-story>"
        f"<script>{script}</script></body></html>"
    )

    async with browser(program) as chromium:
        made = await chromium.render(page(shell), Answers())

    text = made.document.decode()
    assert text.startswith('<!DOCTYPE html><html lang="en"><head>')
    assert text.endswith("</html>")
    assert (
        '<the-story><template shadowrootmode="open"><h1>The pier is rebuilt</h1>'
        "<i></i><slot></slot><div>"
        '<template shadowrootmode="open"><p>the second speaker</p></template></div>'
        "</template>by light</the-story>"
    ) in text


_ODD = {"two words": {"X Served": "a"}, "a file": {"Content-Disposition": "attachment"}}


@pytest.mark.parametrize("odd", _ODD.values(), ids=_ODD)
async def test_a_page_is_shown_for_all_its_headers_say(
    program: str, odd: dict[str, str]
) -> None:
    async with browser(program) as chromium:
        made = await chromium.render(page("<p>calm</p>", **odd), Answers())

    assert b"<p>calm</p>" in made.document
    assert not made.cut


_ENDLESS = "let n = 0; const ask = () => fetch('/n' + n++).finally(ask); ask()"


async def test_requests_end_at_their_budget(program: str) -> None:
    limits = RenderLimits(requests=5, own_time=timedelta(seconds=3))
    answers = Answers()

    async with browser(program, limits) as chromium:
        made = await chromium.render(page(f"<script>{_ENDLESS}</script>"), answers)

    assert len(answers.asked) == made.requests == 5
    assert made.refused > 5


async def test_a_page_that_never_rests_is_taken_as_it_stands(program: str) -> None:
    limits = RenderLimits(own_time=timedelta(seconds=2), requests=10**6)
    restless = "<p>still here</p><script>setInterval(() => fetch('/n'), 200)</script>"

    async with browser(program, limits) as chromium:
        made = await chromium.render(page(restless), Answers(n=""))

    assert made.cut
    assert b"still here" in made.document


async def test_a_page_whose_answers_wait_for_turns_is_taken_as_it_stands(
    program: str,
) -> None:
    """With a pause of five seconds its scripts would outlast all of its time."""
    limits = RenderLimits(total=timedelta(seconds=13))
    scripts = "".join(f"<script async src='/{n}.js'></script>" for n in range(30))
    slow = asyncio.Lock()

    async def answer(url: str, _said: Fields) -> Exchange:
        async with slow:
            await asyncio.sleep(1)
        return page("", url)

    async with browser(program, limits) as chromium:
        made = await chromium.render(page(f"<p>still here</p>{scripts}"), answer)

    assert made.cut
    assert b"still here" in made.document


async def test_a_page_that_spins_is_given_up_and_the_next_one_is_shown(
    program: str,
) -> None:
    limits = RenderLimits(
        own_time=timedelta(seconds=1), quiet=timedelta(milliseconds=300)
    )

    async with browser(program, limits) as chromium:
        with pytest.raises(RenderFailed, match="no end"):
            await chromium.render(page("<script>for (;;);</script>"), Answers())
        made = await chromium.render(page("<p>calm</p>"), Answers())

    assert b"<p>calm</p>" in made.document


_BUFFERS = """const kept = [];
try { for (let n = 0; n < 40; n++) kept.push(new Uint8Array(1 << 26).fill(1)) }
catch (error) { document.body.innerHTML = "<p>" + error + "</p>" }"""


async def test_no_page_takes_all_memory(program: str) -> None:
    """V8 bounds objects alone: of 2.5 GiB of buffers some are refused."""
    async with browser(program) as chromium:
        shell = page(f"<body><p>before</p><script>{_BUFFERS}</script></body>")
        made = await chromium.render(shell, Answers())

    assert b"<p>RangeError: Array buffer allocation failed</p>" in made.document


async def test_no_process_is_left_behind(program: str) -> None:
    me = psutil.Process()
    before = {child.pid for child in me.children(recursive=True)}

    async with browser(program) as chromium:
        await chromium.render(page("<p>calm</p>"), Answers())
        assert {child.pid for child in me.children(recursive=True)} - before
    await asyncio.sleep(0.5)

    left = {child.pid for child in me.children(recursive=True)} - before
    assert left == set()


async def test_a_browser_is_replaced_after_its_pages(
    program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.fetch.browser.PAGES_EACH", 2)
    shell = page("<p>calm</p>")

    async with browser(program) as chromium:
        await chromium.render(shell, Answers())
        first = chromium._running
        await chromium.render(shell, Answers())
        assert chromium._running is None
        await chromium.render(shell, Answers())
        assert chromium._running is not first


async def test_pages_are_rendered_side_by_side(program: str) -> None:
    """One that spins does not keep the others from their end."""
    limits = RenderLimits(own_time=timedelta(seconds=4))
    shells = [page(f"<p>calm {n}</p>") for n in range(3)]

    async with browser(program, limits) as chromium:
        spinning = chromium.render(page("<script>for (;;);</script>"), Answers())
        made = await asyncio.gather(
            spinning,
            *(chromium.render(shell, Answers()) for shell in shells),
            return_exceptions=True,
        )

    assert isinstance(made[0], RenderFailed)
    assert [f"calm {n}".encode() in made[n + 1].document for n in range(3)] == [
        True
    ] * 3


async def test_an_enormous_document_is_refused(program: str) -> None:
    limits = RenderLimits(document=10_000)
    grows = (
        "document.body.append('x'.repeat(20000)); for (const name of ['outerHTML',"
        "'innerHTML']) Object.defineProperty(Element.prototype, name, {get: () => ''})"
    )

    async with browser(program, limits) as chromium:
        with pytest.raises(RenderFailed, match="characters"):
            await chromium.render(page(f"<body><script>{grows}</script>"), Answers())


async def test_without_a_browser_it_says_so() -> None:
    async with browser("/nowhere/chromium") as chromium:
        with pytest.raises(RenderFailed, match="/nowhere/chromium is installed"):
            await chromium.render(page("<p>calm</p>"), Answers())


async def test_a_browser_that_does_not_start_is_told_with_what_it_says(
    tmp_path: Path,
) -> None:
    """Its driver says of each that it "has been closed"."""
    program = tmp_path / "chromium"
    said = "chromium: error while loading shared libraries: libnss3.so"
    program.write_text(f"#!/bin/sh\necho no bus >&2; echo '{said}' >&2; exit 127\n")
    program.chmod(0o700)

    async with browser(str(program)) as chromium:
        with pytest.raises(RenderFailed, match=f"chromium does not start: {said}"):
            await chromium.render(page("<p>calm</p>"), Answers())
