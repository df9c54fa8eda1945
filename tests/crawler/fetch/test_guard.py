"""Which addresses we may talk to."""

from ipaddress import IPv4Network, IPv6Network, ip_address

import pytest

from crawler.errors import RefusedDestination
from crawler.fetch.guard import AddressPolicy, check_addresses, check_url, is_public

PUBLIC = AddressPolicy()
INTRANET = AddressPolicy(
    allow_networks=(IPv4Network("10.1.0.0/16"), IPv6Network("fd00:1::/32"))
)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "0.255.255.255",
        "10.0.0.1",
        "100.64.0.1",
        "100.100.100.200",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.0.192",
        "192.0.2.1",
        "192.31.196.1",
        "192.52.193.1",
        "192.88.99.1",
        "192.168.1.1",
        "192.175.48.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b::808:808",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:2::1",
        "2001:20::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:808:808::1",
        "2620:4f:8000::1",
        "3fff::1",
        "3fff:fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_special_address_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "168.63.129.15",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2001:200::1",
        "2001:4860:4860::8888",
        "2003::1",
        "2606:4700::1111",
        "2a00:1450::1",
        "3ffe::1",
    ],
)
def test_host_on_the_internet_is_public(address: str) -> None:
    assert is_public(address)
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "ftp://8.8.8.8/",
        "file:///etc/passwd",
        "ws://news.test/",
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://0177.0.0.1/",
        "http://0x7f.1/",
        "http://127.1/",
        "http://①②⑦.⓪.⓪.①/",
        "http://[::1]/",
        "http://[::ffff:7f00:1]/",
        "http://8.8.8.8:22/",
        "http://news.test:6379/",
        "https://news.test:25/",
        "http://news.test:0/",
    ],
)
def test_url_that_gives_itself_away_is_refused(url: str) -> None:
    with pytest.raises(RefusedDestination) as caught:
        check_url(url, PUBLIC)
    assert caught.value.url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://news.test/",
        "https://news.test/",
        "http://news.test:8080/",
        "https://news.test:8443/",
        "http://8.8.8.8/",
        "https://[2606:4700::1111]/",
    ],
)
def test_ordinary_url_passes(url: str) -> None:
    check_url(url, PUBLIC)


def test_allowed_network_is_allowed_on_any_port() -> None:
    check_url("http://10.1.2.3:5000/", INTRANET)
    check_url("http://[fd00:1::9]:5000/", INTRANET)


def test_allowed_network_allows_no_other() -> None:
    with pytest.raises(RefusedDestination):
        check_url("http://10.2.0.1/", INTRANET)
    with pytest.raises(RefusedDestination):
        check_url("http://8.8.8.8:5000/", INTRANET)


def test_denied_network_is_refused_even_where_another_allows_it() -> None:
    policy = AddressPolicy(
        allow_networks=(IPv4Network("10.0.0.0/8"),),
        deny_networks=(IPv4Network("10.9.0.0/16"), IPv4Network("8.8.8.0/24")),
    )

    check_url("http://10.8.0.1/", policy)
    for refused in ("http://10.9.0.1/", "http://8.8.8.8/"):
        with pytest.raises(RefusedDestination):
            check_url(refused, policy)


def test_odd_port_of_a_name_is_judged_with_its_addresses() -> None:
    check_url("http://wiki.test:5000/", INTRANET)

    assert check_addresses("http://wiki.test:5000/", ["10.1.0.1"], INTRANET)
    with pytest.raises(RefusedDestination, match="port 5000"):
        check_addresses("http://wiki.test:5000/", ["8.8.8.8"], INTRANET)


def test_public_addresses_are_returned_in_order() -> None:
    found = ["8.8.8.8", "2606:4700::1111"]

    assert check_addresses("https://news.test/", found, PUBLIC) == tuple(found)


@pytest.mark.parametrize("bad", ["10.0.0.1", "fe80::1%lo", "localhost", ""])
def test_one_refused_address_refuses_all(bad: str) -> None:
    with pytest.raises(RefusedDestination):
        check_addresses("https://news.test/", ["8.8.8.8", bad], PUBLIC)


def test_other_ports_can_be_configured() -> None:
    policy = AddressPolicy(ports=frozenset({81}))

    check_url("http://news.test:81/", policy)
    with pytest.raises(RefusedDestination):
        check_url("http://news.test/", policy)


@pytest.mark.parametrize(
    ("url", "setting"),
    [
        ("http://10.0.0.1/", "policy.allow_networks"),
        ("http://10.1.0.1/", "policy.deny_networks"),
        ("http://8.8.8.8:22/", "policy.ports"),
    ],
    ids=["private", "denied", "port"],
)
def test_a_refusal_names_the_setting_that_refuses(url: str, setting: str) -> None:
    policy = AddressPolicy(
        allow_networks=(IPv4Network("10.1.0.0/16"),),
        deny_networks=(IPv4Network("10.1.0.0/24"),),
    )

    with pytest.raises(RefusedDestination, match=setting):
        check_url(url, policy)
