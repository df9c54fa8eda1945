"""Markup that stalls a parser is found in one linear pass; ordinary markup is not."""

import pytest

from crawler.extract.prescan import prescan, without_scripts

_UNFIT = {
    "deep": ("<div>" * 1_100, "open elements"),
    "bare attributes": ("<p " + "a " * 2_100 + ">", "attributes"),
    "valued attributes": (
        "<p " + "".join(f"a{n}='x'" for n in range(2_100)) + ">",
        "attributes",
    ),
    "attributes parted by slashes": (
        "<p " + "".join(f"a{n}/" for n in range(2_100)) + ">",
        "attributes",
    ),
}
_FIT = {
    "many voids": "<img><br>" * 2_000,
    "many paragraphs": "<p>x" * 2_000,
    "long attribute": f"<path d='{'1 ' * 3_000}'>",
    "a picture in an unquoted address": f"<img src=data:x;base64,{'a/' * 3_000}>",
    "long text": "a <b>" + "word " * 3_000 + "</b>",
    "a script with tags": "<script>" + "x = '<div>';" * 2_000 + "</script>",
}


@pytest.mark.parametrize(("markup", "why"), _UNFIT.values(), ids=_UNFIT.keys())
def test_unfit_markup_is_told(markup: str, why: str) -> None:
    unfit = prescan(markup).unfit

    assert unfit is not None
    assert why in unfit


@pytest.mark.parametrize("markup", _FIT.values(), ids=_FIT.keys())
def test_ordinary_markup_is_fit(markup: str) -> None:
    assert prescan(markup).unfit is None


@pytest.mark.parametrize("name", ["option", "OPTION", "OpTion"])
def test_options_beyond_the_limit_are_taken_out(name: str) -> None:
    options = f"<{name}>x</{name}>" * 2_100
    scan = prescan(f"<select>{options}</select><p>story")

    assert "<option" not in scan.markup.lower()
    assert scan.markup.endswith("<p>story")
    assert scan.defects


def test_scripts_and_styles_are_left_out() -> None:
    assert without_scripts("a<SCRIPT>b</script>c<style>d</style>e<script>f") == "a>c>e"
