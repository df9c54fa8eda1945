"""What the extractor is given of a page: the answer, and what is known of it."""

from dataclasses import dataclass
from datetime import date

from crawler.config.plan import Plan
from crawler.extract.source import Hint, HostKnowledge, PageSource, SiteRules
from crawler.knowledge import Known
from storage.model.exchange import Exchange
from storage.model.link import FoundLink, Link

_UTC = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """What is known of a page before it is opened.

    Attributes:
        hint: What its link was said to lead to.
        rules: Its site's rules on the day of the capture, or None.
        known: What other pages of its site have taught, or None.
        own: Keys of the page itself among those that `known` counts.
    """

    hint: Hint
    rules: SiteRules | None = None
    known: HostKnowledge | None = None
    own: frozenset[int] = frozenset()


def page_source(
    link: Link, answer: Exchange, plan: Plan, known: Known | None = None
) -> PageSource:
    """Return what the extractor is given: the answer, and what is known of it."""
    return source_of(answer, prior_of(link, answer.started_at.date(), plan, known))


def prior_of(link: Link, day: date, plan: Plan, known: Known | None) -> Prior:
    """Return what is known of a link's page that was captured on a day."""
    return Prior(
        hint=hint_of(link, plan),
        rules=plan.rules_on(day),
        known=known.host if known else None,
        own=known.own.get(link.id, frozenset()) if known else frozenset(),
    )


def source_of(answer: Exchange, prior: Prior) -> PageSource:
    """Return what the extractor is given of an answer of which so much is known."""
    return PageSource(
        url=answer.url,
        body=answer.body,
        captured_at=answer.started_at,
        status=answer.status,
        headers=answer.headers,
        hint=prior.hint,
        rules=prior.rules,
        known=prior.known,
        own=prior.own,
    )


def hint_of(link: Link | FoundLink, plan: Plan | None) -> Hint:
    """Return what a link was said to lead to, and what holds for its source.

    UTC is the zone of sources without one, and of pages without a hint: it is none.
    """
    return Hint(
        title=link.title,
        published=link.published,
        language=plan.language if plan else None,
        timezone=plan.timezone if plan and plan.timezone != _UTC else None,
        blurb=link.blurb,
    )
