"""Survey a site that may become a source: its lists, robots, opt-outs, samples.

Everything is asked politely: robots.txt obeyed, a pause between two requests, and
nothing kept.
"""

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

from crawler.decisions.outcome import is_article, wants_rendering
from crawler.discover.optout import (
    TDMREP_PATH,
    Signal,
    page_signals,
    robots_signals,
    tdmrep_signals,
)
from crawler.discover.sections import feed_links, linked_feeds
from crawler.errors import CrawlError, FetchError, HttpError, NotReadable
from crawler.extract.source import Hint, PageSource
from crawler.sources.asking import Asker
from crawler.sources.prospect import (
    Given,
    ListSeen,
    Prospect,
    RobotsSeen,
    SampleSeen,
    choose,
    expected_a_day,
    language_of,
    needs_browser,
    to_sample,
)
from crawler.sources.site_part import folder_of
from crawler.sources.survey_lists import (
    Start,
    Surveyor,
    feeds_of,
    read_list,
    sections_of,
    sitemaps_of,
    told_of,
)
from storage.model.exchange import Exchange
from storage.model.extraction import Extraction
from storage.model.link import FoundLink
from storage.model.link_kind import LinkKind
from storage.model.verdict import VerdictKind

_OPENING = 240
_LOCKED = (
    "it asks for a password, and none can be given; ask its publisher for a feed that "
    "needs none"
)
#: What can be done about a site that keeps us out, by the status of its answer.
_ADVICE = {
    401: _LOCKED,
    403: (
        "it does not let us in; set identity.contact if it is not set, so that the "
        "site sees who asks, and ask its publisher to admit identity.name"
    ),
    407: _LOCKED,
}


async def survey(url: str, by: Surveyor, samples: int = 10) -> Prospect:
    """Return what a site would be as a source.

    Args:
        url: Its home page, or a section page, article, feed or sitemap of it.
        by: Who asks and reads.
        samples: How many articles are tried.

    Raises:
        FetchError: the URL cannot be had, or robots.txt forbids it.
        NotReadable: it is no page, feed or sitemap.
    """
    by.tell(f"asking {url}")
    start = await _start(await _asked(url, by), by)
    if start.given is Given.SECTION and urlsplit(url).path.strip("/"):
        start = replace(start, part=folder_of(start.home))
    lists = [*start.lists]
    kinds = {seen.kind for seen in lists}
    if LinkKind.FEED not in kinds:
        lists += await feeds_of(start, by)
    if LinkKind.SITEMAP not in kinds:
        lists += await sitemaps_of(start, by)
    enough = any(seen.used for seen in choose(lists, by.now))
    lists += await sections_of(start, by, enough=enough)
    chosen = choose(lists, by.now)
    tried = [await _sample(link, by) for link in to_sample(chosen, samples)]
    seen = tuple(sample for sample, _ in tried)
    if needs_browser(seen):
        by.tell("scripts write its articles: a browser has to show them (render: auto)")
    return Prospect(
        given=start.given,
        home=start.home,
        robots=_robots(start.home, by.asker),
        signals=await _signals(start, [said for _, said in tried], by),
        lists=chosen,
        samples=seen,
        articles_a_day=expected_a_day(chosen, by.now),
        language=language_of(seen),
    )


# ---- where it begins -------------------------------------------------------------


async def _asked(url: str, by: Surveyor) -> Exchange:
    """Return what stands at the given URL; a refusal says what can be done."""
    try:
        return await by.asker.ask(url)
    except HttpError as error:
        advice = _ADVICE.get(error.status, "")
        raise HttpError(error.url, error.status, advice) from error


