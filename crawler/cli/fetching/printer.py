"""Prints results one after another, in one of the formats, or into a file."""

from collections.abc import Iterator
from pathlib import Path

from crawler.cli.exits import ExitCode
from crawler.cli.fetching.result import Result, document_of
from crawler.cli.output import (
    json_line,
    json_text,
    print_prose,
    print_text,
    tell,
)
from crawler.cli.target import write_file
from crawler.render import Format, as_html, as_markdown, as_text
from storage.model.extraction import Extraction
from storage.model.verdict import Verdict, VerdictKind

_RULE = "-" * 72


class Printer:
    """Prints each result as it comes; a file is written whole at the end.

    What failed is told on stderr; in JSON it is a document as well, so that
    every input has one.
    """

    def __init__(
        self, form: Format, *, many: bool, explained: bool, output: Path | None
    ) -> None:
        """Take the format, whether to expect many, and where to print.

        Args:
            form: How a result is printed.
            many: Several JSON documents make a list.
            explained: After each text, why it is what it is.
            output: A file, or None for stdout.
        """
        self._form = form
        self._many = many
        self._explained = explained
        self._output = output
        self._parts: list[str] = []
        self._printed = 0
        self.codes: list[ExitCode] = []

    def show(self, result: Result) -> None:
        """Print a result, and on stderr why it failed or what else is to be told."""
        self.codes.append(result.code)
        text = self._text(result)
        if text is not None:
            self._print(f"{self._before()}{text}")
            self._printed += 1
        for line in filter(None, (result.why, result.note)):
            tell(f"kliping: {line}")

    def close(self) -> None:
        """End the list, and write the file, unless all failed and it has no text."""
        if self._form is Format.JSON and self._many:
            self._print("]" if self._printed else "[]")
        has_failed = bool(self.codes) and all(self.codes)
        if self._output is not None and (self._parts or not has_failed):
            write_file(self._output, "".join(f"{part}\n" for part in self._parts))

    def _print(self, text: str) -> None:
        if self._output is not None:
            self._parts.append(text)
        elif self._form is Format.TEXT:
            print_prose(text)
        else:
            print_text(text)

    def _before(self) -> str:
        """Return what parts a result from the one before."""
        match self._form:
            case Format.JSON if self._many:
                return "," if self._printed else "["
            case Format.TEXT if self._printed:
                return f"\n{_RULE}\n\n"
            case Format.MARKDOWN | Format.HTML if self._printed:
                return "\n"
            case _:
                return ""

    def _text(self, result: Result) -> str | None:
        match self._form:
            case Format.JSON:
                return json_text(document_of(result))
            case Format.JSON_LINES:
                return json_line(document_of(result))
            case _:
                return "\n\n".join(self._parts_of(result)) or None

    def _parts_of(self, result: Result) -> Iterator[str]:
        if (article := result.readable) is not None:
            match self._form:
                case Format.MARKDOWN:
                    yield as_markdown(article, _facts(result))
                case Format.HTML:
                    yield as_html(article)
                case _:
                    yield as_text(article)
        if self._explained and self._form is Format.TEXT:
            yield "\n".join(_explanation(result))


def _facts(result: Result) -> dict[str, object]:
    verdict = result.verdict.kind if result.verdict else None
    return {"verdict": verdict, "status": result.status, **result.saved}


def _explanation(result: Result) -> Iterator[str]:
    from crawler.cli.explaining.witness import explained, told, words
    from crawler.extract.explanation import explanation_of

    verdict = result.verdict
    if verdict is None and result.article is None:
        return
    unsaid = Verdict(kind=VerdictKind.ARTICLE, evidence=())
    explanation = explanation_of(
        Extraction(verdict=verdict or unsaid, extractor="", article=result.article)
    )
    lines = explained(explanation) if verdict else told(explanation)
    yield from map(words, lines)
