"""Times as pages state them, in any language, and as exact as they are stated."""

from crawler.dates.moments import possible_moments, read_moment, stated_moments

__all__ = ["possible_moments", "read_moment", "stated_moments"]
