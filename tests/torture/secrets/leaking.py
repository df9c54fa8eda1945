"""`kliping` in which two places raise errors with secrets in their words.

`python -m tests.torture.secrets.leaking ARGUMENTS`: attending to an article called
EXPLODES fails, and so does listing alerts.
"""

import os
from typing import NoReturn

from crawler.cli import main
from crawler.visits import visit
from crawler.web.api import alerts
from storage.model.link import Link, Settlement
from tests.torture.secrets.site import EXPLODES

_real = visit.after_status


def explode(*_args: object, **_more: object) -> NoReturn:
    url = f"https://me:{os.environ['LEAK_URL']}@db.invalid/?token={os.environ['LEAK_URL']}"
    raise RuntimeError(f"{url} said\nAuthorization: Bearer {os.environ['LEAK_HEADER']}")


def after_status(link: Link, *args: object, **more: object) -> Settlement | None:
    return (explode if EXPLODES in link.url else _real)(link, *args, **more)


if __name__ == "__main__":
    visit.after_status = after_status
    alerts.list_alerts = explode
    main()
