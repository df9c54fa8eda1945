"""Which addresses we may talk to. Pure: it classifies, it resolves nothing.

The tables follow the IANA special-purpose address registries. Python's
`is_global` will not do: 3.11 lets NAT64, 6to4, fec0::/10 and multicast pass.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
)

from ada_url import URL

from crawler.errors import RefusedDestination
from crawler.urls import is_address

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_DEFAULT_PORTS = {"http:": 80, "https:": 443}

_REFUSED_IPV4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT; Alibaba's metadata
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's wire server, on a public address
        "169.254.0.0/16",  # link-local; most clouds' metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments; Oracle's metadata
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)

_GLOBAL_IPV6 = IPv6Network("2000::/3")
_REFUSED_IPV6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarks
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address in disguise
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressPolicy:
    """What an operator allows.

    Attributes:
        allow_networks: Allowed whatever they are, and on any port: intranets.
        deny_networks: Refused whatever they are: they win over `allow_networks`.
        ports: Allowed on public addresses.
    """

    allow_networks: tuple[Network, ...] = ()
    deny_networks: tuple[Network, ...] = ()
    ports: frozenset[int] = frozenset({80, 443, 8080, 8443})

    def refuses_by(self, address: Address, port: int) -> str | None:
        """Return which setting refuses an address and port, None if they may be asked."""
        if any(address in network for network in self.deny_networks):
            return "policy.deny_networks"
        if any(address in network for network in self.allow_networks):
            return None
        if not is_public(address):
            return "policy.allow_networks"
        return None if port in self.ports else "policy.ports"


def is_public(address: Address | str) -> bool:
    """Return whether an address is a public host; IPv6 is refused by default."""
    known = ip_address(address) if isinstance(address, str) else address
    if isinstance(known, IPv4Address):
        return not any(known in network for network in _REFUSED_IPV4)
    if known not in _GLOBAL_IPV6:
        return False
    return not any(known in network for network in _REFUSED_IPV6)


def is_private(ip: str | None) -> bool:
    """Return whether an exchange was with an address that is no public host."""
    return ip is not None and is_address(ip) and not is_public(ip)


def check_url(url: str, policy: AddressPolicy) -> None:
    """Refuse what a URL alone gives away: its scheme, port or literal address.

    A name may resolve into `allow_networks`, where any port is allowed: its
    port is then judged with its addresses.

    Raises:
        RefusedDestination: The policy does not allow it.
    """
    parsed = URL(url)
    if parsed.protocol not in _DEFAULT_PORTS:
        raise RefusedDestination(url, f"scheme {parsed.protocol} is not allowed")
    literal = _literal(parsed.hostname)
    if literal is not None:
        check_addresses(url, (str(literal),), policy)
    elif not policy.allow_networks and _port(parsed) not in policy.ports:
        why = f"port {_port(parsed)} is not allowed (see policy.ports)"
        raise RefusedDestination(url, why)


def check_addresses(
    url: str, addresses: Iterable[str], policy: AddressPolicy
) -> tuple[str, ...]:
    """Return a name's addresses when every one of them may be dialled.

    One refused address refuses all: a name that answers with a public and a
    private address is an attack, not a mistake.

    Raises:
        RefusedDestination: The policy does not allow one of them.
    """
    port = _port(URL(url))
    checked = tuple(addresses)
    for address in checked:
        known = _literal(address)
        setting = policy.refuses_by(known, port) if known else "policy.allow_networks"
        if setting is not None:
            why = f"{address} port {port} is not allowed (see {setting})"
            raise RefusedDestination(url, why)
    return checked


def endpoint(url: str) -> tuple[str, int]:
    """Return the host and port a URL leads to, an IPv6 host without brackets."""
    parsed = URL(url)
    return parsed.hostname.removeprefix("[").removesuffix("]"), _port(parsed)


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None


def _port(parsed: URL) -> int:
    return int(parsed.port) if parsed.port else _DEFAULT_PORTS[parsed.protocol]
