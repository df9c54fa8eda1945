"""What may be a secret is replaced before a text goes where people read it; pure.

Values under telling names, credentials in URLs, query parameters that are keys, and
what stands behind `Authorization`, `Cookie` and their like.
"""

import re
from collections.abc import Mapping

REDACTED = "[redacted]"
_KEYS = (
    r"token|key|sig|signature|secret|credential|passwo?r?d|passwd|pwd|jwt|auth|"
    r"session(?:[-_]?id)?"
)
#: Names whose value is a secret, whole or as a part between separators.
_SECRET_NAME = re.compile(
    r"(?:^|[-_.])(?:authorization|cookie|token|secret|password|passwd|api[-_]?key)"
    r"(?:$|[-_.])",
    re.IGNORECASE,
)
_USERINFO = re.compile(r"(?P<scheme>\b[a-z][a-z0-9+.-]*://)[^\s/?#]*@", re.IGNORECASE)
_QUERY = re.compile(
    rf"(?P<name>[?&;][^=&#\s]*?(?:{_KEYS})=)[^&#\s'\"<>]+", re.IGNORECASE
)
#: A whole line of a header's value: what else stands there is not worth the risk.
_HEADER = re.compile(
    r"(?P<name>\b(?:proxy-)?authorization|\b(?:set-)?cookie|\bx-[\w-]*(?:key|token|auth))"
    r"(?P<colon>['\"]?\s*[:=]\s*)[^\r\n]+",
    re.IGNORECASE,
)
_BEARER = re.compile(r"\b(?P<scheme>bearer|basic)\s+[\w.~+/=-]{8,}", re.IGNORECASE)
#: Secrets that tell of themselves: Standard Webhooks' own.
_MARKED = re.compile(r"\bwhsec_[\w+/=-]+")


def redact(text: str) -> str:
    """Return the text with what may be a secret replaced."""
    text = _USERINFO.sub(rf"\g<scheme>{REDACTED}@", text)
    text = _QUERY.sub(rf"\g<name>{REDACTED}", text)
    text = _HEADER.sub(rf"\g<name>\g<colon>{REDACTED}", text)
    text = _MARKED.sub(REDACTED, text)
    return _BEARER.sub(rf"\g<scheme> {REDACTED}", text)


def is_secret(name: str) -> bool:
    """Tell whether a name is one of secrets."""
    return _SECRET_NAME.search(name) is not None


def redacted(value: object) -> object:
    """Return a value of any kind with what may be a secret replaced."""
    match value:
        case str():
            return redact(value)
        case bytes():
            return redact(value.decode("utf-8", "replace"))
        case Mapping():
            return {
                name: REDACTED if is_secret(str(name)) else redacted(inner)
                for name, inner in value.items()
            }
        case list() | tuple() | set() | frozenset():
            return [redacted(inner) for inner in value]
        case BaseException():
            return redact(f"{type(value).__name__}: {value}")
        case _:
            return value
