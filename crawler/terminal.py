"""What a terminal may be shown of a stranger's text; pure.

Control characters, which could drive it, never reach one, nor what reverses or hides
what follows.
"""

import re

#: The C0 and C1 controls, and Unicode's directional ones (Unicode TR 36, section 3.1).
_DRIVING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """Return the text without what drives a terminal; lines and tabs stay."""
    return _DRIVING.sub("", text)


def escaped(line: str) -> str:
    """Return a line of JSON that no terminal minds, and that says the same."""
    return _DRIVING.sub(lambda found: f"\\u{ord(found[0]):04x}", line)
