"""Mementos over HTTP: what was kept, shown so that nothing of it acts."""

from datetime import datetime, timedelta

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.service.service import Service
from crawler.web.security import REPLAY_HEADERS
from tests.crawler.web.material import NOON, Archive, fill
from tests.crawler.web.replayed import PIXEL, keep

pytestmark = pytest.mark.anyio

URL = "http://page.example/a?x=1&y=2"
AT = "20260314120000"
LATER = timedelta(hours=2)


def at(hours: int) -> datetime:
    return NOON + timedelta(hours=hours)


async def test_a_memento_says_what_it_is(
    shown: tuple[Service, Archive], reader: httpx.AsyncClient
) -> None:
    url = "http://page1.example/a?x=1&y=2"
    for hours in range(3):
        await keep(shown[0], url, b"<p>x", at=at(hours))

    answer = await reader.get(f"/web/20260314130000/{url}")

    assert answer.status_code == 200
    assert answer.headers["memento-datetime"] == "Sat, 14 Mar 2026 13:00:00 GMT"
    links = answer.headers["link"]
    assert f'<{url}>; rel="original"' in links
    assert f'/timegate/{url}>; rel="timegate"' in links
    assert f'/timemap/link/{url}>; rel="timemap"' in links
    for role, hour in (("first prev", 12), ("", 13), ("next last", 14)):
        named = f"{role} memento".strip()
        assert f'/web/20260314{hour}0000/{url}>; rel="{named}"; datetime=' in links


@pytest.mark.parametrize("wanted", ["2026", "20260314115959", "20270101000000"])
async def test_another_time_leads_to_the_nearest_capture(
    shown: tuple[Service, Archive], reader: httpx.AsyncClient, wanted: str
) -> None:
    url = "http://page2.example/a?x=1&y=2"
    await keep(shown[0], url, b"<p>x")

    answer = await reader.get(f"/web/{wanted}id_/{url}")

    assert answer.status_code == 302
    assert answer.headers["location"].endswith(f"/web/{AT}id_/{url}")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/web/now/{URL}", 400),
        (f"/web/20261399/{URL}", 400),
        (f"/web/20xx_/{URL}", 400),
        (f"/web/{AT}/http://nowhere.example/", 404),
    ],
)
async def test_what_is_none_is_refused(
    writer: httpx.AsyncClient, path: str, status: int
) -> None:
    assert (await writer.get(path)).status_code == status


async def test_raw_bytes_come_as_a_file_to_save(
    shown: tuple[Service, Archive], reader: httpx.AsyncClient
) -> None:
    url = "http://page3.example/a?x=1&y=2"
    body = b"<script>alert(1)</script>\xff"
    await keep(shown[0], url, body)

    answer = await reader.get(f"/web/{AT}id_/{url}")

    assert answer.content == body
    assert answer.headers["content-disposition"] == "attachment"
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    ("stated", "told"),
    [
        ("text/html", "text/html"),
        ("text/html;charset=windows-1251", "text/html; charset=windows-1251"),
        ('Text/HTML; a=b; Charset="KOI8-R"; c=d', "text/html; charset=KOI8-R"),
        ("text/html; charset=a\u00e9", "text/html; charset=a"),
        ("odd; charset=utf-8", "application/octet-stream; charset=utf-8"),
    ],
)
async def test_raw_bytes_have_the_charset_that_was_stated_alone(
    shown: tuple[Service, Archive], reader: httpx.AsyncClient, stated: str, told: str
) -> None:
    url = f"http://page5.example/{len(stated)}"
    await keep(shown[0], url, "Новости".encode("windows-1251"), stated)

    answer = await reader.get(f"/web/{AT}id_/{url}")

    assert answer.headers["content-type"] == told


@pytest.mark.parametrize("what", ["", "id_"])
async def test_a_page_that_was_not_modified_is_shown_as_it_was(
    shown: tuple[Service, Archive], reader: httpx.AsyncClient, what: str
) -> None:
    url = "http://page4.example/a?x=1&y=2"
    await keep(shown[0], url, b"<p>the words", again=LATER)

    answer = await reader.get(f"/web/20260314140000{what}/{url}")

    assert answer.status_code == 200
    assert "the words" in answer.text
    assert answer.headers["memento-datetime"] == "Sat, 14 Mar 2026 14:00:00 GMT"


async def test_a_missing_page_is_shown_as_missing(
    shown: tuple[Service, Archive], reader: httpx.AsyncClient
) -> None:
    url = "http://page5.example/a?x=1&y=2"
    await keep(shown[0], url, b"<p>not here", status=404)

    answer = await reader.get(f"/web/{AT}/{url}")

    assert (answer.status_code, "not here" in answer.text) == (404, True)
    assert "memento-datetime" in answer.headers


async def test_a_redirect_leads_to_the_capture_of_its_target(
    shown: tuple[Service, Archive], reader: httpx.AsyncClient
) -> None:
    await keep(
        shown[0], "http://page6.example/", b"", status=301, headers="Location: /b?c\r\n"
    )

    answer = await reader.get(f"/web/{AT}/http://page6.example/")

    assert answer.status_code == 301
    assert answer.headers["location"] == f"/web/{AT}/http://page6.example/b?c"


