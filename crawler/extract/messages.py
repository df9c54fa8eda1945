"""Messages that PHP prints into a page, above it or in the midst of the story.

Their form is PHP's own, in English everywhere (`php_error_cb` in its main.c): the kind in
bold, what happened, the file and the line in bold. Nobody writes so by hand.
"""

import re

_KINDS = (
    "Fatal error|Recoverable fatal error|Parse error|Warning|Notice|Deprecated|"
    "Strict Standards|Core (?:error|warning)|Compile (?:error|warning)|Unknown error"
)
# What happened has no tags but links to the manual; a trace of calls may be long.
_MESSAGE = re.compile(
    rf"(?:<br ?/?>\s{{0,20}})?<b>(?:{_KINDS})</b>: {{1,2}}"
    r"(?>(?:[^<]++|</?a\b[^<>]{0,500}>){0,50}) ?<b>[^<>]{1,1000}</b> on line <b>\d{1,9}</b>"
    r"(?:\s{0,20}<br ?/?>)?"
)
#: In every message; most pages are searched for nothing else.
_MARK = "</b> on line <b>"


def without_messages(markup: str) -> tuple[str, tuple[str, ...]]:
    """Return markup without PHP's messages, and what is to be said of them."""
    if _MARK not in markup:
        return markup, ()
    bare, count = _MESSAGE.subn("\n", markup)
    return bare, (f"messages of PHP: {count}",) if count else ()
