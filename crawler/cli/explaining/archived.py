"""What the archive knows of a URL: its line, its captures, how its page was read."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crawler.cli.explaining.witness import HEAD, QUIET, Line, explained
from crawler.cli.reading import reading
from crawler.config.limits import fetch_limits
from crawler.config.tree import Config
from crawler.errors import UsageError
from crawler.extract.explanation import Explanation, explanation_document
from crawler.kept.dossier import dossier_of
from crawler.kept.explaining import explain_kept

_LINK = (
    *("id", "url", "kind", "state", "reason", "status", "robots_line", "source_id"),
    *("found_on", "found_at", "title", "published", "fetched_at", "next_run"),
    *("attempts", "failures", "validators_lied_at"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """All that is known of a URL.

    Attributes:
        link: Its line of the ledger.
        captures: Newest first.
        article: Its article with the standing version, or None.
        explanation: How the page was read; None where no page was captured.
    """

    link: Mapping[str, Any]
    captures: Sequence[Mapping[str, Any]]
    article: Mapping[str, Any] | None
    explanation: Explanation | None

    def document(self) -> dict[str, Any]:
        """Return all of it for JSON."""
        told = self.explanation
        return {
            "link": self.link,
            "captures": self.captures,
            "article": self.article,
            "explanation": explanation_document(told) if told else None,
        }


def known_of(config: Config, reference: str) -> Known | None:
    """Return what the archive knows of a URL, an article's id or `link:N`.

    Returns:
        None of a URL that was never seen.

    Raises:
        UsageError: no article or line has this number.
        StorageError: the archive cannot be read.
    """
    with reading(config) as (reader, session):
        found = dossier_of(session, config, reference)
        if found is None:
            if reference.isdigit() or reference.startswith("link:"):
                raise UsageError(f"{reference}: never seen{_hint(reference)}")
            return None
        explanation = None
        if found.reread is not None:
            limits = fetch_limits(config)
            explanation = asyncio.run(explain_kept(reader.folder, limits, found.reread))
    return Known(
        link=found.link,
        captures=found.captures,
        article=found.article,
        explanation=explanation,
    )


def _hint(reference: str) -> str:
    if not reference.isdigit():
        return ""
    return f"; `link:{reference}` is line {reference} of `ledger`"


# ---- for people ------------------------------------------------------------------


def lines_of(known: Known) -> Iterator[Line]:
    """Yield the lines that tell a person of it."""
    yield (("Link:", HEAD),)
    for name in _LINK:
        if (value := known.link[name]) not in (None, "", 0.0):
            yield (f"  {name.replace('_', ' ')}: ", QUIET), (str(value), "")
    yield ((f"Captures: {len(known.captures)}", HEAD),)
    for capture in known.captures:
        yield from (((line, ""),) for line in _capture_lines(capture))
    article = known.article
    if article is None:
        yield (("Article: ", HEAD), ("none", ""))
    else:
        standing = f"{article['id']}, version {article['version']} stands"
        yield ("Article: ", HEAD), (standing, "")
        yield ("  ", ""), (str(article["title"]), "bold")
    if known.explanation is not None:
        yield from explained(known.explanation)


def _capture_lines(capture: Mapping[str, Any]) -> Iterator[str]:
    place = f"{capture['segment']} at {capture['offset']}+{capture['length']}"
    cut = f", cut short ({capture['truncated']})" if capture["truncated"] else ""
    at = f"{capture['fetched_at']:%Y-%m-%d %H:%M:%S}"
    said = f"HTTP {capture['status']}" if capture["status"] else "no HTTP"
    yield f"  {at} {said}{cut} from {capture['ip']}, {place}"
    if capture["verdict"]:
        yield f"    verdict: {capture['verdict']}"
    yield from (f"      {line}" for line in capture["evidence"] or ())
