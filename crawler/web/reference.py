"""The reference of the HTTP API, from the routes themselves.

python -m crawler.web.reference > docs/routes.md
"""

import json
import sys
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI

from crawler import __version__
from crawler.web import api, doors, feeds
from crawler.web.describing import describe
from crawler.web.samples import REF, UNIONS, example

_HEAD = """\
# The routes of the HTTP API

This page is written by `python -m crawler.web.reference > docs/routes.md`; a running service has
the same as `/openapi.json`.

What holds for all of them is on [a page of its own](api.md). What a call needs stands under its
name; for the examples:

```sh
TOKEN=$(kliping token add mine --scope admin)
```
"""
_HOST = "http://127.0.0.1:8765"
_Json = dict[str, Any]


def description() -> _Json:
    """Return the API's description, as a running service gives it."""
    app = FastAPI(
        title="Kliping",
        version=__version__,
        generate_unique_id_function=lambda route: route.name,
    )
    for routes in (*api.ROUTES, *doors.ROUTES, *feeds.ROUTES):
        app.include_router(routes)
    describe(app)
    return app.openapi()


def reference(document: _Json) -> str:
    """Return the page: every route, then the objects that are sent and answered."""
    schemas: _Json = document.get("components", {}).get("schemas", {})
    routes = [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    by_tag: dict[str, list[str]] = {}
    for path, method, operation in routes:
        tag = (operation.get("tags") or ["other"])[0]
        by_tag.setdefault(tag, []).append(_route(path, method, operation, schemas))
    sections = [f"## {tag}\n\n" + "\n".join(parts) for tag, parts in by_tag.items()]
    objects = "\n".join(_object(name, schemas[name]) for name in sorted(schemas))
    return "\n".join([_HEAD, *sections, f"## Objects\n\n{objects}"]).rstrip()


def _route(path: str, method: str, operation: _Json, schemas: _Json) -> str:
    return "\n".join(
        part
        for part in (
            f"### `{method.upper()} {path}`\n",
            f"{_prose(operation.get('description') or operation['summary'])}\n",
            f"Needs: {_needs(operation)}.\n",
            _parameters(operation),
            _body(operation),
            _answers(operation),
            _call(path, method, operation, schemas),
        )
        if part
    )


def _needs(operation: _Json) -> str:
    """Return what a caller must have."""
    scopes = [one for many in operation["security"] for (one,) in many.values()]
    return f"a token with the scope `{scopes[0]}`" if scopes else "nothing"


def _parameters(operation: _Json) -> str:
    rows = [
        f"| `{one['name']}` | {one['in']} | {_type(one.get('schema', {})).removesuffix(' or null')} "
        f"| {_more(one.get('schema', {}), required=one.get('required', False))} |"
        for one in operation.get("parameters", ())
    ]
    if not rows:
        return ""
    head = ["| parameter | in | is | |", "|---|---|---|---|"]
    return "\n".join((*head, *rows, ""))


def _body(operation: _Json) -> str:
    content = operation.get("requestBody", {}).get("content", {})
    said = [f"{_type(media['schema'])} as `{kind}`" for kind, media in content.items()]
    return f"Body: {', or '.join(said)}.\n" if said else ""


def _answers(operation: _Json) -> str:
    rows = []
    for status, answer in operation["responses"].items():
        content = answer.get("content", {})
        kinds = [
            f"{_type(media.get('schema', {}))} as `{kind}`"
            for kind, media in content.items()
        ]
        if status.startswith("2"):
            rows.append(f"- {status}: {', or '.join(kinds) or answer['description']}")
    refused = [s for s in operation["responses"] if s[0] in "345"]
    said = f"Refused with {', '.join(refused)}.\n" if refused else ""
    return "\n".join(("Answers:\n", *rows, "", said))


def _call(path: str, method: str, operation: _Json, schemas: _Json) -> str:
    """Return an example of a call."""
    filled, query = path, []
    for one in operation.get("parameters", ()):
        value = one.get("example") or example(
            one.get("schema", {}), schemas, name=one["name"]
        )
        if one["in"] == "path":
            filled = filled.replace(f"{{{one['name']}}}", quote(str(value), safe=":/"))
        elif one.get("required"):
            query.append(f"{one['name']}={quote(str(value), safe='')}")
    words = ["curl"]
    if method != "get":
        words += ["-X", method.upper()]
    if operation["security"]:
        words.append('-H "Authorization: Bearer $TOKEN"')
    media = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if media is not None:
        given = media.get("example") or example(media["schema"], schemas)
        sent = json.dumps(given, ensure_ascii=False)
        words.append("--json '" + sent.replace("'", "'\\''") + "'")
    place = f"{_HOST}{filled}" + (f"?{'&'.join(query)}" if query else "")
    return f"```sh\n{' '.join(words)} '{place}'\n```\n"


def _object(name: str, schema: _Json) -> str:
    head = f"### {name}\n"
    said = f"{_prose(schema['description'])}\n" if "description" in schema else ""
    if "enum" in schema:
        values = ", ".join(f"`{value}`" for value in schema["enum"])
        return "\n".join((head, *([said] if said else []), f"One of {values}.\n"))
    required = schema.get("required", ())
    rows = [
        f"| `{field}` | {_type(one)} | {_more(one, required=field in required)} |"
        for field, one in schema.get("properties", {}).items()
    ]
    table = ["| field | is | |", "|---|---|---|", *rows, ""] if rows else []
    return "\n".join((head, *([said] if said else []), *table))


def _prose(text: str) -> str:
    """Return a docstring's words without what is for readers of the code alone."""
    return text.partition("\f")[0].partition("\n\nAttributes:")[0].strip()


def _type(schema: _Json) -> str:
    """Return a type in words, with links to objects; an empty text is no kind of value."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(REF)
        return f"[{name}](#{name.lower()})"
    for union in UNIONS:
        if union in schema:
            kinds = dict.fromkeys(
                _type(one) for one in schema[union] if one.get("maxLength") != 0
            )
            return " or ".join(sorted(kinds, key="null".__eq__))  # it comes last
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    return _plain_type(schema)


def _plain_type(schema: _Json) -> str:
    kind = schema.get("type", "anything")
    more = schema.get("additionalProperties")
    if kind == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if kind == "object" and isinstance(more, dict) and more:
        return f"object of {_type(more)}"
    return str(schema.get("format", kind))


def _more(schema: _Json, *, required: bool) -> str:
    """Return what else is known of a value: whether it must be, its bounds."""
    told = ["required"] if required else []
    if schema.get("default") is not None:
        told.append(f"default `{json.dumps(schema['default'], ensure_ascii=False)}`")
    bounds = {
        "minimum": "at least {}",
        "exclusiveMinimum": "more than {}",
        "maximum": "at most {}",
        "maxLength": "at most {} characters",
        "maxItems": "at most {} of them",
    }
    told += [
        words.format(schema[bound])
        for bound, words in bounds.items()
        if bound in schema
    ]
    if "description" in schema:
        told.append(" ".join(schema["description"].split()))
    return "; ".join(told).replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(f"{reference(description())}\n")
