"""What a page shows: its styles and images, each named once."""

from datetime import timedelta

import pytest

from crawler.doors.assets import MOST_OF_PAGE, assets_of_page, assets_of_style
from crawler.doors.images import image_of
from storage.model.exchange import Exchange
from tests.storage.material import NOON

PAGE = "http://page.example/news/pier"


def answer(url: str, media: str, body: str) -> Exchange:
    return Exchange(
        url=url,
        started_at=NOON,
        elapsed=timedelta(),
        request=b"",
        response=b"",
        status=200,
        headers=(("Content-Type", media),),
        body=body.encode(),
    )


def named(markup: str) -> list[str]:
    found = assets_of_page(answer(PAGE, "text/html", markup))
    return [url.removeprefix("http://page.example/") for url in found]


@pytest.mark.parametrize(
    ("markup", "found"),
    [
        ("<link rel=stylesheet href=/a.css>", ["a.css"]),
        ("<link rel='alternate stylesheet' href=/a.css>", []),
        ("<link rel=icon href=/a.ico>", []),
        ("<img src=b.png>", ["news/b.png"]),
        ("<base href=/old/><img src=b.png>", ["old/b.png"]),
        ("<img src='data:image/gif;base64,R0'>", []),
        ("<img src='  '>", []),
        ("<img src='http://[::'>", []),
        ("<img src=mailto:a@b>", []),
        ("<style>p{background:url(/c.png)}</style>", ["c.png"]),
        ("<p style='background:url(/c.png)'>", ["c.png"]),
        ("<table background=/c.png>", ["c.png"]),
        ("<img src=/b.png><img src=/b.png>", ["b.png"]),
        ("<script src=/s.js></script><iframe src=/f></iframe><video src=/v>", []),
        ("<img src=/b.png srcset='/b-2x.png 2x'>", ["b.png"]),
    ],
)
def test_a_page_names_what_replay_shows(markup: str, found: list[str]) -> None:
    assert named(markup) == found


def test_no_page_names_more_than_so_many() -> None:
    many = "".join(f"<img src=/{n}.png>" for n in range(MOST_OF_PAGE + 5))

    assert named(many) == [f"{n}.png" for n in range(MOST_OF_PAGE)]


@pytest.mark.parametrize(
    ("attributes", "address"),
    [
        ({}, None),
        ({"src": "a.png", "data-src": "b.png"}, "a.png"),
        ({"src": "data:image/gif;base64,R0", "data-src": "b.png"}, "b.png"),
        ({"data-lazy-src": "b.png"}, "b.png"),
        ({"srcset": "s.png 400w, m.png 1600w, l.png 3000w"}, "m.png"),
        ({"srcset": "a.png, b.png 2x"}, "b.png"),
        ({"srcset": "l.png 3000w"}, None),
        ({"src": "DATA:image/gif,x", "data-srcset": "b.png 9w"}, "b.png"),
        ({"src": "data:image/gif,x"}, "data:image/gif,x"),
        ({"srcset": "b.png .w"}, "b.png"),
    ],
)
def test_an_image_is_what_a_script_would_have_put_there(
    attributes: dict[str, str | None], address: str | None
) -> None:
    assert image_of(attributes) == address


def test_a_style_names_images_beside_itself() -> None:
    text = "@import 'x.css'; a{background:url('i/a.png')} b{background:url(data:x)}"

    url = "http://page.example/css/a.css"

    assert assets_of_style(answer(url, "text/css; charset=utf-8", text)) == (
        "http://page.example/css/i/a.png",
    )
    assert assets_of_style(answer(url, "text/html", text)) == ()


def test_a_page_that_cannot_be_parsed_names_nothing() -> None:
    assert named("<div>" * 2_000 + "<img src=/a.png>") == []
