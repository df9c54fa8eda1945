"""The archive's standard doors over HTTP."""

import json

import httpx
import pytest

from crawler.service.service import Service
from storage.warc.cdxj import cdxj_lines
from tests.crawler.web.material import Archive, fill

pytestmark = pytest.mark.anyio

URL = "https://harbour.example/bridge-opens"
FIRST, LAST = "20260314120000", "20260314150000"


async def lines(reader: httpx.AsyncClient, **asked: object) -> list[dict[str, str]]:
    answer = await reader.get("/cdx", params={"output": "json", **asked})
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_a_line_says_where_a_capture_stands(
    reader: httpx.AsyncClient, shown: tuple[Service, Archive]
) -> None:
    (line, _) = await lines(reader, url=URL)

    path = shown[0].folder.segment(line["filename"])
    assert path is not None
    data = path.read_bytes()[int(line["offset"]) :][: int(line["length"])]
    assert data[:2] == b"\x1f\x8b"
    assert {k: line[k] for k in ("urlkey", "timestamp", "url", "mime", "status")} == {
        "urlkey": "example,harbour)/bridge-opens",
        "timestamp": FIRST,
        "url": URL,
        "mime": "text/html",
        "status": "200",
    }
    assert line["digest"].startswith("sha1:")


async def test_the_server_says_what_the_indexes_say(
    reader: httpx.AsyncClient, shown: tuple[Service, Archive]
) -> None:
    (path,) = shown[0].folder.warc.glob("*.warc.gz.open")
    of_file = cdxj_lines(path, path.name.removesuffix(".open"))

    of_server = (await reader.get("/cdx?url=*.example")).text

    assert of_server.splitlines(keepends=True) == [
        line for line in of_file if line.startswith("example,")
    ]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [FIRST, LAST]),
        ({"sort": "reverse"}, [LAST, FIRST]),
        ({"limit": 1}, [FIRST]),
        ({"closest": "2026031414"}, [LAST, FIRST]),
        ({"closest": "20260314", "sort": "closest", "limit": 1}, [FIRST]),
        ({"from": "2026031413"}, [LAST]),
        ({"to": "2026031413"}, [FIRST]),
        ({"from": "2026", "to": "2026"}, [FIRST, LAST]),
        ({"to": "9999"}, [FIRST, LAST]),
        ({"filter": "=timestamp:" + FIRST}, [FIRST]),
        ({"filter": "!=timestamp:" + FIRST}, [LAST]),
        ({"filter": r"~timestamp:\d+150000"}, [LAST]),
        ({"filter": ["mime:html", "!status:404", "timestamp:15"]}, [LAST]),
        ({"pageSize": 1, "page": 1}, [LAST]),
    ],
    ids=str,
)
async def test_captures_are_chosen(
    reader: httpx.AsyncClient, asked: dict[str, object], found: list[str]
) -> None:
    assert [line["timestamp"] for line in await lines(reader, url=URL, **asked)] == (
        found
    )


@pytest.mark.parametrize(
    "asked",
    [
        {"url": "harbour.example", "matchType": "host"},
        {"url": "harbour.example/*"},
        {"url": "*.harbour.example"},
        {"url": "https://harbour.example/br", "matchType": "prefix"},
    ],
    ids=str,
)
async def test_more_than_one_url_can_be_meant(
    reader: httpx.AsyncClient, asked: dict[str, str]
) -> None:
    assert len(await lines(reader, **asked)) == 2


async def test_lines_can_be_cdxj_or_text(reader: httpx.AsyncClient) -> None:
    asked = {"url": URL, "fl": "urlkey,timestamp,status", "limit": 1}

    cdxj = await reader.get("/cdx", params=asked)
    text = await reader.get("/cdx", params=asked | {"output": "text"})

    assert cdxj.text == f'example,harbour)/bridge-opens {FIRST} {{"status": "200"}}\n'
    assert text.text == f"example,harbour)/bridge-opens {FIRST} 200\n"


