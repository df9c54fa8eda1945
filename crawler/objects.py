"""The object store that the settings name."""

from typing import TYPE_CHECKING

from crawler.config.tree import Config
from crawler.errors import UsageError

if TYPE_CHECKING:
    from storage.objects import Objects


def store_of(config: Config) -> "Objects | None":
    """Return the object store that the settings name; None where they name none.

    Raises:
        UsageError: what speaks to object stores is not installed.
        StoreUnreachable: there can be no such store.
    """
    storage = config.storage
    if not storage.objects:
        return None
    try:
        from storage.objects import Objects
    except ImportError as error:
        raise UsageError(
            "storage.objects needs obstore: pip install 'kliping[objects]'"
        ) from error
    return Objects(
        storage.objects,
        endpoint=storage.objects_endpoint,
        allow_http=storage.objects_allow_http,
    )
