"""The formats of an export. Pure."""

from enum import StrEnum


class ExportForm(StrEnum):
    """What an export is written as."""

    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"
    MARKDOWN = "markdown"
    EPUB = "epub"
    WARC = "warc"
    WACZ = "wacz"

    @property
    def is_stream(self) -> bool:
        """Whether it may go to stdout: it is written from its beginning to its end."""
        return self in {ExportForm.JSONL, ExportForm.CSV, ExportForm.WARC}

    @property
    def units(self) -> str:
        """What it consists of."""
        match self:
            case ExportForm.JSONL | ExportForm.CSV | ExportForm.PARQUET:
                return "rows"
            case ExportForm.MARKDOWN:
                return "files"
            case ExportForm.EPUB:
                return "chapters"
            case _:
                return "captures"
