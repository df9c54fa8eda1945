"""One walk makes blocks of a page: runs of text, typed, with their links counted."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.extract.layout.blocks import Layout, link_share
from crawler.extract.layout.walk import lay_out
from storage.model.article import BlockKind

_SENTENCE = (
    "The reservoir above the village has filled again after a dry year, the board said."
)


def _layout(body: str, *, hidden: bool = False) -> Layout:
    root = LexborHTMLParser(f"<body>{body}</body>").body
    assert root is not None
    return lay_out(root, {}, hidden=hidden)


def _texts(body: str) -> list[str]:
    return [block.text for block in _layout(body).blocks]


@pytest.mark.parametrize(
    ("body", "texts"),
    [
        ("<p>one <b>two</b>\n three</p>", ["one two three"]),
        ("<p>an<a href=x>ta</a>ra</p>", ["antara"]),
        ("<p><span class='dropcap'>T</span> he pier</p>", ["The pier"]),
        ("<p><b class='has drop-cap'> T\n</b>\n he pier</p>", ["The pier"]),
        ("<p><span class=dropcap>A</span> pier</p>", ["A pier"]),
        (
            "<p><span class=dropcap>A</span> fter</p><p>Soon after.</p>",
            ["After", "Soon after."],
        ),
        ("<p><span class=dropcap>“T</span>he pier”</p>", ["“The pier”"]),
        ("<p><span class=dropcap>K</span> Street</p>", ["K Street"]),
        ("<p><em class=gene>T</em> cells</p>", ["T cells"]),
        ("one<div>two</div>three", ["one", "two", "three"]),
        ("one<button>press</button> two", ["one two"]),
        ("<p>one<br><br>two</p>", ["one", "two"]),
        ("<p>one<br>two</p>", ["one\ntwo"]),
        (f"{_SENTENCE}<br>next", [_SENTENCE, "next"]),
        ("<p hidden>one</p><p style='display: none'>two</p><p>three</p>", ["three"]),
        ("<span class='sr-only'>skip</span><div role=button>press</div>kept", ["kept"]),
        ("<script>x</script><style>y</style><noscript>z</noscript>", []),
        ("<!-- note --><p>  </p><p>&nbsp;</p>", []),
        ("<pre>a\n  b</pre>", ["a\n  b"]),
        ("<p>Donau&shy;dampf\u00adschiff</p>", ["Donaudampfschiff"]),
        ("<p>one &#1;two&#2; &#3;three &amp;#1;</p>", ["one two three &#1;"]),
    ],
)
def test_runs_of_text_are_blocks(body: str, texts: list[str]) -> None:
    assert _texts(body) == texts


@pytest.mark.parametrize(
    ("body", "kind", "level"),
    [
        ("<h3>x</h3>", BlockKind.HEADING, 3),
        ("<ul><li>x</li></ul>", BlockKind.LIST_ITEM, 1),
        ("<ul><li><ol><li>x</li></ol></li></ul>", BlockKind.LIST_ITEM, 2),
        ("<blockquote><p>x</p></blockquote>", BlockKind.QUOTE, 0),
        ("<blockquote class=twitter-tweet>x</blockquote>", BlockKind.EMBED, 0),
        ("<pre>x</pre>", BlockKind.PREFORMATTED, 0),
        ("<p>x</p>", BlockKind.PARAGRAPH, 0),
    ],
)
def test_blocks_are_typed(body: str, kind: BlockKind, level: int) -> None:
    (block,) = _layout(body).blocks

    assert (block.kind, block.level) == (kind, level)


def test_a_quote_ends_where_it_ends() -> None:
    kinds = [
        b.kind
        for b in _layout("<blockquote class=twitter-tweet>x</blockquote>y").blocks
    ]

    assert kinds == [BlockKind.EMBED, BlockKind.PARAGRAPH]


def test_links_are_counted_line_by_line() -> None:
    first, second = _layout(
        "<div>Read: <a href=x>more<br><br>there</a> now</div>"
    ).blocks

    assert (first.linked, first.links) == (4, 1)
    assert (second.linked, second.links) == (5, 0)


def test_a_link_around_blocks_links_them_all() -> None:
    layout = _layout("<a href=x><div>one</div><div>two</div></a><p>three</p>")

    assert [block.link_density for block in layout.blocks] == [1.0, 1.0, 0.0]
    assert link_share(layout) == pytest.approx(6 / 11)


def test_a_page_without_text_has_no_links() -> None:
    assert link_share(_layout("")) == 0.0


def test_hidden_parts_are_walked_on_request() -> None:
    assert len(_layout("<p hidden>one</p>", hidden=True).blocks) == 1


@pytest.mark.parametrize(
    "part",
    [
        "<div role=region aria-labelledby=h style='display: none'>one</div>",
        "<div role=tabpanel aria-labelledby=t hidden>one</div>",
        "<div hidden=until-found>one</div>",
    ],
    ids=["accordion", "tab", "found by the browser"],
)
def test_what_readers_unfold_is_walked(part: str) -> None:
    assert _texts(part) == ["one"]


@pytest.mark.parametrize(
    "part",
    [
        "<h4><button aria-expanded=false>Who <b>pays</b>?</button></h4>",
        (
            "<h4><button aria-expanded=false><svg><path /></svg>Who pays?"
            "<i aria-hidden=true>+<b>-</b></i></button></h4>"
        ),
        "<h4><span role=button aria-expanded=true>Who pays?</span></h4>",
        (
            "<div role=button aria-controls=p><a>Who pays?</a></div>"
            "<div id=p role=region aria-labelledby=q></div>"
        ),
        (
            "<button aria-controls=p>Who pays?</button>"
            "<div id=p role=tabpanel aria-labelledby=q></div>"
        ),
    ],
    ids=[
        "in a heading",
        "with icons",
        "by its role",
        "over its panel",
        "a button over",
    ],
)
def test_a_button_that_unfolds_a_part_heads_it(part: str) -> None:
    (block,) = _layout(part).blocks

    assert (block.kind, block.text) == (BlockKind.HEADING, "Who pays?")


@pytest.mark.parametrize(
    "part",
    [
        "<h4><button>Copy</button></h4>",
        "<h4><button aria-controls=p>Play</button></h4>",
        "<button aria-expanded=false aria-controls=p>Menu</button><nav id=p></nav>",
        (
            "<div role=button aria-controls=p>Share</div>"
            "<div id=o role=region aria-labelledby=q></div>"
        ),
        "<p><button aria-expanded=false aria-controls=p>Show more</button></p>",
    ],
    ids=["unfolds nothing", "says not whether", "no panel", "another's panel", "alone"],
)
def test_other_buttons_are_no_text(part: str) -> None:
    assert _texts(part) == []


@pytest.mark.parametrize(
    "part",
    [
        "<div role=region aria-label=Cookies style='display: none'>one</div>",
        "<div aria-labelledby=h hidden>one</div>",
    ],
    ids=["no heading opens it", "of no kind"],
)
def test_other_hidden_parts_are_not(part: str) -> None:
    assert _texts(part) == []


@pytest.mark.parametrize(
    ("table", "texts"),
    [
        (
            "<tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr>",
            ["a | b\n1 | 2"],
        ),
        ("<tr><td>one</td></tr><tr><td>two</td></tr>", ["one", "two"]),
        (
            f"<tr><td>{_SENTENCE * 2}</td><td>x</td></tr><tr><td>y</td></tr>",
            [_SENTENCE * 2, "x", "y"],
        ),
        (
            "<tr><td><h2>one</h2></td><td>x</td></tr><tr><td>y</td><td>z</td></tr>",
            ["one", "x", "y", "z"],
        ),
    ],
    ids=["data", "one column", "long cells", "headings"],
)
def test_a_table_of_data_is_one_block(table: str, texts: list[str]) -> None:
    assert _texts(f"<table>{table}</table>") == texts


def test_furniture_is_named_and_inherited() -> None:
    layout = _layout(f"<p>{_SENTENCE}</p><div id=comments><p>x</p></div>")

    assert layout.chrome[layout.blocks[1].container] == "comments"


def test_furniture_that_holds_most_prose_is_none() -> None:
    layout = _layout(f"<form><p>{_SENTENCE}</p></form><p>x</p>")

    assert layout.chrome[layout.blocks[0].container] is None


def test_a_container_is_labelled_for_people() -> None:
    layout = _layout('<div id=a class="b c" data-hook=d><p>x</p></div>')

    assert (
        layout.path(layout.blocks[0].container) == "body > div#a.b.c[data-hook=d] > p"
    )


@pytest.mark.parametrize(
    "unseen",
    [
        "<!-- <script> -->",
        "<!-- <p>two</p> -->",
        "<script>x = '<div><p>two'</script>",
        "<script><!-- </script>",
        "<script><!-- <script></script> --> two </script>",
        "<div hidden><script>x = '<div>'</script></div>",
        "<p a<b=c></p>",
    ],
)
def test_scripts_and_comments_end_where_they_end(unseen: str) -> None:
    """What looks like markup in them opens and closes nothing."""
    assert _texts(f"<p>one</p>{unseen}<p>three</p>") == ["one", "three"]


def test_a_hooked_inline_element_ends_at_its_own_end() -> None:
    root = LexborHTMLParser("<p>a <span id=x>b <span>c</span> d</span> e").body
    assert root is not None

    layout = lay_out(root, {root.css("#x")[0]: "drop:ad"})

    assert [block.text for block in layout.blocks] == ["a", "b c d", "e"]
    assert layout.chrome[layout.blocks[1].container] == "ad"


def test_a_foot_that_many_items_have_is_not_the_page_s() -> None:
    item = "<figure><img src=x><div class=figure-footer>Made of oak</div></figure>"
    foot = "<div class=footer>Imprint</div>"

    one, many = _layout(item + foot), _layout(3 * item + foot)

    assert [one.chrome[b.container] for b in one.blocks] == ["footer", "footer"]
    assert [many.chrome[b.container] for b in many.blocks] == [None] * 3 + ["footer"]


def test_elements_that_meet_without_a_space_are_told_apart() -> None:
    block = _layout("<p><b>Ida</b> <a href=/i>Quist</a><span>Editor</span></p>").blocks[
        0
    ]

    assert block.text == "Ida QuistEditor"
    assert block.apart == block.spaced == "Ida Quist | Editor"


def test_a_word_in_two_elements_stays_one() -> None:
    block = _layout("<p><span>inter</span><span>national</span></p>").blocks[0]

    assert block.text == "international"
