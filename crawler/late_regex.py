"""Regular expressions that are compiled when they are first used.

To compile all of the extractor's takes a fifth of what it takes to load it, and most
pages need half of them: those for other scripts, and for what few pages have, can wait.
"""

import re
from typing import Any, cast


def late(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Return what works as `re.compile` of a pattern, compiled at its first use."""
    return cast("re.Pattern[str]", _Late(pattern, flags))


class _Late:
    def __init__(self, pattern: str, flags: int) -> None:
        self._source = (pattern, flags)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever a pattern has
        found = getattr(re.compile(*self._source), name)
        setattr(self, name, found)
        return found