async def _start(answer: Exchange, by: Surveyor) -> Start:
    """Understand what was given."""
    for kind, given in ((LinkKind.FEED, Given.FEED), (LinkKind.SITEMAP, Given.SITEMAP)):
        try:
            seen, home = await read_list(kind, answer, "given", by)
        except NotReadable:
            continue
        return await _start_at_list(given, seen, home, by)
    feeds = feed_links(answer.body, answer.url)
    if _root(answer.url) == answer.url:
        return Start(given=Given.HOME, home=answer.url, front=answer, feeds=feeds)
    page = await by.extract(_page(answer, Hint()))
    named = feeds or linked_feeds(answer.body, answer.url)
    if page.verdict.kind is VerdictKind.ERROR and not named:
        raise NotReadable(f"{answer.url}: no page, feed or sitemap")
    if not is_article(page.verdict):
        return Start(given=Given.SECTION, home=answer.url, front=answer, feeds=feeds)
    by.tell(f"{answer.url} is an article; its site is surveyed")
    front = await by.asker.ask(_root(answer.url))
    feeds = (*feed_links(front.body, front.url), *feeds)
    return Start(given=Given.ARTICLE, home=front.url, front=front, feeds=feeds)


async def _start_at_list(
    given: Given, seen: ListSeen, home: str | None, by: Surveyor
) -> Start:
    """Begin at a feed or sitemap; its home page may well not be had."""
    place = home or _root(seen.url)
    start = Start(given=given, home=place, lists=(seen,))
    by.tell(f"{seen.url} is a {given}; its home page is {place}")
    try:
        front = await by.asker.ask(place)
    except FetchError as error:
        by.tell(f"the home page cannot be had: {error}")
        return start
    return replace(start, home=front.url, front=front)


# ---- samples ---------------------------------------------------------------------


async def _sample(
    link: FoundLink, by: Surveyor
) -> tuple[SampleSeen, tuple[Signal, ...]]:
    """Return an article as it would be archived, and what its page says of uses."""
    by.tell(f"trying {link.url}")
    try:
        answer = await by.asker.ask(link.url)
        hint = Hint(title=link.title, published=link.published, blurb=link.blurb)
        made = await by.extract(_page(answer, hint))
    except CrawlError as error:
        return SampleSeen(url=link.url, error=told_of(link.url, error)), ()
    return _sample_of(answer.url, made), page_signals(answer.headers, answer.body)


def _sample_of(url: str, made: Extraction) -> SampleSeen:
    article, verdict = made.article, str(made.verdict.kind)
    is_read = is_article(made.verdict)  # of little text, but text all the same
    is_shell = wants_rendering("auto", made.verdict) and not is_read
    if article is None:
        return SampleSeen(url=url, verdict=verdict, is_shell=is_shell)
    return SampleSeen(
        url=url,
        verdict=verdict,
        is_shell=is_shell,
        title=article.title,
        authors=article.authors,
        published=article.published.at.isoformat() if article.published else None,
        language=article.language,
        characters=len(article.text),
        removed=len(article.removed),
        opening=" ".join(article.text[: 2 * _OPENING].split())[:_OPENING],
    )


def _page(answer: Exchange, hint: Hint) -> PageSource:
    return PageSource(
        url=answer.url,
        body=answer.body,
        captured_at=answer.started_at,
        status=answer.status,
        headers=answer.headers,
        hint=hint,
    )


# ---- what the site says ----------------------------------------------------------


def _robots(home: str, asker: Asker) -> RobotsSeen:
    copy = asker.robots_copy(home)
    delay = asker.crawl_delay(home)
    return RobotsSeen(
        status=copy.status if copy else None,
        line=asker.robots_line(home),
        crawl_delay=delay.total_seconds() if delay else None,
    )


async def _signals(
    start: Start, of_samples: Sequence[tuple[Signal, ...]], by: Surveyor
) -> tuple[Signal, ...]:
    """Return every statement against uses once: of robots.txt, the site, its pages."""
    copy = by.asker.robots_copy(start.home)
    said = [*robots_signals(copy.body if copy else b"")]
    try:
        rules = await by.asker.fetch(urljoin(start.home, TDMREP_PATH))
        said += tdmrep_signals(rules.body) if rules.status == 200 else ()
    except FetchError as error:
        by.tell(f"{TDMREP_PATH} cannot be had: {error}")
    if start.front is not None:
        said += page_signals(start.front.headers, start.front.body)
    said += [signal for signals in of_samples for signal in signals]
    return tuple(dict.fromkeys(said))


def _root(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"
