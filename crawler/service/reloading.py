"""Take up settings that were changed, as far as that can be done without a restart."""

import asyncio
from collections.abc import Sequence

from crawler.config.keys import SettingDifference, differences, taken_up
from crawler.errors import ConfigError, UsageError
from crawler.service.service import Service
from storage.errors import StorageError


async def reload(service: Service) -> Sequence[SettingDifference]:
    """Read the settings again and work by them; return what differs.

    What needs a restart is named each time until there is one.

    Raises:
        UsageError: they came from no file.
        ConfigError: they cannot be used; the old ones stay in force.
        StorageError: its sources cannot be entered; likewise.
    """
    async with service.reloading:
        if service.loaded is None:
            raise UsageError("these settings came from no file")
        loaded = await asyncio.to_thread(service.loaded.again)
        found = differences(service.config, loaded.config)
        await service.take_up(taken_up(service.config, loaded.config))
        service.loaded = loaded
    _tell(service, found)
    return found


async def reload_or_say_why_not(service: Service) -> None:
    """Read the settings again on a signal: nobody waits for an answer."""
    log = service.means.log
    try:
        await reload(service)
    except ConfigError as error:
        log.warning("settings refused, the old ones stay", problems=error.problems)
    except (UsageError, StorageError) as error:
        log.warning("settings not reloaded", why=str(error))
    except Exception:  # the service lives on by the old ones
        log.exception("settings not reloaded")


def _tell(service: Service, found: Sequence[SettingDifference]) -> None:
    for one in found:
        tell = service.means.log.info if one.is_applied else service.means.log.warning
        said = "setting changed" if one.is_applied else "setting needs a restart"
        tell(said, key=one.key, old=one.old, new=one.new)
    service.means.log.info("settings reloaded", differences=len(found))
