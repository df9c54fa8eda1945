"""Generators of hostile markup: each makes one page of about a size from its seed.

What each stands for: facts of parsers that stall, of charsets that lie and of
fields that lead programs astray. All pages say one true sentence (`TRUTH`) at
their start, so that what should still be found can be looked for.
"""

import json
import random
from collections.abc import Callable

Generator = Callable[[int, random.Random], bytes]

TRUTH = "The ferryman of the low island counts his passengers before the fog comes in."
_HEAD = (
    "<!doctype html><html lang=en><head><meta charset=utf-8><title>The ferryman counts"
    f"</title>%s</head><body><article><h1>The ferryman counts</h1><p>{TRUTH}</p>"
)
_TAIL = "</article></body></html>"
_WORDS = ("harbour", "lamp", "ferry", "said", "council", "bread", "never", "school")
GENERATORS: dict[str, Generator] = {}


def _generator(make: Generator) -> Generator:
    GENERATORS[make.__name__.removeprefix("_")] = make
    return make


def _page(inside: str, *, head: str = "") -> bytes:
    return (_HEAD % head + inside + _TAIL).encode("utf-8", "surrogatepass")


def _repeat(piece: str, size: int) -> str:
    return piece * max(1, size // len(piece.encode("utf-8", "surrogatepass")))


def _numbered(form: str, size: int) -> str:
    """Return a form with `%d` again and again, with another number each time."""
    length = len(form) + 4
    return "".join(form % n for n in range(max(1, size // length)))


def _sentence(dice: random.Random) -> str:
    return " ".join(dice.choices(_WORDS, k=12)).capitalize() + "."


# Size and depth -------------------------------------------------------------


@_generator
def _paragraphs_of_one_letter(size: int, _dice: random.Random) -> bytes:
    return _page(_repeat("<p>x", size))


@_generator
def _paragraphs_of_prose(size: int, dice: random.Random) -> bytes:
    pieces, length = [], 0
    while length < size:
        pieces.append(f"<p>{_sentence(dice)} {_sentence(dice)}</p>\n")
        length += len(pieces[-1])
    return _page("".join(pieces))


@_generator
def _opening_brackets(size: int, _dice: random.Random) -> bytes:
    return _page("<" * size)


@_generator
def _openings_of_tags(size: int, _dice: random.Random) -> bytes:
    return _page("<a" * (size // 2))


@_generator
def _one_attribute(size: int, _dice: random.Random) -> bytes:
    return _page(f'<div title="{"x y " * (size // 4)}"></div>')


@_generator
def _attribute_without_end(size: int, _dice: random.Random) -> bytes:
    return _page(f'<div title="{"x> <p>y " * (size // 8)}')


@_generator
def _one_class_of_many_names(size: int, _dice: random.Random) -> bytes:
    return _page(f'<div class="{_numbered("name%d ", size)}"><p>{TRUTH}</p></div>')


@_generator
def _nested_div(size: int, _dice: random.Random) -> bytes:
    return _page("<div>" * (size // 5))


@_generator
def _nested_below_the_limit(size: int, _dice: random.Random) -> bytes:
    tower = "<div>" * 900 + "x" + "</div>" * 900
    return _page(_repeat(tower, size))


@_generator
def _nested_inline(size: int, _dice: random.Random) -> bytes:
    return _page(_numbered("<b id=%d>", size))


@_generator
def _nested_tables(size: int, _dice: random.Random) -> bytes:
    return _page(_repeat("<table><tr><td>", size))


@_generator
def _tables_below_the_limit(size: int, _dice: random.Random) -> bytes:
    tower = "<table><tr><td>" * 200 + "x" + "</table>" * 200
    return _page(_repeat(tower, size))


@_generator
def _nested_svg(size: int, _dice: random.Random) -> bytes:
    return _page(_repeat("<svg><g>", size))


@_generator
def _nested_template(size: int, _dice: random.Random) -> bytes:
    return _page(_repeat("<template>", size))


@_generator
def _foreign_content(size: int, _dice: random.Random) -> bytes:
    piece = "<svg><foreignObject><math><mi><p>x</p></mi></math></foreignObject></svg>"
    return _page(_repeat(piece, size))


@_generator
def _nested_lists(size: int, _dice: random.Random) -> bytes:
    return _page(_repeat("<ul><li>", size))


# Misnesting: what the parser must mend ---------------------------------------


@_generator
def _formatting_never_closed(size: int, _dice: random.Random) -> bytes:
    return _page(_numbered("<p><font color=%d>x", size))


@_generator
def _formatting_before_paragraphs(size: int, _dice: random.Random) -> bytes:
    opened = "".join(f"<b id={n}>" for n in range(200))
    return _page(opened + _repeat("<p>x</p>", size))


@_generator
def _misnested_formatting(size: int, _dice: random.Random) -> bytes:
    return _page(_repeat("<b><i><div>x</b>y</i></div>", size))


@_generator
def _adoption_agency(size: int, _dice: random.Random) -> bytes:
    return _page(_repeat("<a><div><b><p>x</a>y</b>", size))


@_generator
def _nested_links(size: int, _dice: random.Random) -> bytes:
    return _page(_numbered("<a href=/%d>x", size))


@_generator
def _closing_tags(size: int, _dice: random.Random) -> bytes:
    return _page(_repeat("</p></b></div></a>", size))


@_generator
def _text_in_tables(size: int, _dice: random.Random) -> bytes:
    return _page("<table>" + _repeat("x<b>y</b><tr>", size))


@_generator
def _many_bodies(size: int, _dice: random.Random) -> bytes:
    return _page(_numbered("<html lang=x%d><body class=c>", size))


# Comments and other openings without an end -----------------------------------


@_generator
def _comment_without_end(size: int, _dice: random.Random) -> bytes:
    return _page("<!--" + _repeat("- -<p>x", size))


@_generator
def _comment_openings(size: int, _dice: random.Random) -> bytes:
    return _page(_repeat("<!--", size))


@_generator
def _cdata_openings(size: int, _dice: random.Random) -> bytes:
    return _page(_repeat("<![CDATA[", size))


@_generator
def _script_openings(size: int, _dice: random.Random) -> bytes:
    return _page(_repeat("<script>", size))


@_generator
def _closed_scripts(size: int, _dice: random.Random) -> bytes:
    return _page(_repeat("<script>x</script><style>y</style>", size))


@_generator
def _textarea_and_title_openings(size: int, _dice: random.Random) -> bytes:
    return _page(_repeat("<textarea><title><plaintext>", size))


@_generator
def _doctypes_and_instructions(size: int, _dice: random.Random) -> bytes:
    bomb = (
        '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c SYSTEM '
        '"file:///etc/passwd">]>&b;&c;<xi:include href="file:///etc/passwd"/>'
    )
    return _page(_repeat(bomb, size))


# Floods ------------------------------------------------------------------------


@_generator
def _entities(size: int, _dice: random.Random) -> bytes:
    return _page("<p>" + _repeat("&amp;&notit;&#1234567890;&#xD800;&lt;", size))


@_generator
def _ampersands(size: int, _dice: random.Random) -> bytes:
    return _page("<p>" + "&" * size)


@_generator
def _options(size: int, _dice: random.Random) -> bytes:
    return _page("<select>" + _repeat("<option>x", size))


@_generator
def _options_in_capitals(size: int, _dice: random.Random) -> bytes:
    return _page("<select>" + _repeat("<OpTion value=1>x", size))


@_generator
def _boxes_that_ask(size: int, _dice: random.Random) -> bytes:
    story = "<p>The pier was closed for the winter, the harbour office said.</p>" * 20
    box = "<div class=newsletter><form>Every day at seven, we write.</form></div>"
    return _page(story + _repeat(box, size))


@_generator
def _marks_of_notes(size: int, _dice: random.Random) -> bytes:
    return _page(_numbered("<p>The pier was closed, they say.<a href=#n%d>1</a>", size))


@_generator
def _readings_of_words(size: int, _dice: random.Random) -> bytes:
    return _page("<p>" + _repeat("<ruby>港<rt>みなと</rt></ruby>", size))


@_generator
def _attributes(size: int, _dice: random.Random) -> bytes:
    return _page(f"<div {_numbered('a%d=1 ', size)}>x</div>")


@_generator
def _duplicate_attributes(size: int, _dice: random.Random) -> bytes:
    return _page(f"<div {_repeat('class=x ', size)}>x</div>")


@_generator
def _attributes_by_slashes(size: int, _dice: random.Random) -> bytes:
    return _page(f"<div {_numbered('a%d/', size)}>x</div>")


@_generator
def _many_tags_of_many_attributes(size: int, _dice: random.Random) -> bytes:
    tag = "<i " + " ".join(f"a{n}" for n in range(1000)) + ">x</i>"
    return _page(_repeat(tag, size))


@_generator
def _links(size: int, _dice: random.Random) -> bytes:
    return _page(_numbered("<li><a href='/story/%d'>Read on</a></li>", size))


@_generator
def _cards(size: int, dice: random.Random) -> bytes:
    form = f"<div class=card><h3><a href='/story/%d'>{_sentence(dice)}</a></h3><p>{_sentence(dice)}</p></div>"
    return _page(_numbered(form, size))


@_generator
def _breaks(size: int, _dice: random.Random) -> bytes:
    return _page("<p>" + _repeat("x<br>", size))


@_generator
def _bare_breaks(size: int, _dice: random.Random) -> bytes:
    return _page("<p>" + _repeat("<br>", size) + "x")


@_generator
def _headings(size: int, dice: random.Random) -> bytes:
    return _page(_repeat(f"<h2>{_sentence(dice)}</h2>", size))


@_generator
def _meta_tags(size: int, _dice: random.Random) -> bytes:
    flood = "<meta property=article:tag content='%d'><meta property=article:author content='A %d'><meta name=date content='%d'>".replace(
        "%d", "{0}"
    )
    pieces = [flood.format(n) for n in range(size // len(flood))]
    return _page("", head="".join(pieces))


@_generator
def _bylines_and_times(size: int, _dice: random.Random) -> bytes:
    return _page(
        _numbered(
            "<p class=byline>By Ada Lamp</p><time datetime='2026-01-01'>x%d</time>",
            size,
        )
    )


@_generator
def _captions(size: int, _dice: random.Random) -> bytes:
    return _page(_numbered("<figure><img src=x><figcaption>Boat %d</figcaption>", size))


@_generator
def _data_uris(size: int, _dice: random.Random) -> bytes:
    return _page(f"<img src='data:image/png;base64,{'A' * size}'><p>{TRUTH}</p>")


@_generator
def _base_tricks(size: int, _dice: random.Random) -> bytes:
    return _page(
        _numbered("<a href='//[%d'>x</a><a href='javascript:alert(1)'>y</a>", size),
        head="<base href='javascript:/'><base href='http://[::1'><base href='//x@y/'>"
        "<link rel=canonical href='http://127.0.0.1:22/'>",
    )


@_generator
def _spans_of_tables(size: int, _dice: random.Random) -> bytes:
    row = "<tr><td colspan=9000000000000000 rowspan=65535>a</td><td>b</td></tr>"
    return _page(f"<table>{_repeat(row, size)}</table>")


@_generator
def _iframes_and_noscript(size: int, _dice: random.Random) -> bytes:
    return _page(_repeat("<noscript><iframe src=x>y</iframe></noscript>", size))


@_generator
def _scripts_in_fields(size: int, _dice: random.Random) -> bytes:
    payload = (
        "\"'><script>alert(1)</script><svg/onload=alert(1)>javascript:alert(1)"
        "{{7*7}}${jndi:ldap://x}%s%n=cmd|' /C calc'!A0../../x\\u0000"
    )
    head = f"<meta property='og:title' content=\"{payload.replace(chr(34), '')}\">"
    return _page(_repeat(f"<p>{payload}</p>", size), head=head)


# Structured data -----------------------------------------------------------------


def _jsonld(content: str) -> bytes:
    return _page("", head=f"<script type=application/ld+json>{content}</script>")


@_generator
def _jsonld_deep(size: int, _dice: random.Random) -> bytes:
    return _jsonld("[" * (size // 2) + "]" * (size // 2))


@_generator
def _jsonld_deep_objects(size: int, _dice: random.Random) -> bytes:
    return _jsonld(_repeat('{"@graph":[', size))


@_generator
def _jsonld_wide(size: int, _dice: random.Random) -> bytes:
    item = {"@type": "NewsArticle", "headline": "x", "author": {"name": "Ada Lamp"}}
    count = size // len(json.dumps(item))
    return _jsonld(json.dumps({"@graph": [item] * count}))


@_generator
def _jsonld_authors(size: int, _dice: random.Random) -> bytes:
    names = [{"@type": "Person", "name": f"Ada Lamp {n}"} for n in range(size // 44)]
    return _jsonld(
        json.dumps({"@type": "NewsArticle", "author": names, "keywords": ["x"] * 99})
    )


@_generator
def _jsonld_invalid(size: int, _dice: random.Random) -> bytes:
    odd = '{"@type":"NewsArticle","headline":"a","headline":["b",1e400,NaN,{}],"author":7,"datePublished":"9999-99-99",,'
    return _jsonld(_repeat(odd, size))


@_generator
def _jsonld_many(size: int, _dice: random.Random) -> bytes:
    script = '<script type="application/ld+json">{"@type":"NewsArticle","headline":"x"}</script>'
    return _page("", head=_repeat(script, size))


@_generator
def _jsonld_body(size: int, dice: random.Random) -> bytes:
    body = _repeat(_sentence(dice) + " ", size)
    return _jsonld(json.dumps({"@type": "NewsArticle", "articleBody": body}))


@_generator
def _embedded_state(size: int, _dice: random.Random) -> bytes:
    items = [{"id": n, "title": "x", "body": "<p>y</p>"} for n in range(size // 45)]
    return _page(
        f"<script id=__NEXT_DATA__ type=application/json>{json.dumps(items)}</script>"
    )


# Words for regular expressions -----------------------------------------------------


@_generator
def _one_line(size: int, dice: random.Random) -> bytes:
    return _page("<p>" + _repeat(_sentence(dice) + " ", size))


@_generator
def _one_word(size: int, _dice: random.Random) -> bytes:
    return _page("<p>" + "a" * size)


@_generator
def _white_space(size: int, _dice: random.Random) -> bytes:
    return _page("<p>x" + " \t\n\u00a0" * (size // 5) + "y")


@_generator
def _white_space_lines(size: int, _dice: random.Random) -> bytes:
    return _page("<pre>x" + " \n" * (size // 2) + "y</pre>")


@_generator
def _dates(size: int, _dice: random.Random) -> bytes:
    return _page(_repeat("<p>Updated 31.02.2099 25:61 UTC+99 | 0000-00-00</p>", size))


@_generator
def _digits_and_marks(size: int, _dice: random.Random) -> bytes:
    return _page("<p>" + _repeat("1.2,3-4/5:6 ", size))


@_generator
def _capitals(size: int, _dice: random.Random) -> bytes:
    return _page("<p>" + _repeat("JAKARTA, KOMPAS.com - By A. B. C. ", size))


@_generator
def _quotes_and_dashes(size: int, _dice: random.Random) -> bytes:
    return _page("<p>" + _repeat("“‘(«-–—…!?.", size))


@_generator
def _titles_of_many_parts(size: int, _dice: random.Random) -> bytes:
    return _page("", head=f"<title>{_repeat('a | b - c : ', size)}</title>")


@_generator
def _byline_without_end(size: int, _dice: random.Random) -> bytes:
    return _page(f"<p class=byline>By {_repeat('Ada Lamp and ', size)}</p>")


@_generator
def _tags_in_text(size: int, _dice: random.Random) -> bytes:
    return _page("<div>" * 1001 + _repeat("x &lt;p&gt; < p <br", size))


# Characters and charsets -----------------------------------------------------------


@_generator
def _zero_width(size: int, _dice: random.Random) -> bytes:
    return _page("<p>" + _repeat("a\u200b\u200d\ufeff\u00ad\u2060", size))


@_generator
def _right_to_left(size: int, _dice: random.Random) -> bytes:
    return _page("<p>" + _repeat("\u202eabc\u2066def\u202c\u061c", size))


@_generator
def _combining_marks(size: int, _dice: random.Random) -> bytes:
    return _page("<p>Z" + _repeat("\u0301\u0327\u20dd", size))


@_generator
def _controls(size: int, _dice: random.Random) -> bytes:
    return _page(
        "<p>" + _repeat("\x01\x02a\x08\x0b\x1b[31m\x7f\x85b\ufffe\uffff", size)
    )


@_generator
def _null_bytes(size: int, _dice: random.Random) -> bytes:
    return _page("<p>" + _repeat("a\x00b<\x00p>", size))


@_generator
def _surrogates(size: int, _dice: random.Random) -> bytes:
    return _page("<p>" + _repeat("\ud800a\udfff", size))


@_generator
def _charset_that_lies(size: int, _dice: random.Random) -> bytes:
    return _page(_repeat("<p>Grüße aus Łódź.</p>", size)).replace(
        b"charset=utf-8", b"charset=shift_jis"
    )


@_generator
def _charsets_mixed(size: int, _dice: random.Random) -> bytes:
    text = "Grüße aus Łódź. "
    parts = text.encode() + "Grüße. ".encode("latin-1") + "Привет. ".encode("cp1251")
    return _page("<p>") + parts * (size // len(parts))


@_generator
def _encoded_twice(size: int, _dice: random.Random) -> bytes:
    wrong = "Grüße aus Łódź. ".encode().decode("latin-1")
    return _page("<p>" + _repeat(wrong, size))


@_generator
def _utf16_without_mark(size: int, _dice: random.Random) -> bytes:
    return _page(_repeat(f"<p>{TRUTH}</p>", size // 2)).decode().encode("utf-16-le")


@_generator
def _ebcdic(size: int, _dice: random.Random) -> bytes:
    return _page(_repeat(f"<p>{TRUTH}</p>", size)).decode().encode("cp037")


@_generator
def _chinese_named_otherwise(size: int, _dice: random.Random) -> bytes:
    page = _page(_repeat("<p>船夫在雾来之前数他的乘客。</p>", size)).decode()
    return page.replace("utf-8", "x-user-defined").encode("gb18030")


@_generator
def _random_bytes(size: int, dice: random.Random) -> bytes:
    return _page("") + dice.randbytes(size)


@_generator
def _binary_as_html(size: int, dice: random.Random) -> bytes:
    return b"%PDF-1.7\n" + dice.randbytes(size) + _page("")
