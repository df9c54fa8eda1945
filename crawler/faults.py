"""What is wrong with a value that was given, in people's words. Pure."""

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from crawler.patterns import IN_WORDS

_IN_WORDS = {
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "dict_type": "must be a mapping of keys to values",
    "enum": "must be {expected}",
    "extra_forbidden": "is not known here",
    "finite_number": "must be a number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "frozen_set_type": "must be a list",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "int_from_float": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "has too many digits",
    "int_type": "must be a whole number",
    "json_invalid": "is no JSON",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "list_type": "must be a list",
    "literal_error": "must be {expected}",
    "missing": "is required",
    "model_attributes_type": "must be a mapping of keys to values",
    "model_type": "must be a mapping of keys to values",
    "path_type": "must be a path",
    "string_too_long": "must have at most {max_length} characters",
    "string_type": "must be text",
    "too_long": "must have at most {max_length} of them",
    "tuple_type": "must be a list",
}


def first_fault(error: ValidationError) -> str:
    """Return the first thing that is wrong: where, why, and what was given."""
    first = error.errors()[0]
    return f"{said_of(first)} (got {first['input']!r})"


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
            facts = {name: _plain(one) for name, one in fault.get("ctx", {}).items()}
            return _IN_WORDS.get(kind, "").format_map(facts) or fault["msg"]


def _plain(value: object) -> object:
    """Return a number as people write it: 60 for 60.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def said_of(fault: ErrorDetails) -> str:
    """Return what is wrong: where, unless it is wrong as a whole, and why."""
    place = ".".join(map(str, fault["loc"]))
    return f"{place}: {words_of(fault)}" if place else words_of(fault)


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
