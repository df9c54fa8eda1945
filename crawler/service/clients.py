"""What asks the network: clients, and the browser, as the settings say."""

from ipaddress import ip_network

from crawler import __version__
from crawler.config.limits import fetch_limits
from crawler.config.tree import Config
from crawler.fetch.browser import Browser
from crawler.fetch.client import Client
from crawler.fetch.guard import AddressPolicy


def client_for(config: Config, *, public: bool = False, http2: bool = False) -> Client:
    """Return the small HTTP client of one visit; all share one TLS context.

    Args:
        config: The settings.
        public: Leave out the private networks that are allowed.
        http2: Offer HTTP/2.
    """
    policy = config.policy
    return Client(
        user_agent=config.identity.user_agent(__version__),
        limits=fetch_limits(config),
        policy=AddressPolicy(
            allow_networks=() if public else policy.allow_networks,
            deny_networks=policy.deny_networks,
            ports=policy.ports,
        ),
        http2=http2,
    )


def webhook_client(config: Config) -> Client:
    """Return a client that reaches the operator's own webhook, wherever that is."""
    return Client(
        user_agent=config.identity.user_agent(__version__),
        limits=fetch_limits(config),
        policy=AddressPolicy(
            allow_networks=(ip_network("0.0.0.0/0"), ip_network("::/0"))
        ),
    )


def browser_for(config: Config) -> Browser:
    """Return the browser that renders pages; it starts with the first one."""
    return Browser(
        config.service.browser, user_agent=config.identity.user_agent(__version__)
    )
