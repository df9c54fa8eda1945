"""Pages as they are shown: only what is named is left of them."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.discover.pages import parse_page
from crawler.doors.page import Places, shown_page
from crawler.doors.styles import clean_styles
from tests.crawler.web.replayed import hostile

THERE = "http://there.example"
TRICKS = hostile(THERE)
NOTHING = Places(
    link=lambda url: f"/kept/{url}", image=lambda _: None, style=lambda _: None
)
LOADING = {
    "src", "srcset", "background", "poster", "ping", "data", "action", "formaction",
    "style", "lowsrc", "dynsrc", "xlink:href", "code", "srcdoc", "content",
}  # fmt: skip


def shown(markup: str, places: Places = NOTHING) -> LexborHTMLParser:
    tree = parse_page(markup.encode())
    return LexborHTMLParser(shown_page(tree, "http://page.example/", places, ""))


@pytest.mark.parametrize("name", TRICKS)
def test_of_a_hostile_page_its_words_are_left(name: str) -> None:
    left = shown(TRICKS[name])

    assert left.css_first("#words").text() == "still here"


@pytest.mark.parametrize("name", TRICKS)
def test_nothing_of_a_hostile_page_acts_or_loads(name: str) -> None:
    left = shown(TRICKS[name])

    said = [(n.tag, k, v or "") for n in left.css("*") for k, v in n.attributes.items()]
    assert not [one for one in said if one[1] in LOADING and THERE in one[2]]
    assert not [one for one in said if one[1].startswith("on") or one[1] == "is"]
    assert not [
        one for one in said if one[1] == "href" and one[2][:6] not in {"/kept/", "#x"}
    ]
    assert not left.css("script,iframe,object,embed,svg,math,form,base,template,input")
    assert [n.attributes for n in left.css("meta")] == [{"charset": "utf-8"}]
    assert not [n for n in left.css("style") if THERE in n.text()]


@pytest.mark.parametrize(
    ("sheet", "cleaned"),
    [
        ("a{color:red}", "a{color:red}"),
        ("@import 'x.css';a{}", "a{}"),
        ('@import url("x;y.css") screen;a{}', "a{}"),
        ("@IMPORT 'x'", ""),
        ("a{background:url(x.png)}", 'a{background:url("/kept/x.png")}'),
        ("a{background:URL( 'x.png' ) red}", 'a{background:url("/kept/x.png") red}'),
        ("a{background:url(no.png)}", "a{background:none}"),
        ("a{background:u\\72 l(no.png)}", "a{background:none}"),
        ("a{background:url/**/(no.png)}", "a{background:url (no.png)}"),
        ('a{b:image-set("x.png" 1x);c:d}', "a{;c:d}"),
        ("a{width:expression(alert(1))}", "a{}"),
        ("a{content:'</style><b>'}", "a{content:'\\3c /style>\\3c b>'}"),
        (".md\\:flex{content:'\\201C'}", ".md\\:flex{content:'\\201C'}"),
        ("/* url(no.png) */a{}", " a{}"),
        ("a{background:url(x.png", 'a{background:url("/kept/x.png")'),
    ],
)
def test_a_sheet_loads_only_what_is_kept(sheet: str, cleaned: str) -> None:
    def image(written: str) -> str | None:
        return None if written.startswith("no") else f"/kept/{written}"

    assert clean_styles(sheet, image) == cleaned


def test_a_deep_page_is_written_whole() -> None:
    left = shown("<b>" * 900 + "deep" + "</b>" * 900 + "<p>behind")

    assert left.css_first("p").text() == "behind"
    assert len(left.css("b")) >= 900


def test_images_of_several_sizes_are_each_looked_for() -> None:
    places = Places(
        link=str,
        image=lambda url: None if "no" in url else f"/kept/{url[-5:]}",
        style=lambda _: None,
    )

    left = shown("<img srcset='a.png 1x,no.png 2x, b.png 3x'>", places)

    assert (
        left.css_first("img").attributes["srcset"] == "/kept/a.png 1x, /kept/b.png 3x"
    )
