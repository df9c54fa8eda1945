"""The formats of an export. Pure."""

from enum import StrEnum


class Form(StrEnum):
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
        return self in {Form.JSONL, Form.CSV, Form.WARC}

    @property
    def units(self) -> str:
        """What it consists of."""
        match self:
            case Form.JSONL | Form.CSV | Form.PARQUET:
                return "rows"
            case Form.MARKDOWN:
                return "files"
            case Form.EPUB:
                return "chapters"
            case _:
                return "captures"
