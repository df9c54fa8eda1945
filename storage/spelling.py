"""How an identity is spelled: escapes that say nothing are left out."""

import re

#: Escapes of letters, digits, `-`, `.`, `_` and `~`.
_NEEDLESS = re.compile(
    "%(?:2[DE]|3[0-9]|4[1-9A-F]|5[0-9AF]|6[1-9A-F]|7[0-9AE])", re.IGNORECASE
)


def plain_key(key: str) -> str:
    """Return an identity without escapes of what need not be escaped.

    With them and without them one page is meant (RFC 3986, section 6.2.2.2).

    >>> plain_key("a.example/%7Eann?%62=1&a=2")
    'a.example/~ann?a=2&b=1'
    """
    plain = _NEEDLESS.sub(lambda found: chr(int(found.group()[1:], 16)), key)
    if plain == key:
        return key
    place, mark, query = plain.partition("?")
    ordered = sorted(query.split("&"), key=lambda part: part.partition("=")[0])
    return f"{place}{mark}{'&'.join(ordered)}"
