"""YAML front matter that any YAML parser reads back equal. Pure.

Every value is JSON, which is YAML; but for the characters that YAML calls not printable,
or takes for a line's end in a string (YAML 1.2, sections 5.1 and 7.3.1). Those are
escaped: nothing in a value can end it, its line, or the front matter.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime

_NOT_PRINTABLE = re.compile(
    "[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff"
    "\u200b-\u200f\u202a-\u202e\u2060-\u2069]"
)


def front_matter(fields: Mapping[str, object]) -> str:
    """Return fields between two lines of `---`, one a line; what is empty is left out."""
    lines = (
        f"{name}: {_value(value)}"
        for name, value in fields.items()
        if value not in (None, (), "", [])
    )
    return "\n".join(("---", *lines, "---"))


def _value(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=_as_text)
    return _NOT_PRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
