"""Values that fit a JSON schema, for examples: what must be there, and no more. Pure."""

from collections.abc import Mapping
from typing import Any

REF = "#/components/schemas/"
UNIONS = ("anyOf", "oneOf", "allOf")
#: What stands for a value of a type, in examples.
_SAMPLES: Mapping[str, object] = {
    "string": "text",
    "integer": 1,
    "number": 1.5,
    "boolean": True,
    "null": None,
}
_FORMATS: Mapping[str, object] = {
    "date-time": "2026-09-24T12:00:00Z",
    "date": "2026-09-24",
    "duration": "PT1H",
    "uri": "https://news.example/",
}
#: What stands for a value of a name, whatever its type.
_NAMED: Mapping[str, object] = {
    "url": "https://news.example/story",
    "urls": ["https://news.example/story"],
    "home": "https://news.example/",
    "name": "News",
}
_DEEPEST = 4
_GIVEN = ("example", "default", "const")

_Json = dict[str, Any]


def example(schema: _Json, schemas: _Json, depth: int = 0, name: str = "") -> Any:  # noqa: ANN401
    """Return a value that fits a schema.

    Args:
        schema: As OpenAPI has it.
        schemas: Those that it may refer to, by name.
        depth: How deep in an object it stands.
        name: Of the field, which may say more than its type.
    """
    if "$ref" in schema:
        known = schemas[schema["$ref"].removeprefix(REF)]
        return example(known, schemas, depth + 1, name)
    if (stated := _stated(schema, name)) is not None:
        return stated
    for union in UNIONS:
        if union in schema:
            return example(schema[union][0], schemas, depth, name)
    if schema.get("type") == "array":
        inner = schema.get("items", {})
        return [example(inner, schemas, depth + 1)] if depth < _DEEPEST else []
    must = schema.get("required", ())
    fields = schema.get("properties", {})
    if fields:
        return {
            field: example(one, schemas, depth + 1, field)
            for field, one in fields.items()
            if field in must
        }
    return _plain(schema)


def _stated(schema: _Json, name: str) -> Any:  # noqa: ANN401
    """Return the value that a schema or its name gives itself, if one does."""
    given = next((schema[one] for one in _GIVEN if schema.get(one) is not None), None)
    several = [*schema.get("examples", ()), *schema.get("enum", ())]
    if given is not None or name in _NAMED:
        return given if given is not None else _NAMED[name]
    return several[0] if several else None


def _plain(schema: _Json) -> Any:  # noqa: ANN401
    kind = schema.get("type", "object")
    if kind in {"integer", "number"} and schema.get("minimum") is not None:
        return schema["minimum"]
    return _FORMATS.get(schema.get("format", ""), _SAMPLES.get(kind, {}))
