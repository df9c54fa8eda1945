"""What response headers say of the page itself."""

from crawler.discover.weblinks import linked
from crawler.extract.readers.draft import Draft, Field, witness
from crawler.extract.source import PageSource

CANONICAL = "header:canonical"


def read_header(source: PageSource) -> Draft:
    """Return the canonical URL that a Link header states (RFC 6596, RFC 8288)."""
    target = linked(source.headers, "canonical")
    return (witness(Field.CANONICAL, CANONICAL, target),) if target else ()
