"""The ways and disguises in which a page may lead to an address it should not.

A vector is one way (a feed's link, a redirect, ...) with one URL in one form of
writing, that leads to one address. Most addresses are forbidden; the others are
public and stand just outside the forbidden ranges: they must be reached.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address
from itertools import cycle, islice

from tests.torture.faults.dns_server import Reply
from tests.torture.ssrf.addresses import (
    CORE,
    FORBIDDEN_V4,
    FORBIDDEN_V6,
    HARMLESS,
    HARMLESS_V6,
    PUBLIC,
    SITES,
)

#: Makes an address look like an article's.
SLUG = "harbour-reopens-after-the-autumn-storm"

#: Found in lists, and asked for wherever they lead.
_LISTED = ("feed", "feed_301", "feed_302", "feed_303", "feed_307", "feed_308")
#: Found in lists that may speak for their own site only.
_LISTED_OF_SITE = ("sitemap", "section", "robots_sitemap")
#: Typed by a person, as they are and behind a redirect.
TYPED = ("typed", "typed_redirect", "saved", "saved_redirect")
#: The lists themselves.
_CONFIGURED = ("config_feed", "config_sitemap", "config_section", "config_home")
_REDIRECTED_LISTS = ("redirected_feed", "redirected_sitemap", "redirected_robots")
#: Named by an article's page, and none of our business.
PAGE_WAYS = (
    "canonical",
    "og_url",
    "image",
    "next_page",
    "amp",
    "refresh",
    "refresh_header",
    "link_header",
    "json_ld",
    "frame",
    "favicon",
    "script",
    "stylesheet",
    "preload",
    "oembed",
    "base",
)
_FEED_WAYS = ("feed_self", "feed_hub", "feed_enclosure", "announced_feed")
WAYS = (
    *_LISTED,
    *_LISTED_OF_SITE,
    *TYPED,
    *_CONFIGURED,
    *_REDIRECTED_LISTS,
    *PAGE_WAYS,
    *_FEED_WAYS,
)
#: Asked for by the scripts of a page that a browser renders.
BROWSER_WAYS = (
    "browser_fetch",
    "browser_script",
    "browser_image",
    "browser_socket",
    "browser_location",
)
#: Those by which a public address is reached.
FOLLOWED = (*_LISTED, *_LISTED_OF_SITE, *TYPED, *_CONFIGURED)

Write = Callable[[IPv4Address, str], str]


def _octets(address: IPv4Address, pattern: str) -> str:
    return ".".join(pattern.format(octet) for octet in address.packed)


def _digits(address: IPv4Address, zero: str, dot: str = ".") -> str:
    shift = ord(zero) - ord("0")
    return "".join(
        dot if sign == "." else chr(ord(sign) + shift) for sign in str(address)
    )


def _circled(address: IPv4Address) -> str:
    digits = "⓪①②③④⑤⑥⑦⑧⑨"
    return "".join(digits[int(sign)] if sign != "." else "." for sign in str(address))


def _escaped(address: IPv4Address) -> str:
    return "".join(f"%{ord(sign):02x}" for sign in str(address))


def _short(address: IPv4Address, kept: int) -> str:
    head = list(address.packed[:kept])
    rest = int.from_bytes(address.packed[kept:], "big")
    return ".".join(map(str, [*head, rest]))


#: A URL of an IPv4 address, in disguise.
DISGUISES: dict[str, Write] = {
    "port 8080": lambda a, path: f"http://{a}:8080{path}",
    "port 22": lambda a, path: f"http://{a}:22{path}",
    "https": lambda a, path: f"https://{a}{path}",
    "capitals": lambda a, path: f"HTTP://{a}{path}",
    "no slashes": lambda a, path: f"http:{a}{path}",
    "decimal": lambda a, path: f"http://{int(a)}{path}",
    "octal": lambda a, path: f"http://0{int(a):o}{path}",
    "hex": lambda a, path: f"http://0x{int(a):x}{path}",
    "dotted octal": lambda a, path: f"http://{_octets(a, '{:04o}')}{path}",
    "dotted hex": lambda a, path: f"http://{_octets(a, '0x{:x}')}{path}",
    "two parts": lambda a, path: f"http://{_short(a, 1)}{path}",
    "three parts": lambda a, path: f"http://{_short(a, 2)}{path}",
    "overflow": lambda a, path: f"http://{int(a) + 2**32}{path}",
    "fullwidth": lambda a, path: f"http://{_digits(a, '０')}{path}",
    "ideographic dots": lambda a, path: f"http://{_digits(a, '0', '。')}{path}",
    "circled": lambda a, path: f"http://{_circled(a)}{path}",
    "escaped": lambda a, path: f"http://{_escaped(a)}{path}",
    "last dot": lambda a, path: f"http://{a}.{path}",
    "mapped": lambda a, path: f"http://[::ffff:{a}]{path}",
    "mapped hex": lambda a, path: (
        f"http://[::ffff:{int(a) >> 16:x}:{int(a) & 0xFFFF:x}]{path}"
    ),
    "compatible": lambda a, path: f"http://[::{a}]{path}",
    "nat64": lambda a, path: f"http://[64:ff9b::{a}]{path}",
    "6to4": lambda a, path: (
        f"http://[2002:{int(a) >> 16:x}:{int(a) & 0xFFFF:x}::1]{path}"
    ),
    "user": lambda a, path: f"http://{HARMLESS}@{a}{path}",
    "user and port": lambda a, path: f"http://{HARMLESS}:80@{a}{path}",
    "backslash": lambda a, path: f"http://{a}\\@{HARMLESS}{path}",
    "backslash after": lambda a, path: f"http://{HARMLESS}\\@{a}{path}",
    "backslash only": lambda a, path: f"http:\\\\{a}{path}",
    "tab": lambda a, path: f"http://{str(a)[:4]}\t{str(a)[4:]}{path}",
    "null": lambda a, path: f"http://{a}%00.{HARMLESS}{path}",
    "ftp": lambda a, path: f"ftp://{a}{path}",
    "gopher": lambda a, path: f"gopher://{a}:80/_GET%20{path}",
}
#: A name that leads to an address.
NAMES = ("a", "alias", "mixed", "rebind", "return", "mapped")


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    """One attempt: `url` leads to `address`, which may be `public`."""

    number: int
    way: str
    form: str
    address: str
    public: bool
    url: str

    @property
    def domain(self) -> str:
        """The site that it is found on."""
        return domain(self.number)

    @property
    def is_expected(self) -> bool:
        """Whether it is to be reached."""
        return self.public and self.way in FOLLOWED


def domain(number: int) -> str:
    """Return the name of the site that shows a vector."""
    return f"site{number % len(SITES)}.test"


def vectors(
    per_way: int, dice: random.Random, ways: Sequence[str] = WAYS
) -> tuple[Vector, ...]:
    """Return `per_way` forbidden vectors of each way, and a third as many public.

    Ways take turns at the forms, so that all of them are seen.
    """
    hostile = cycle(_shuffled(_hostile_forms(), dice))
    named = cycle(_shuffled(_named(FORBIDDEN_V4 + FORBIDDEN_V6), dice))
    public = cycle(_shuffled(_public_forms(), dice))
    own_public = cycle(_shuffled(_named(PUBLIC), dice))
    chosen: list[tuple[str, str, str, bool]] = []
    for way in ways:
        of_site = way in _LISTED_OF_SITE
        for form, address in islice(named if of_site else hostile, per_way):
            chosen.append((way, form, address, False))
        controls = own_public if of_site else public
        for form, address in islice(controls, -(-per_way // 3)):
            chosen.append((way, form, address, True))
    return tuple(
        Vector(
            number=number,
            way=way,
            form=form,
            address=address,
            public=is_public,
            url=_url(number, form, address),
        )
        for number, (way, form, address, is_public) in enumerate(chosen)
    )


def replies(vector: Vector) -> tuple[Reply, ...]:
    """Return what DNS says of a vector's name, in turn."""
    there = Reply(addresses=(vector.address,))
    innocent = Reply(addresses=(HARMLESS,))
    match vector.form:
        case "name alias":
            return (Reply(alias=f"inner-{vector.number}.{vector.domain}"),)
        case "name mixed":
            return (Reply(addresses=(HARMLESS, HARMLESS_V6, vector.address)),)
        case "name rebind":
            return (innocent, there)
        case "name return":
            return (there, innocent)
        case "name mapped" if ":" not in vector.address:
            return (Reply(addresses=(f"::ffff:{vector.address}",)),)
    return (there,)


