"""What is wrong with a value that was given, in people's words. Pure."""

from pydantic import ValidationError
from pydantic_core import ErrorDetails


def first_fault(error: ValidationError) -> str:
    """Return the first thing that is wrong: where, why, and what was given."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {words_of(first)} (got {first['input']!r})"


def words_of(fault: ErrorDetails) -> str:
    """Return why a value is wrong, without where it stands and what it is."""
    match fault["type"]:
        case "value_error":
            return str(fault["ctx"]["error"])
        case "string_too_short" if fault["ctx"]["min_length"] == 1:
            return "must not be empty"
        case _:
            return fault["msg"]
