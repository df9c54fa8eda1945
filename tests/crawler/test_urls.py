"""URL identity."""

from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import BadUrl
from crawler.urls import (
    MAX_URL_BYTES,
    fetch_url,
    host_key,
    is_address,
    linked_url,
    registrable_domain,
    same_site,
    url_key,
    without_session,
)

SITE = "https://news.test"
PATHS = st.text(st.characters(codec="utf-8", exclude_characters="\\"), max_size=40)


@pytest.mark.parametrize(
    ("raw", "url"),
    [
        ("https://News.Test", "https://news.test/"),
        ("  https://news.test/a\n", "https://news.test/a"),
        ("https://news.test:443/a", "https://news.test/a"),
        ("http://news.test:443/a", "http://news.test:443/a"),
        ("https://news.test/a/../b/./c", "https://news.test/b/c"),
        ("https://news.test/a#part", "https://news.test/a"),
        ("https://news.test/a?#part", "https://news.test/a?"),
        ("https://news.test/?x=1", "https://news.test/?x=1"),
        ("https://news.test/café?q=é", "https://news.test/caf%C3%A9?q=%C3%A9"),
        ("https://bücher.test/", "https://xn--bcher-kva.test/"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http://①②⑦.⓪.⓪.①/", "http://127.0.0.1/"),
        ("http://[::0:1]/", "http://[::1]/"),
        ("HTTPS:news.test/a", "https://news.test/a"),
    ],
)
def test_link_becomes_what_a_browser_requests(raw: str, url: str) -> None:
    assert fetch_url(raw) == url


@pytest.mark.parametrize(
    ("raw", "url"),
    [
        ("b", "https://news.test/x/b"),
        ("/b", "https://news.test/b"),
        ("../b", "https://news.test/b"),
        ("?page=2", "https://news.test/x/y?page=2"),
        ("//other.test/b", "https://other.test/b"),
        ("http://other.test/b", "http://other.test/b"),
        ("#top", "https://news.test/x/y"),
        ("", "https://news.test/x/y"),
    ],
)
def test_relative_link_is_resolved(raw: str, url: str) -> None:
    assert fetch_url(raw, "https://news.test/x/y") == url


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "/a",
        "news.test/a",
        "mailto:desk@news.test",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://news.test/",
        "https://user@news.test/",
        "https://user:pass@news.test/",
        "https://:pass@news.test/",
        "http://127.0.0.1\\@news.test/",
        "https://news.test\\a",
        "https://news.test/a b",
        "https://news.test/a\nb",
        "https://news.test/a\tb",
        "https://news.test/a\x00b",
        "https://news.test/a\x7fb",
        "https://news.test/a\x85b",
        "https://news.test/a\u00a0b",
        "https://news.test/a\u2028b",
        "https://",
        "https://news.test:99999/",
        "https://ne<ws.test/",
        "http://[::1/",
        "http://1.2.3.4.5/",
        "https://news.test/\ud800",
        f"https://{'a.' * 130}test/",
    ],
)
def test_what_we_may_not_ask_for_is_a_bad_url(raw: str) -> None:
    with pytest.raises(BadUrl):
        fetch_url(raw)


def test_blanks_of_a_link_are_escaped_as_in_browsers() -> None:
    assert linked_url(f" {SITE}/a b?c= d\n") == f"{SITE}/a%20b?c=%20d"
    with pytest.raises(BadUrl):
        linked_url("https://news .test/")


def test_url_of_the_longest_length_is_asked_for() -> None:
    url = f"{SITE}/".ljust(MAX_URL_BYTES, "a")

    assert fetch_url(url) == url
    with pytest.raises(BadUrl, match="over 4096 bytes"):
        fetch_url(url + "a")


def test_fragment_does_not_count_towards_the_length() -> None:
    assert fetch_url(f"{SITE}/#{'a' * MAX_URL_BYTES}") == f"{SITE}/"


def test_length_is_counted_as_it_is_sent() -> None:
    with pytest.raises(BadUrl, match="over 4096 bytes"):
        fetch_url(f"{SITE}/{'é' * 1000}")


def test_bad_url_is_shortened_for_people() -> None:
    with pytest.raises(BadUrl) as caught:
        fetch_url(f"{SITE}/{'a' * 10_000}")

    assert len(str(caught.value)) < 300


@given(PATHS)
def test_fetch_url_is_stable(path: str) -> None:
    try:
        url = fetch_url(f"{SITE}/{path}")
    except BadUrl:
        return

    assert fetch_url(url) == url
    assert url.isascii()
    assert not set(url) & set(" \\#\t\r\n")


@given(PATHS)
def test_url_key_is_stable(path: str) -> None:
    try:
        url = fetch_url(f"{SITE}/{path}")
    except BadUrl:
        return

    assert url_key(f"https://{url_key(url)}") == url_key(url)


