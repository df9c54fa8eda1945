"""Feeds of every dialect, written for these tests."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from crawler.discover.feeds import read_feed
from crawler.errors import NotReadable
from storage.model.link_kind import LinkKind

URL = "https://news.example.org/feeds/all.xml"
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

ITEM = "<item><title>Mill reopens</title><link>https://news.example.org/a/mill</link><pubDate>Sun, 22 Nov 2026 12:00:00 GMT</pubDate></item>"


def rss(inside: str = ITEM, about: str = "<title>Mill News</title>") -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>{about}{inside}</channel></rss>'.encode()


DIALECTS = {
    "rss_2": rss(),
    "rss_0_91": b'<rss version="0.91"><channel><title>Mill News</title>'
    + ITEM.encode()
    + b"</channel></rss>",
    "rss_0_92": b'<rss version="0.92"><channel><title>Mill News</title>'
    + ITEM.encode()
    + b"</channel></rss>",
    "rss_0_90": b"""<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://my.netscape.com/rdf/simple/0.9/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>Mill News</title><link>https://news.example.org/</link></channel>
<item><title>Mill reopens</title><link>https://news.example.org/a/mill</link><dc:date>2026-11-22T12:00Z</dc:date></item>
</rdf:RDF>""",
    "rdf": b"""<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://news.example.org/"><title>Mill News</title></channel>
<item rdf:about="https://news.example.org/a/mill"><title>Mill reopens</title><link>https://news.example.org/a/mill</link><dc:date>2026-11-22T12:00:00Z</dc:date></item>
</rdf:RDF>""",
    "atom": b"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Mill News</title>
<entry><title>Mill reopens</title><link rel="self" href="https://news.example.org/x"/><link href="https://news.example.org/a/mill"/><published>2026-11-22T13:00:00+01:00</published></entry></feed>""",
    "atom_0_3": b"""<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>Mill News</title>
<entry><title>Mill reopens</title><link rel="alternate" type="text/html" href="https://news.example.org/a/mill"/><issued>2026-11-22T12:00:00Z</issued></entry></feed>""",
    "json": json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "Mill News",
            "items": [
                {
                    "id": "1",
                    "url": "https://news.example.org/a/mill",
                    "title": "Mill reopens",
                    "date_published": "2026-11-22T12:00:00Z",
                }
            ],
        }
    ).encode(),
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_dialect_gives_its_links(dialect: str) -> None:
    feed = read_feed(DIALECTS[dialect], URL)

    (link,) = feed.links
    assert feed.title == "Mill News"
    assert feed.well_formed
    assert link.url == "https://news.example.org/a/mill"
    assert link.title == "Mill reopens"
    assert link.published == NOON
    assert link.kind is LinkKind.ARTICLE


ENCODINGS = {
    "utf_8_bom": (
        "\ufeff" + '<?xml version="1.0" encoding="utf-8"?>{}',
        "utf-8",
        None,
    ),
    "utf_16_bom": ('<?xml version="1.0" encoding="utf-16"?>{}', "utf-16", None),
    "utf_16_le_bare": ("{}", "utf-16-le", None),
    "latin_1_declared": (
        '<?xml version="1.0" encoding="iso-8859-1"?>{}',
        "iso-8859-1",
        None,
    ),
    "latin_1_in_header": ("{}", "iso-8859-1", "text/xml; charset=ISO-8859-1"),
    "utf_8_called_latin_1": (
        '<?xml version="1.0" encoding="iso-8859-1"?>{}',
        "utf-8",
        None,
    ),
    "blank_lines_first": ('\n\n  <?xml version="1.0"?>{}', "utf-8", None),
}


@pytest.mark.parametrize("name", ENCODINGS)
def test_an_encoding_is_understood(name: str) -> None:
    frame, charset, header = ENCODINGS[name]
    inner = "<rss><channel><item><title>Größe der Brücke</title><link>https://e.org/a</link></item></channel></rss>"

    feed = read_feed(frame.format(inner).encode(charset), URL, content_type=header)

    assert feed.links[0].title == "Größe der Brücke"


