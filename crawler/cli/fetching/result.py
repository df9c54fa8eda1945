"""What came of one input of `fetch`, and the document that tells it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crawler.cli.exits import ExitCode
from storage.model.article import Article
from storage.model.verdict import Verdict, VerdictKind

_READABLE = (None, VerdictKind.ARTICLE, VerdictKind.TEASER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of one input.

    Attributes:
        name: The input as it was given.
        url: Where the content is from; the last hop's URL.
        code: How a command with this input alone ends.
        why: Why that is not DONE, for people.
        note: What else to tell people.
        status: HTTP status; None without an answer.
        saved: With `--save`, where its link stands in the archive.
    """

    name: str
    url: str
    code: ExitCode = ExitCode.DONE
    why: str = ""
    note: str = ""
    status: int | None = None
    verdict: Verdict | None = None
    article: Article | None = None
    saved: Mapping[str, Any] = field(default_factory=dict)

    @property
    def readable(self) -> Article | None:
        """The article, where the page is one: whole, or as a paywall's teaser."""
        kind = self.verdict.kind if self.verdict else None
        return self.article if kind in _READABLE else None


def document_of(result: Result) -> dict[str, Any]:
    """Return the result as a JSON document; an article has all its fields in it."""
    from storage.documents import article_document

    article = article_document(result.article) if result.article else {}
    verdict = result.verdict
    return {
        **article,
        "url": article.get("url") or result.url,
        "input": result.name,
        "fetched_url": result.url,
        "status": result.status,
        "verdict": (
            {"kind": verdict.kind, "evidence": list(verdict.evidence)}
            if verdict
            else None
        ),
        **result.saved,
        "error": result.why or None,
        "exit_code": int(result.code),
    }
