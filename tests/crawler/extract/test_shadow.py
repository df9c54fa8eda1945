"""Shadow trees in the markup are read where the browser shows them."""

import pytest

from crawler.extract.shadow import open_shadows

_PLAIN = "<p>a</p><template><b>never shown</b></template>"
_CASES = {
    "none": (_PLAIN, _PLAIN),
    "one": (
        "<a-b><template shadowrootmode=open><p>in</p></template>out</a-b>",
        "<a-b><div><p>in</p></div>out</a-b>",
    ),
    "one in another": (
        "<template shadowrootmode='closed'><i><TEMPLATE x ShadowRootMode = open>2</TEMPLATE></i></template>",
        "<div><i><div>2</div></i></div>",
    ),
    "a plain one in it": (
        f"<template shadowrootmode=open>{_PLAIN}c</template>d",
        f"<div>{_PLAIN}c</div>d",
    ),
    "in a plain one": (
        "<template><template shadowrootmode=open>a</template></template>b",
        "<template><div>a</div></template>b",
    ),
    "ends without beginnings": (
        "a</template><template shadowrootmode=open>b</template></template>",
        "a</template><div>b</div></template>",
    ),
    "without an end": ("<template shadowrootmode=open>b", "<div>b"),
}


@pytest.mark.parametrize(("markup", "shown"), _CASES.values(), ids=_CASES)
def test_shadow_trees_are_opened(markup: str, shown: str) -> None:
    assert open_shadows(markup) == shown
