"""What a URL was found to be, and by which kinds of lists."""

from enum import IntFlag, StrEnum


class LinkKind(StrEnum):
    """What a URL was found to be, before it is fetched."""

    FEED = "feed"
    SITEMAP = "sitemap"
    SECTION = "section"
    ARTICLE = "article"
    ASSET = "asset"

    @property
    def is_watched(self) -> bool:
        """Whether such a link is read for links, again and again."""
        return self in WATCHED_KINDS

    @property
    def way(self) -> "Way":
        """The way that links take which a list of this kind names."""
        return Way[self.name] if self.is_watched else Way.NONE


#: Kinds that are read for links, not for an article, nor kept as images and styles are.
WATCHED_KINDS = (LinkKind.FEED, LinkKind.SITEMAP, LinkKind.SECTION)


class Way(IntFlag):
    """By which kinds of lists a link was named.

    `HAND` is of a link that none had named when it was entered: somebody asked for it,
    or imported it. Alone, it is no news of its source.
    """

    NONE = 0
    FEED = 1
    SITEMAP = 2
    SECTION = 4
    HAND = 8
