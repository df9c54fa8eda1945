"""The reference of the HTTP API, from the routes themselves.

python -m crawler.web.reference > docs/api.md
"""

import json
import sys
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI

from crawler import __version__
from crawler.web import api, doors
from crawler.web.problems import DESCRIBED
from crawler.web.samples import REF, UNIONS, example

_HEAD = """\
# The HTTP API

This page is written by `python -m crawler.web.reference > docs/api.md`; a running service has
the same as `/openapi.json`.

All times are UTC, in ISO 8601. Lists go on from `before` or `cursor`, never from a number of
rows to skip. Errors are problem documents (RFC 9457): `title`, `status`, `detail` and, where
there are several, `problems`. What a call needs stands under its name. The token of a run
lies in `kliping.lock` in the data folder, for commands of the same user:

```sh
TOKEN=$(python3 -c "import json; print(json.load(open('kliping-data/kliping.lock'))['token'])")
```
"""
_HOST = "http://127.0.0.1:8765"
_Json = dict[str, Any]


def description() -> _Json:
    """Return the API's description, as a running service gives it."""
    app = FastAPI(title="Kliping", version=__version__, responses=DESCRIBED)
    for routes in (*api.ROUTES, *doors.ROUTES):
        app.include_router(routes)
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
    """Return what a caller must have: a scope where routes name one, or a token."""
    scope = operation.get("x-scope")
    if scope:
        return f"a token with the scope `{scope}`"
    return "a token" if "security" in operation else "nothing"


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
        if status != "default":
            rows.append(f"- {status}: {', or '.join(kinds) or answer['description']}")
    return "\n".join(("Answers:\n", *rows, ""))


def _call(path: str, method: str, operation: _Json, schemas: _Json) -> str:
    """Return an example of a call."""
    filled, query = path, []
    for one in operation.get("parameters", ()):
        value = example(one.get("schema", {}), schemas, name=one["name"])
        if one["in"] == "path":
            filled = filled.replace(f"{{{one['name']}}}", quote(str(value), safe=":/"))
        elif one.get("required"):
            query.append(f"{one['name']}={quote(str(value), safe='')}")
    words = ["curl"]
    if method != "get":
        words += ["-X", method.upper()]
    if "security" in operation:
        words.append('-H "Authorization: Bearer $TOKEN"')
    media = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if media is not None:
        sent = json.dumps(example(media["schema"], schemas), ensure_ascii=False)
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
    """Return a type in words, with links to objects."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(REF)
        return f"[{name}](#{name.lower()})"
    for union in UNIONS:
        if union in schema:
            kinds = [_type(one) for one in schema[union]]
            return " or ".join(dict.fromkeys(kinds))
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
