"""What the extractor is given of a page: the answer, and what is known of it."""

from crawler.config import Plan
from crawler.extract.source import Hint, PageSource
from crawler.knowledge import Known
from storage.model import (
    Exchange,
    FoundLink,
    Link,
)


def page_source(
    link: Link, answer: Exchange, plan: Plan, known: Known | None = None
) -> PageSource:
    """Return what the extractor is given: the answer, and what is known of it."""
    return PageSource(
        url=answer.url,
        body=answer.body,
        captured_at=answer.started_at,
        status=answer.status,
        headers=answer.headers,
        hint=hint_of(link, plan.language),
        rules=plan.rules_on(answer.started_at.date()),
        known=known.host if known else None,
        own=known.own.get(link.id, frozenset()) if known else frozenset(),
    )


def hint_of(link: Link | FoundLink, language: str | None) -> Hint:
    """Return what a link was said to lead to."""
    return Hint(
        title=link.title,
        published=link.published,
        language=language,
        blurb=link.blurb,
    )
