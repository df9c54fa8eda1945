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


@pytest.mark.parametrize("before", [0, 1, 1_999, 2_000, 3_500])
def test_a_tag_of_many_attributes_is_found_wherever_it_stands(before: int) -> None:
    """The look for long tags goes by windows and misses none between them."""
    markup = f"<p>{'x' * before}<b>{'<i>' * 50}<p {'a ' * 2_001}><p>y"

    assert prescan(markup).unfit == "over 2000 attributes in one tag"