def _shuffled(
    forms: Iterator[tuple[str, str]], dice: random.Random
) -> list[tuple[str, str]]:
    drawn = list(forms)
    dice.shuffle(drawn)
    return drawn


def _hostile_forms() -> Iterator[tuple[str, str]]:
    yield from ((form, address) for address in CORE for form in DISGUISES)
    yield "port 22", HARMLESS
    yield from (("literal", address) for address in FORBIDDEN_V4 + FORBIDDEN_V6)
    yield from _named(FORBIDDEN_V4 + FORBIDDEN_V6)


def _public_forms() -> Iterator[tuple[str, str]]:
    yield from (("literal", address) for address in PUBLIC)
    yield from (("decimal", address) for address in PUBLIC if ":" not in address)
    yield from _named(PUBLIC)


def _named(addresses: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for address in addresses:
        is_mappable = ":" not in address and address not in PUBLIC
        for form in NAMES:
            if form != "mapped" or is_mappable:
                yield f"name {form}", address


def _url(number: int, form: str, address: str) -> str:
    path, known = f"/v/{number}/{SLUG}", ip_address(address)
    if form.startswith("name "):
        return f"http://n{number}.{domain(number)}{path}"
    if form == "literal":
        return f"http://{f'[{known}]' if known.version == 6 else known}{path}"
    assert isinstance(known, IPv4Address)
    return DISGUISES[form](known, path)
