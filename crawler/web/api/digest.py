"""The digest of a day: what it would say now, and sending it."""

from dataclasses import asdict
from datetime import UTC

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel

from crawler.digest.composing import compose
from crawler.digest.posting import news_of
from crawler.errors import MailFailed, UsageError
from crawler.web.given import GivenService
from storage.sql.digests import DigestState

routes = APIRouter(prefix="/v1/digest", tags=["health"])


class DigestOut(BaseModel):
    """What a digest would say now, also where there is nothing to say."""

    subject: str
    lines: tuple[str, ...]
    is_news: bool


class DigestSent(BaseModel):
    """What became of a digest."""

    state: DigestState


@routes.get("")
def get_digest(service: GivenService) -> DigestOut:
    """Tell what a digest would say now: all since the last one."""
    mail, free = service.config.alerts.mail, service.folder.free_bytes()
    with service.session() as session:
        news = news_of(session, service.means.now(), free, mail.zone if mail else UTC)
    digest = compose(news, always=True)
    said = asdict(digest) if digest else {"subject": "", "lines": ()}
    return DigestOut.model_validate(said | {"is_news": news.is_any})


@routes.post("")
async def post_digest(service: GivenService) -> DigestSent:
    """Mail the day's digest now, if it was not; 502 where it was not taken."""
    postman = service.postman()
    if postman is None:
        raise UsageError("nobody gets digests: alerts.mail is not set")
    try:
        return DigestSent(state=await postman.send_now())
    except MailFailed as error:
        raise HTTPException(502, str(error)) from error