async def test_a_redirect_in_raw_utf_8_leads_where_its_fetch_did(
    shown: tuple[Service, Archive], reader: httpx.AsyncClient
) -> None:
    moved = "Location: /été\r\n"
    await keep(shown[0], "http://page8.example/", b"", status=301, headers=moved)

    answer = await reader.get(f"/web/{AT}/http://page8.example/")

    assert answer.headers["location"].endswith("/http://page8.example/%C3%A9t%C3%A9")


async def test_a_page_that_redirects_to_itself_does_not_go_in_circles(
    shown: tuple[Service, Archive], reader: httpx.AsyncClient
) -> None:
    secure = "https://page7.example/"
    moved = f"Location: {secure}\r\n"
    await keep(shown[0], "http://page7.example/", b"", status=301, headers=moved)
    await keep(shown[0], secure, b"<p>arrived")

    answer = await reader.get(f"/web/{AT}/http://page7.example/", follow_redirects=True)

    assert "arrived" in answer.text


async def test_what_is_kept_is_shown_and_the_rest_left_out(
    shown: tuple[Service, Archive], reader: httpx.AsyncClient
) -> None:
    page = (
        b"<link rel=stylesheet href=/s.css><link rel=stylesheet href=/no.css>"
        b"<img id=a src=i.gif srcset='no.gif 1x, i.gif 2x'><img id=b src=no.gif>"
        b"<a id=c href='b?q=1&r#part'>b</a><a id=d href=#part>d</a>"
    )
    await keep(shown[0], "http://page8.example/x/", page)
    await keep(shown[0], "http://page8.example/x/i.gif", PIXEL, "image/gif", at=at(1))
    sheet = b"p{background:url(x/i.gif)} b{background:url(no.gif)}"
    await keep(shown[0], "http://page8.example/s.css", sheet, "text/css")

    tree = LexborHTMLParser(
        (await reader.get(f"/web/{AT}/http://page8.example/x/")).text
    )

    gif = "/web/20260314130000im_/http://page8.example/x/i.gif"
    css = f"/web/{AT}cs_/http://page8.example/s.css"
    assert [n.attributes["href"] for n in tree.css("link")] == [css]
    (a,) = tree.css("#a")
    assert (a.attributes["src"], a.attributes["srcset"]) == (gif, f"{gif} 2x")
    assert "src" not in tree.css("#b")[0].attributes
    there = f"/web/{AT}/http://page8.example/x/b?q=1&r#part"
    assert tree.css("#c")[0].attributes["href"] == there
    assert tree.css("#d")[0].attributes["href"] == "#part"
    assert (await reader.get(gif)).content == PIXEL
    shown = (await reader.get(css)).text
    assert shown == f'p{{background:url("{gif}")}} b{{background:none}}'


async def test_no_page_is_an_image(
    shown: tuple[Service, Archive], reader: httpx.AsyncClient
) -> None:
    url = "http://page9.example/a?x=1&y=2"
    await keep(shown[0], url, b"<p>x")

    assert (await reader.get(f"/web/{AT}im_/{url}")).status_code == 404
    assert (await reader.get(f"/web/{AT}cs_/{url}")).status_code == 404


@pytest.mark.parametrize("what", ["", "id_", "im_"])
async def test_what_is_shown_is_in_a_sandbox(
    shown: tuple[Service, Archive], reader: httpx.AsyncClient, what: str
) -> None:
    url = "http://page10.example/a?x=1&y=2"
    await keep(shown[0], url, b"<p>x")

    policy = (await reader.get(f"/web/{AT}{what}/{url}")).headers[
        "content-security-policy"
    ]

    assert policy == REPLAY_HEADERS["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-same-origin; default-src 'none'; ")
    assert "script" not in policy
    ours = (await reader.get("/health")).headers["content-security-policy"]
    assert "sandbox" not in ours


@pytest.mark.parametrize(("depth", "status"), [("hide", 451), ("exclude", 404)])
async def test_what_was_taken_down_is_not_shown(
    service: Service, writer: httpx.AsyncClient, depth: str, status: int
) -> None:
    archive = await fill(service)
    story = "https://harbour.example/bridge-opens"
    doors = [f"/web/{AT}/{story}", f"/web/{AT}id_/{story}", f"/web/2020/{story}"]
    wanted = {"articles": [str(archive.harbour)], "depth": depth, "reason": "privacy"}

    await writer.post("/v1/takedowns", json=wanted)

    assert [(await writer.get(door)).status_code for door in doors] == [status] * 3


async def test_an_article_leads_to_its_page(
    reader: httpx.AsyncClient, archive: Archive
) -> None:
    shown = (await reader.get(f"/articles/{archive.harbour}?version=1")).text

    place = f"/web/{AT}/https://harbour.example/bridge-opens"
    assert f'href="{place}"' in shown
    assert "as received" in (await reader.get(place)).text
