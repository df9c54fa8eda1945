"""Do alerts reach anybody? What `kliping doctor` says of the webhook and the mail."""

from sqlmodel import Session

from crawler.cli.checkups.folder import Check, Result
from crawler.cli.reading import reading
from crawler.config.tree import Config
from crawler.errors import UsageError
from crawler.redaction import redact
from storage.errors import StorageError
from storage.sql.digests import DigestState, last_digest
from storage.sql.events import untaken


def check_channels(config: Config) -> list[Check]:
    """Check the ways by which alerts are told that the settings name."""
    looks = {"webhook": _webhook} if config.alerts.webhook is not None else {}
    looks |= {"mail": _mail} if config.alerts.mail is not None else {}
    if not looks:
        return []
    try:
        with reading(config) as (_, session):
            return [Check(name, *look(session)) for name, look in looks.items()]
    except UsageError:
        return [Check(name, Result.GOOD, "nothing was sent yet") for name in looks]
    except StorageError as error:
        return [Check(name, Result.BAD, str(error)) for name in looks]


def _webhook(session: Session) -> tuple[Result, str]:
    found = untaken(session)
    if not (found.failing or found.given_up):
        return Result.GOOD, "all that was sent was taken"
    told = []
    if found.since is not None:
        since = f"{found.since:%Y-%m-%d %H:%M} UTC"
        told.append(f"{found.failing} events wait that it did not take, since {since}")
    if found.given_up:
        told.append(f"{found.given_up} were given up: see /v1/events")
    return Result.WARN, f"{'; '.join(told)} ({redact(found.why)})"


def _mail(session: Session) -> tuple[Result, str]:
    last = last_digest(session)
    if last is None:
        return Result.GOOD, "no digest was due yet"
    is_lost = last.state in {DigestState.FAILED, DigestState.UNSURE}
    said = f"the digest of {last.day}: {last.state}"
    said += f" ({redact(last.why)})" if last.why else ""
    return Result.WARN if is_lost or last.why else Result.GOOD, said