async def test_pages_are_counted(reader: httpx.AsyncClient) -> None:
    asked = {"url": URL, "pageSize": "1", "showNumPages": "true"}

    assert (await reader.get("/cdx", params=asked)).json() == {
        "pages": 2,
        "pageSize": 1,
    }


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("url=", 400),
        ("url=http://nowhere.example/", 404),
        (f"url={URL}&from=yesterday", 400),
        (f"url={URL}&to=20261399", 400),
        (f"url={URL}&from=2026&to=2025", 400),
        (f"url={URL}&sort=closest", 400),
        (f"url={URL}&sort=upwards", 400),
        (f"url={URL}&limit=0", 400),
        (f"url={URL}&matchType=all", 400),
        (f"url={URL}*&closest=2026", 400),
        (f"url={URL}*&matchType=host", 400),
        (f"url={URL}&filter=nothing", 400),
        (f"url={URL}&filter=~mime:(", 400),
        (f"url={URL}&fl=urlkey,size", 400),
    ],
)
async def test_what_cannot_be_answered_is_a_problem(
    reader: httpx.AsyncClient, query: str, status: int
) -> None:
    answer = await reader.get(f"/cdx?{query}")

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        (None, LAST),
        ("Sat, 14 Mar 2026 12:30:00 GMT", FIRST),
        ("Thu, 01 Jan 1970 00:00:00 GMT", FIRST),
        ("Sat, 14 Mar 2026 14:00:00 GMT", LAST),
    ],
)
async def test_the_timegate_leads_to_the_nearest_memento(
    reader: httpx.AsyncClient, accepted: str | None, chosen: str
) -> None:
    headers = {"Accept-Datetime": accepted} if accepted else {}
    answer = await reader.get(f"/timegate/{URL}", headers=headers)

    assert answer.status_code == 302
    assert answer.headers["vary"] == "accept-datetime"
    assert answer.headers["location"].endswith(f"/web/{chosen}/{URL}")
    assert f'<{URL}>; rel="original"' in answer.headers["link"]
    assert f'/timemap/link/{URL}>; rel="timemap"' in answer.headers["link"]


@pytest.mark.parametrize(
    "wrong", ["yesterday", "2026-03-14", "Sat, 14 Mar 2026 12:30:00 +0100", ""]
)
async def test_a_wrong_accept_datetime_is_refused(
    reader: httpx.AsyncClient, wrong: str
) -> None:
    headers = {"Accept-Datetime": wrong}

    assert (await reader.get(f"/timegate/{URL}", headers=headers)).status_code == 400


async def test_the_timemap_lists_every_memento(reader: httpx.AsyncClient) -> None:
    answer = await reader.get(f"/timemap/link/{URL}")

    assert answer.headers["content-type"] == "application/link-format"
    links = answer.text.split(",\n")
    assert links[0] == f'<{URL}>; rel="original"'
    assert 'rel="timegate"' in links[1]
    assert 'rel="self"' in links[2]
    assert [link.partition("; ")[2].strip() for link in links[3:]] == [
        'rel="first memento"; datetime="Sat, 14 Mar 2026 12:00:00 GMT"',
        'rel="last memento"; datetime="Sat, 14 Mar 2026 15:00:00 GMT"',
    ]


async def test_the_timemap_comes_as_json(reader: httpx.AsyncClient) -> None:
    told = (await reader.get(f"/timemap/json/{URL}")).json()

    assert told["original_uri"] == URL
    assert [m["datetime"][-12:] for m in told["mementos"]["list"]] == [
        "12:00:00 GMT",
        "15:00:00 GMT",
    ]


@pytest.mark.parametrize("door", ["timegate", "timemap/link", "timemap/json"])
async def test_what_was_never_captured_is_not_there(
    reader: httpx.AsyncClient, door: str
) -> None:
    answer = await reader.get(f"/{door}/http://nowhere.example/")

    assert answer.status_code == 404


DOORS = [f"/cdx?url={URL}", f"/timegate/{URL}", f"/timemap/link/{URL}"]


@pytest.mark.parametrize(("depth", "status"), [("hide", 451), ("exclude", 404)])
async def test_what_was_taken_down_is_at_no_door(
    service: Service, writer: httpx.AsyncClient, depth: str, status: int
) -> None:
    archive = await fill(service)
    wanted = {"articles": [str(archive.harbour)], "depth": depth, "reason": "privacy"}
    before = [(await writer.get(door)).status_code for door in DOORS]

    await writer.post("/v1/takedowns", json=wanted)

    assert all(code < 400 for code in before)
    assert [(await writer.get(door)).status_code for door in DOORS] == (
        [status] * len(DOORS)
    )
