"""What one fetch may cost, as the settings say."""

from crawler.config.tree import Config
from crawler.fetch.limits import Limits


def fetch_limits(config: Config) -> Limits:
    """Return what one fetch may cost."""
    limits = config.limits
    return Limits(
        connect=limits.connect,
        first_byte=limits.first_byte,
        total=limits.total,
        raw_bytes=limits.raw_size,
        decoded_bytes=limits.decoded_size,
        redirects=limits.redirects,
    )
