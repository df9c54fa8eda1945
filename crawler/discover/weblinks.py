"""Links that a response's headers state (RFC 8288)."""

import re
from collections.abc import Iterable

_LONGEST = 8_192
_VALUE = r'"(?:[^"\\]|\\.)*"|[^\s;,"]*'
_PARAMETER = rf'\s*;\s*([^\s;,="]+)\s*(?:=\s*({_VALUE}))?'
_LINK = re.compile(rf"<([^<>]*)>((?:{_PARAMETER})*)")
_PARAMETERS = re.compile(_PARAMETER)
_ESCAPED = re.compile(r"\\(.)")


def linked(headers: Iterable[tuple[str, str]], relation: str) -> str | None:
    """Return the first target that Link headers name by a relation, as written.

    A link with an `anchor` is of another page. Of a parameter given twice the
    first counts (section 3.3).
    """
    stated = [value for name, value in headers if name.lower() == "link"]
    for link in _LINK.finditer(",".join(stated)[:_LONGEST]):
        parameters: dict[str, str] = {}
        for name, value in _PARAMETERS.findall(link[2]):
            parameters.setdefault(name.lower(), _unquoted(value))
        relations = parameters.get("rel", "").lower().split()
        if relation in relations and "anchor" not in parameters:
            return link[1].strip()
    return None


def _unquoted(value: str) -> str:
    return _ESCAPED.sub(r"\1", value[1:-1]) if value.startswith('"') else value