@pytest.mark.parametrize(
    "other",
    [
        "http://news.test/a?b=1&c=2",
        "https://NEWS.test/a?b=1&c=2",
        "https://news.test:443/a?b=1&c=2",
        "http://news.test:80/a?b=1&c=2",
        "https://news.test./a?b=1&c=2",
        "https://news.test/a?c=2&b=1",
        "https://news.test/a?b=1&c=2#part",
        "https://news.test/a?b=1&&c=2&",
        "https://news.test/x/../a?b=1&c=2",
        "https://news.test/a?utm_source=feed&b=1&c=2",
        "https://news.test/a?b=1&c=2&fbclid=x",
        "https://news.test/a?b=1&UTM_Medium=rss&c=2&gclid",
    ],
)
def test_same_page_has_one_key(other: str) -> None:
    assert url_key(other) == url_key("https://news.test/a?b=1&c=2")


@pytest.mark.parametrize(
    "other",
    [
        "https://www.news.test/a",
        "https://news.test:8443/a",
        "https://news.test/A",
        "https://news.test/a/",
        "https://news.test/a?x=1",
        "https://news.test/a?x",
        "https://news.test/a?b=",
        "https://news.test/a?id=1",
        "https://news.test/a?ref=1",
        "https://news.test/a?utm",
        "https://news.test//a",
        "https://other.test/a",
    ],
)
def test_other_page_has_another_key(other: str) -> None:
    assert url_key(other) != url_key("https://news.test/a")


def test_order_within_one_name_is_kept() -> None:
    assert url_key(f"{SITE}/?a=2&a=1") != url_key(f"{SITE}/?a=1&a=2")


def test_empty_and_missing_values_differ() -> None:
    assert url_key(f"{SITE}/?b=") != url_key(f"{SITE}/?b")


def test_escapes_are_written_in_capitals() -> None:
    assert url_key(f"{SITE}/%c3%a9?q=%c3%a9") == "news.test/%C3%A9?q=%C3%A9"


def test_key_of_a_tracked_page_has_no_query() -> None:
    assert url_key(f"{SITE}/a?utm_source=x&fbclid=y") == "news.test/a"


def test_key_of_a_bad_url_is_a_bad_url() -> None:
    with pytest.raises(BadUrl):
        url_key("mailto:desk@news.test")


def test_tracking_parameters_are_sorted_lower_case_and_unique() -> None:
    listed = files("crawler.fetch").joinpath("data", "tracking_parameters.txt")
    lines = listed.read_text(encoding="utf-8").splitlines()

    names = [line.split()[0] for line in lines if not line.startswith("#")]

    assert names == sorted(set(names))
    assert names == [name.lower() for name in names]
    assert all(" # " in line for line in lines if not line.startswith("#"))


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://News.test/a", "news.test"),
        ("https://news.test:443/", "news.test"),
        ("http://news.test:443/", "news.test:443"),
        ("https://news.test:8443/", "news.test:8443"),
        ("http://[::1]:8080/", "[::1]:8080"),
        ("https://news.test./a", "news.test"),
        ("https://news.test.:8443/", "news.test:8443"),
    ],
)
def test_host_key_names_host_and_odd_port(url: str, key: str) -> None:
    assert host_key(url) == key


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.news.co.id", "news.co.id"),
        ("news.co.id", "news.co.id"),
        ("WWW.News.Com.", "news.com"),
        ("desk.github.io", "desk.github.io"),
        ("a.desk.github.io", "desk.github.io"),
        ("co.uk", "co.uk"),
        ("localhost", "localhost"),
        ("10.0.0.1", "10.0.0.1"),
        ("[::1]", "[::1]"),
        ("a.xn--bcher-kva.de", "xn--bcher-kva.de"),
    ],
)
def test_registrable_domain_is_what_was_registered(host: str, domain: str) -> None:
    assert registrable_domain(host) == domain


def test_same_site_is_one_registrable_domain() -> None:
    assert same_site("https://www.news.co.uk/a", "http://amp.news.co.uk:8080/")
    assert not same_site("https://a.github.io/", "https://b.github.io/")
    assert not same_site("http://10.0.0.1/", "http://10.0.0.2/")


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "[2606:4700::1]"])
def test_address_is_known_as_such(host: str) -> None:
    assert is_address(host)


@pytest.mark.parametrize("host", ["news.test", "1.2.3", "", "127.0.0.1.test"])
def test_name_is_no_address(host: str) -> None:
    assert not is_address(host)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("/story;jsessionid=0A1B2C3D4E5F.node1", "/story"),
        ("/story.do;JSESSIONID=0A1B?id=3", "/story.do?id=3"),
        ("/story?id=3&PHPSESSID=k3j4h5k3j4h5", "/story?id=3"),
        ("/story?PHPSESSID=k3j4h5k3j4h5&id=3", "/story?id=3"),
        ("/story?PHPSESSID=k3j4h5k3j4h5", "/story"),
        ("/story?id=3&CFID=1&CFTOKEN=77-a", "/story?id=3"),
        ("/story?sid=0123456789abcdef0123456789abcdef&t=9", "/story?t=9"),
    ],
)
def test_a_session_is_left_out_of_an_address(given: str, kept: str) -> None:
    assert without_session(SITE + given) == SITE + kept


@pytest.mark.parametrize(
    "path",
    [
        "/story?sid=20261122",
        "/story?sid=202611220000000123",
        "/story?sid=old-mill-reopens-in-2026",
        "/?",
        "/a;b=c/story?x=",
    ],
)
def test_a_storys_own_number_is_no_session(path: str) -> None:
    assert without_session(SITE + path) == SITE + path