@pytest.mark.parametrize("charset", ["shift_jis", "euc_jp", "iso-2022-jp"])
def test_a_japanese_encoding_is_understood(charset: str) -> None:
    text = f'<?xml version="1.0" encoding="{charset}"?><rss><channel><item><title>朝市に新しい店</title><link>https://e.org/a</link></item></channel></rss>'

    feed = read_feed(text.encode(charset), URL)

    assert feed.links[0].title == "朝市に新しい店"


@pytest.mark.parametrize("charset", ["utf-8", "gb18030", "big5"])
def test_a_character_cut_in_two_spoils_no_other(charset: str) -> None:
    """Feeds cut their summaries after so many bytes, be it within a character."""
    frame = '<?xml version="1.0" encoding="{}"?><rss><channel><item><title>{}</title><link>https://e.org/{}</link><description>{}'
    text = frame.format(charset, "港口的新船", "港口", "今天早上")
    body = text.encode(charset) + "港".encode(charset)[:1]

    feed = read_feed(body + b"</description></item></channel></rss>", URL)

    assert feed.links[0].title == "港口的新船"
    assert feed.links[0].url == "https://e.org/%E6%B8%AF%E5%8F%A3"


def test_an_undeclared_charset_is_guessed() -> None:
    text = "<rss><channel><item><title>Мельница снова открыта для посетителей</title><link>https://e.org/a</link></item></channel></rss>"

    feed = read_feed(text.encode("cp1251"), URL)

    assert feed.links[0].title == "Мельница снова открыта для посетителей"


TITLES = {
    "escaped_twice": ("Salt &amp;amp; Lamp", "Salt & Lamp"),
    "escaped_markup": ("A &lt;em&gt;new&lt;/em&gt; mill", "A new mill"),
    "cdata_markup": ("<![CDATA[A <b>new</b> mill &amp; inn]]>", "A new mill & inn"),
    "numeric": ("Mill&amp;#8217;s end", "Mill’s end"),
    "lines": ("  Mill\n   reopens  ", "Mill reopens"),
    "comparison": ("3 &lt; 5 mills", "3 < 5 mills"),
    "empty": ("  ", None),
}


@pytest.mark.parametrize("name", TITLES)
def test_a_title_becomes_plain_text(name: str) -> None:
    raw, wanted = TITLES[name]

    feed = read_feed(
        rss(f"<item><title>{raw}</title><link>https://e.org/a</link></item>"), URL
    )

    assert feed.links[0].title == wanted


LINKS = {
    "relative": ("<link>/a/mill</link>", "https://news.example.org/a/mill"),
    "permalink_guid": ("<guid>https://e.org/g</guid>", "https://e.org/g"),
    "feedburner": (
        '<link>https://redirect.example/1</link><fb:origLink xmlns:fb="x">https://e.org/real</fb:origLink>',
        "https://e.org/real",
    ),
    "atom_link_in_rss": (
        '<a:link xmlns:a="http://www.w3.org/2005/Atom" href="https://e.org/b"/>',
        "https://e.org/b",
    ),
    "cdata": ("<link><![CDATA[ https://e.org/c ]]></link>", "https://e.org/c"),
    "fragment_dropped": ("<link>https://e.org/c#top</link>", "https://e.org/c"),
}


@pytest.mark.parametrize("name", LINKS)
def test_a_link_is_found(name: str) -> None:
    raw, wanted = LINKS[name]

    feed = read_feed(rss(f"<item><title>x</title>{raw}</item>"), URL)

    assert [link.url for link in feed.links] == [wanted]


NO_LINKS = {
    "script": "<link>javascript:alert(1)</link>",
    "file": "<link>file:///etc/passwd</link>",
    "none": "<title>only words</title>",
    "guid_that_is_no_link": '<guid isPermaLink="false">https://e.org/g</guid>',
    "opaque_guid": "<guid>tag:e.org,2026:1</guid>",
    "too_long": f"<link>https://e.org/{'a' * 5000}</link>",
}


@pytest.mark.parametrize("name", NO_LINKS)
def test_an_item_without_a_usable_link_is_left_out(name: str) -> None:
    feed = read_feed(rss(f"<item>{NO_LINKS[name]}</item>{ITEM}"), URL)

    assert [link.url for link in feed.links] == ["https://news.example.org/a/mill"]


def test_xml_base_is_honoured() -> None:
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://e.org/one/"><entry xml:base="two/"><link href="three"/></entry></feed>"""

    assert read_feed(body, URL).links[0].url == "https://e.org/one/two/three"


