"""What is planted, and where it may be found afterwards."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Place(StrEnum):
    """Where a secret is looked for."""

    LOG = "log"
    OUTPUT = "output of commands"
    DATABASE = "database"
    WARC = "warc"
    API = "answers"
    FIGURES = "/metrics"
    SETTINGS = "/v1/config"
    ERRORS = "error answers"


NOWHERE: frozenset[Place] = frozenset()
#: What a site sent or was asked for is evidence as it went over the wire.
EVIDENCE = frozenset({Place.WARC})
#: An address is what the archive knows a page by: it stands in the ledger and is shown to
#: whoever may read it. Logs, figures and errors do without its keys.
ADDRESS = frozenset({Place.WARC, Place.DATABASE, Place.API})

#: Names of the plants, and where each may be found.
PLANTS: Mapping[str, frozenset[Place]] = {
    "webhook_secret": NOWHERE,
    "webhook_path": NOWHERE,
    "webhook_query": NOWHERE,
    "environment": NOWHERE,
    "database_password": NOWHERE,
    "secret_of_wrong_type": NOWHERE,
    "feed_userinfo": NOWHERE,
    "feed_token": ADDRESS,
    "feed_signature": ADDRESS,
    "article_access_token": ADDRESS,
    "redirect_key": ADDRESS,
    "redirect_userinfo": EVIDENCE,
    "site_cookie": EVIDENCE,
    "site_header": EVIDENCE,
    "exception_url": NOWHERE,
    "exception_header": NOWHERE,
    "api_token": NOWHERE,
    "api_wrong_token": NOWHERE,
    "api_cookie": NOWHERE,
    "api_query": NOWHERE,
    "api_fetch_userinfo": NOWHERE,
    "api_body": NOWHERE,
    "api_link_password": ADDRESS,
}


@dataclass(frozen=True)
class Planted:
    """The secrets of one run, by name; each is found by its own bytes alone."""

    values: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        """Return a secret."""
        return self.values[name]

    def found_in(self, text: bytes) -> set[str]:
        """Return the names of those that stand in some bytes."""
        return {name for name, value in self.values.items() if value.encode() in text}


def planted(dice: random.Random) -> Planted:
    """Return new secrets."""
    return Planted({name: f"pl{dice.randbytes(12).hex()}" for name in PLANTS})
