"""What feeds say of articles besides titles and times."""

import json

import pytest

from crawler.discover.feeds import read_feed
from storage.model.article import Blurb

URL = "https://news.example.org/feed"
_SPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
)


def blurb_of(inside: str, *, tail: str = "") -> Blurb | None:
    body = f"<rss {_SPACES}><channel><item><title>Mill</title><link>/a</link>{inside}</item>{tail}</channel></rss>"
    return read_feed(body.encode(), URL).links[0].blurb


AUTHORS = {
    "dublin_core": ("<dc:creator>Ani Wulan</dc:creator>", ("Ani Wulan",)),
    "several": (
        "<dc:creator>Ani</dc:creator><dc:creator>Budi</dc:creator><dc:creator>Ani</dc:creator>",
        ("Ani", "Budi"),
    ),
    "rss_mail_and_name": ("<author>desk@e.org (Ani Wulan)</author>", ("Ani Wulan",)),
    "name_and_mail": ("<author>Ani Wulan &lt;a@e.org&gt;</author>", ("Ani Wulan",)),
    "mail_alone": ("<author>desk@e.org</author>", ()),
    "atom_person": (
        "<author><name>Ani Wulan</name><email>a@e.org</email></author>",
        ("Ani Wulan",),
    ),
    "itunes": ("<itunes:author>Ani Wulan</itunes:author>", ("Ani Wulan",)),
}


@pytest.mark.parametrize("name", AUTHORS)
def test_authors_are_names(name: str) -> None:
    raw, wanted = AUTHORS[name]

    blurb = blurb_of(raw)

    assert (blurb.authors if blurb else ()) == wanted


SUMMARIES = {
    "description": (
        "<description>It &lt;b&gt;turns&lt;/b&gt;.</description>",
        "It turns .",
    ),
    "cdata": ("<description><![CDATA[<p>It turns</p>]]></description>", "It turns"),
    "before_the_text": (
        "<content:encoded>All of it</content:encoded><description>It turns</description>",
        "It turns",
    ),
    "the_text_where_there_is_no_other": (
        "<content:encoded><![CDATA[<p>All of it</p>]]></content:encoded>",
        "All of it",
    ),
    "not_the_medias": ("<media:description>A photo</media:description>", None),
    "empty": ("<description/><summary>It turns</summary>", "It turns"),
}


@pytest.mark.parametrize("name", SUMMARIES)
def test_a_summary_is_plain_text(name: str) -> None:
    raw, wanted = SUMMARIES[name]

    blurb = blurb_of(raw)

    assert (blurb.summary if blurb else None) == wanted


IMAGES = {
    "media_content": '<media:content url="/p.jpg" medium="image"/>',
    "media_group": '<media:group><media:content type="video/mp4" url="/v.mp4"/><media:content type="image/jpeg" url="/p.jpg"/></media:group>',
    "thumbnail": '<media:thumbnail url="/p.jpg"/>',
    "enclosure": '<enclosure type="image/jpeg" url="/p.jpg" length="1"/>',
    "by_its_name": '<enclosure url="/p.jpg"/>',
    "atom_enclosure": '<link rel="enclosure" type="image/png" href="/p.jpg"/>',
    "itunes": '<itunes:image href="/p.jpg"/>',
    "before_a_thumbnail": '<media:thumbnail url="/small.jpg"/><media:content medium="image" url="/p.jpg"/>',
}


@pytest.mark.parametrize("name", IMAGES)
def test_an_image_is_absolute(name: str) -> None:
    blurb = blurb_of(IMAGES[name])

    assert blurb is not None
    assert blurb.image == "https://news.example.org/p.jpg"


NO_IMAGES = {
    "sound": '<enclosure type="audio/mpeg" url="/a.mp3"/>',
    "script": '<media:thumbnail url="javascript:1"/>',
    "no_address": '<media:content medium="image"/>',
}


@pytest.mark.parametrize("name", NO_IMAGES)
def test_what_is_no_image_is_none(name: str) -> None:
    assert blurb_of(NO_IMAGES[name]) is None


def test_categories_are_tags() -> None:
    blurb = blurb_of(
        '<category>Mills</category><category term="inns"/><dc:subject>Mills</dc:subject>'
    )

    assert blurb == Blurb(tags=("Mills", "inns"))


def test_a_medias_title_is_not_the_articles() -> None:
    body = f"<rss {_SPACES}><channel><item><media:title>Photo</media:title><title>Mill</title><link>/a</link></item></channel></rss>"

    assert read_feed(body.encode(), URL).links[0].title == "Mill"


def test_a_long_summary_is_cut() -> None:
    blurb = blurb_of(f"<description>{'mill ' * 5_000}</description>")

    assert blurb is not None
    assert len(blurb.summary or "") <= 1_000


def test_a_json_feed_says_as_much() -> None:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "home_page_url": "/",
        "items": [
            {
                "url": "/a",
                "summary": "It <i>turns</i>",
                "image": "/p.jpg",
                "authors": [{"name": "Ani"}, {"url": "/x"}],
                "author": {"name": "Budi"},
                "tags": ["mills", 7],
            }
        ],
    }

    feed = read_feed(json.dumps(document).encode(), URL)

    assert feed.home == "https://news.example.org/"
    assert feed.links[0].blurb == Blurb(
        authors=("Ani", "Budi"),
        summary="It turns",
        image="https://news.example.org/p.jpg",
        tags=("mills",),
    )


def test_a_broken_feed_says_as_much() -> None:
    blurb = blurb_of(
        "<dc:creator>Ani</dc:creator><description>Salt & mill</description>"
        '<category>Mills</category><media:thumbnail url="/p.jpg"/>'
    )

    assert blurb == Blurb(
        authors=("Ani",),
        summary="Salt & mill",
        image="https://news.example.org/p.jpg",
        tags=("Mills",),
    )


HOMES = {
    "rss": "<rss><channel><link>/start</link><item/></channel></rss>",
    "rss_with_atom_self": '<rss xmlns:a="http://www.w3.org/2005/Atom"><channel><a:link rel="self" href="/feed"/><link>/start</link></channel></rss>',
    "atom": '<feed xmlns="http://www.w3.org/2005/Atom"><link rel="self" href="/feed"/><link href="/start"/></feed>',
}


@pytest.mark.parametrize("name", HOMES)
def test_a_feed_names_its_home(name: str) -> None:
    assert read_feed(HOMES[name].encode(), URL).home == "https://news.example.org/start"


def test_a_feed_names_itself_for_its_hub() -> None:
    body = b'<feed xmlns="http://www.w3.org/2005/Atom"><link rel="self" href="/me"/><link rel="hub" href="https://hub.example/"/></feed>'

    feed = read_feed(body, URL)

    assert (feed.hub, feed.topic) == (
        "https://hub.example/",
        "https://news.example.org/me",
    )