def test_an_unusable_xml_base_is_passed_over() -> None:
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:base="http://[x"><entry><link href="/three"/></entry></feed>"""

    assert read_feed(body, URL).links[0].url == "https://news.example.org/three"


def test_an_html_alternate_is_preferred() -> None:
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom"><entry><link rel="alternate" type="application/pdf" href="/a.pdf"/><link rel="alternate" type="text/html" href="/a"/></entry></feed>"""

    assert read_feed(body, URL).links[0].url == "https://news.example.org/a"


def test_atom_updated_is_the_modification_alone() -> None:
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="/a"/><updated>2026-11-22T12:00:00Z</updated></entry></feed>"""

    link = read_feed(body, URL).links[0]

    assert link.modified == NOON
    assert link.published is None


def test_a_link_repeated_counts_once() -> None:
    assert len(read_feed(rss(ITEM * 3), URL).links) == 1


def test_of_many_items_the_newest_are_kept() -> None:
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    items = "".join(
        f"<item><link>https://e.org/{n}</link><pubDate>{(begin + timedelta(hours=n)).isoformat()}</pubDate></item>"
        for n in range(1_500)
    )

    feed = read_feed(rss(items), URL)

    assert len(feed.links) == 1_000
    assert feed.links[0].url == "https://e.org/1499"
    assert feed.links[-1].url == "https://e.org/500"


def test_undated_items_keep_their_order() -> None:
    items = "".join(
        f"<item><link>https://e.org/{n}</link></item>" for n in range(1_500)
    )

    feed = read_feed(rss(items), URL)

    assert [link.url for link in feed.links[:2]] == [
        "https://e.org/0",
        "https://e.org/1",
    ]


TTLS = {
    "ttl": ("<ttl>15</ttl>", timedelta(minutes=15)),
    "sy": (
        '<s:updatePeriod xmlns:s="x">daily</s:updatePeriod><s:updateFrequency xmlns:s="x">4</s:updateFrequency>',
        timedelta(hours=6),
    ),
    "longer_of_both": (
        '<ttl>15</ttl><s:updatePeriod xmlns:s="x">hourly</s:updatePeriod>',
        timedelta(hours=1),
    ),
    "nonsense": ("<ttl>soon</ttl>", None),
    "zero": ("<ttl>0</ttl>", None),
    "absurd": ("<ttl>99999999</ttl>", None),
    "none": ("", None),
}


@pytest.mark.parametrize("name", TTLS)
def test_a_ttl_is_read(name: str) -> None:
    about, wanted = TTLS[name]

    assert read_feed(rss(about=about), URL).ttl == wanted


def test_language_and_hub_are_read() -> None:
    about = '<language>id</language><a:link xmlns:a="http://www.w3.org/2005/Atom" rel="hub" href="https://hub.example/"/>'

    feed = read_feed(rss(about=about), URL)

    assert feed.language == "id"
    assert feed.hub == "https://hub.example/"


HOST = "https://news.example.org"
_ATOM = 'xmlns:a="http://www.w3.org/2005/Atom"'
_ARCHIVE = f'<a:link {_ATOM} rel="prev-archive" href="/2026/10.xml"/>'
_WORDPRESS = "<generator>https://wordpress.org/?v=6.4</generator>"


@pytest.mark.parametrize(
    ("about", "url", "older"),
    [
        (f'<a:link {_ATOM} rel="next" href="/feed?page=2"/>', URL, "/feed?page=2"),
        (
            f'<a:link {_ATOM} rel="next" href="/x"/>{_ARCHIVE}',
            URL,
            "/2026/10.xml",
        ),
        (_WORDPRESS, f"{HOST}/feed/", "/feed/?paged=2"),
        (_WORDPRESS, f"{HOST}/?paged=2&feed=rss2", "/?feed=rss2&paged=3"),
        ("<generator>Hugo</generator>", URL, None),
    ],
    ids=["paged", "archived", "WordPress", "a later page of WordPress", "neither"],
)
def test_where_the_older_items_are_is_read(
    about: str, url: str, older: str | None
) -> None:
    """RFC 5005, and what WordPress serves without a word."""
    assert read_feed(rss(about=about), url).older == (older and HOST + older)


def test_an_atom_feed_names_its_language() -> None:
    body = b'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ja"><entry><link href="/a"/></entry></feed>'

    assert read_feed(body, URL).language == "ja"


def test_a_json_feed_has_language_hub_and_external_links() -> None:
    document = {
        "version": "https://jsonfeed.org/version/1",
        "language": "fr",
        "hubs": [{"type": "WebSub", "url": "https://hub.example/"}, "odd"],
        "items": [{"external_url": "/a"}, {"title": "no link"}, 7],
        "next_url": "/feed.json?page=2",
    }

    feed = read_feed(json.dumps(document).encode(), URL)

    assert feed.language == "fr"
    assert feed.hub == "https://hub.example/"
    assert feed.older == f"{HOST}/feed.json?page=2"
    assert [link.url for link in feed.links] == ["https://news.example.org/a"]


def test_a_json_feed_without_a_hub_has_none() -> None:
    document = {"version": "https://jsonfeed.org/version/1", "items": "none"}

    feed = read_feed(json.dumps(document).encode(), URL)

    assert feed.hub is None
    assert feed.links == ()


BROKEN = {
    "bare_ampersand": ITEM.replace("Mill reopens", "Salt & Mill"),
    "html_entity": ITEM.replace("Mill reopens", "Salt&nbsp;Mill"),
    "unclosed": ITEM + "<item><title>cut o",
    "wib": "<item><title>a & b</title><link>/a/mill</link><pubDate>Min, 22 Nov 2026 19:00:00 WIB</pubDate></item>",
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_xml_is_read_loosely(name: str) -> None:
    feed = read_feed(rss(BROKEN[name]), URL)

    assert not feed.well_formed
    assert feed.links[0].url == "https://news.example.org/a/mill"
    assert feed.links[0].published == NOON
    assert feed.links[0].modified is None


def test_control_characters_do_not_break_a_feed() -> None:
    feed = read_feed(rss(ITEM.replace("Mill r", "Mill \x0b\x08r")), URL)

    assert feed.well_formed
    assert feed.links[0].title == "Mill reopens"


def test_a_quoted_doctype_is_no_doctype() -> None:
    inside = ITEM.replace(
        "</item>",
        "<description><![CDATA[<!DOCTYPE html><p>quoted</p>]]></description></item>",
    )

    assert len(read_feed(rss(inside + "<!-- <!DOCTYPE x> -->"), URL).links) == 1


DOCTYPES = {
    "netscape": '<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://my.netscape.com/rss.dtd">',
    "bare": "<!DOCTYPE rss>",
    "system": "<!DOCTYPE rss SYSTEM '[>'\n>",
    "after_comments": "<!-- <!DOCTYPE x> --> <?x <!-- ?><!doctype rss>",
}


@pytest.mark.parametrize("name", DOCTYPES)
def test_a_document_type_that_declares_nothing_is_passed_over(name: str) -> None:
    """RSS 0.91 asks for one; the words it names elsewhere are those of HTML."""
    plain, told = (
        f'<?xml version="1.0"?>{DOCTYPES[name]}<rss version="0.91"><channel>'
        f"<item><title>{title}</title><link>https://e.org/a</link></item>"
        "</channel></rss>"
        for title in ("Mill", "Caf&eacute;")
    )

    assert [one.title for one in read_feed(plain.encode(), URL).links] == ["Mill"]
    assert [one.title for one in read_feed(told.encode(), URL).links] == ["Café"]


def test_no_prologue_takes_long() -> None:
    for wild in (
        "<!-- a -->" * 30_000,
        "<!--" * 80_000,
        "<?" * 100_000,
        "\n" * 300_000,
    ):
        with pytest.raises(NotReadable):
            read_feed(f"{wild}<!DOCTYPE rss PUBLIC".encode(), URL)


ENTITY_BOMB = '<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><rss><channel><title>&b;</title><item><link>https://e.org/a</link></item></channel></rss>'
REFUSED = {
    "entity_bomb": ENTITY_BOMB.encode(),
    "utf_16_bomb": ENTITY_BOMB.encode("utf-16"),
    "utf_16_be_bare": ENTITY_BOMB.encode("utf-16-be"),
    "utf_32_bomb": ENTITY_BOMB.encode("utf-32"),
    "utf_7_bomb": b'<?xml version="1.0" encoding="utf-7"?>'
    + ENTITY_BOMB.encode("utf-7"),
    "utf_7_hidden": b'<?xml version="1.0" encoding="utf-7"?>+ADwAIQ-DOCTYPE rss+AFs-]+AD4-<rss><item><link>https://e.org/a</link></item></rss>',
    "external_entity": b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel><item><title>&x;</title><link>/a</link></item></channel></rss>',
    "two_doctypes": b"<!DOCTYPE rss><!DOCTYPE rss [<!ENTITY a 'b'>]><rss><channel/></rss>",
    "empty_subset": b"<!DOCTYPE rss []><rss><channel/></rss>",
    "entity_behind_a_doctype": b"<!DOCTYPE rss><!ENTITY a 'b'><rss><channel/></rss>",
    "after_comment": b"<!-- a --><!doctype rss [<!ENTITY a 'b'>]><rss><channel/></rss>",
    "comment_in_instruction": b"<?x <!-- ?><!DOCTYPE rss [<!ENTITY a 'b'>]><rss><channel/></rss><!-- -->",
    "unclosed_cdata_hides_nothing": b"<rss><![CDATA[<!ENTITY x 'y'><item/></rss>",
    "html_page": b"<!DOCTYPE html><html><title>404</title></html>",
    "html_without_doctype": b"<html><head><title>404</title></head><body><p>gone<br></body></html>",
    "xhtml": b'<html xmlns="http://www.w3.org/1999/xhtml"><body/></html>',
    "sitemap": b"<urlset><url><loc>https://e.org/a</loc></url></urlset>",
    "empty": b"",
    "words": b"Service unavailable",
    "picture": b"\x89PNG\r\n\x1a\n\x00\x00",
    "broken_without_items": b"<rss><channel><title>a & b</title>",
    "json_of_another_kind": b'{"items": []}',
    "json_array_root": b'{"version": 3}',
    "json_cut": b'{"version": "https://jsonfeed.org/version/1", "items": [',
    "json_nested": b'{"a":' * 100_000,
    "broken_and_huge": b"<rss>&x;" + b" " * (1024 * 1024 + 1),
    "broken_and_open": b"<rss><item><link>https://e.org/a</link>" + b"<" * 100_000,
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_feed_is_refused(name: str) -> None:
    with pytest.raises(NotReadable):
        read_feed(REFUSED[name], URL)


def test_a_link_that_was_too_old_to_keep_does_not_come_back() -> None:
    old = "<item><link>https://e.org/old</link><pubDate>2020-01-01</pubDate></item>"
    items = "".join(
        f"<item><link>https://e.org/{n}</link><pubDate>2026-01-01</pubDate></item>"
        for n in range(2_500)
    )
    again = "<item><link>https://e.org/old</link><pubDate>2027-01-01</pubDate></item>"

    feed = read_feed(rss(old + items + again), URL)

    assert [link.url for link in feed.links[:2]] == [
        "https://e.org/0",
        "https://e.org/1",
    ]
    assert "https://e.org/old" not in {link.url for link in feed.links}


def test_a_link_with_a_blank_or_a_line_break_in_it_is_read_as_browsers_do() -> None:
    body = b"<rss><channel><item><link>/a pier\n\t-opens</link></item></channel></rss>"

    (link,) = read_feed(body, "https://a.example/feed").links

    assert link.url == "https://a.example/a%20pier-opens"


def test_items_are_counted_whose_only_link_is_too_long() -> None:
    long = f"https://news.example.org/{'a' * 4100}"
    wide = f"https://news.example.org/{'é' * 800}"
    items = [{"url": long}, {"url": wide}, {"url": "javascript:x"}, {"url": "/a"}]
    written = {"version": "https://jsonfeed.org/version/1.1", "items": items}
    said = f"{ITEM}<item><link>{long}</link></item><item><link>{wide}</link></item>"
    guid = f"<item><link>{long}</link><guid>https://news.example.org/b</guid></item>"

    assert read_feed(rss(said + guid), URL).too_long == 2
    assert read_feed(rss(said + "<br>"), URL).too_long == 2
    assert read_feed(json.dumps(written).encode(), URL).too_long == 2
