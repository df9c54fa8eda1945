"""What is wrong with a value that was given, in people's words. Pure."""

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from crawler.patterns import IN_WORDS

_IN_WORDS = {
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "frozen_set_type": "must be a list",
    "dict_type": "must be a mapping of keys to values",
    "model_type": "must be a mapping of keys to values",
    "path_type": "must be a path",
    "string_type": "must be text",
}


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
        case "string_pattern_mismatch":
            return IN_WORDS.get(fault["ctx"]["pattern"], fault["msg"])
        case "string_too_short" | "too_short" if fault["ctx"]["min_length"] == 1:
            return "must not be empty"
        case kind:
            return _IN_WORDS.get(kind, fault["msg"])


def words_in_yaml(fault: ErrorDetails) -> str:
    """Return the same of a value in YAML, which reads some words as no text."""
    said = words_of(fault)
    if fault["type"] != "string_type":
        return said
    match fault["input"]:
        case None | dict() | list():
            return said
        case bool():
            words = "yes, no, on, off, true and false are none in YAML"
            return f"{said}; {words}: put it in quotes"
        case _:
            return f"{said}: put it in quotes"
