"""What a fetch gave, in the format that was asked for."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal

from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from sqlmodel import Session

from crawler.render import as_markdown, as_text
from crawler.web.api.articles import WholeVersion, whole_version
from storage.documents import read_document
from storage.model.change import Change
from storage.model.link_state import LinkState
from storage.model.verdict import VerdictKind


class Printed(StrEnum):
    """How an article is answered with."""

    JSON = "json"
    TEXT = "text"
    MARKDOWN = "md"


class Fetched(BaseModel):
    """What came of a URL; `cache` is `hit` where it was answered from the archive.

    `change` is how its article changed, None from the archive. `article` is its article
    as it stands, None for what is none, such as a feed that is watched.
    """

    url: str
    status: int | None
    state: LinkState
    reason: str
    article_id: int | None
    change: Change | None
    verdict: VerdictKind | None
    cache: Literal["hit", "miss"]
    article: WholeVersion | None


def answer_fetched(
    session: Session, archived: Mapping[str, Any], printed: Printed, *, is_stored: bool
) -> Response:
    """Return the answer of a fetch that gave an article, or what else is kept.

    Args:
        session: For reading.
        archived: What came of it, as JSON values.
        printed: The format.
        is_stored: Whether it came from the archive.
    """
    article_id = archived.get("article_id")
    article = whole_version(session, article_id, None) if article_id else None
    cache = "hit" if is_stored else "miss"
    headers = {"Kliping-Cache": cache, "Cache-Control": "no-store"}
    if article_id:
        headers["Content-Location"] = f"/v1/articles/{article_id}"
    if printed is Printed.JSON or article is None:
        fetched = Fetched.model_validate(
            {**archived, "cache": cache, "article": article}
        )
        return JSONResponse(fetched.model_dump(mode="json"), headers=headers)
    read = read_document(article.document)
    if printed is Printed.TEXT:
        return Response(as_text(read) + "\n", headers=headers, media_type="text/plain")
    facts = {
        "article_id": article_id,
        "version": article.number,
        "captured_at": article.captured_at.isoformat(),
    }
    text = as_markdown(read, facts)
    return Response(text + "\n", headers=headers, media_type="text/markdown")
