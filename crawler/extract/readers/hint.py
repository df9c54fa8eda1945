"""What the link said of the article, as claims: the last witness of all."""

from crawler.extract.readers.draft import Draft, Field, witness
from crawler.extract.source import Hint

_ORIGIN = "feed"


def read_hint(hint: Hint) -> Draft:
    """Return what a feed said of an article; title and times have readers of their own."""
    blurb = hint.blurb
    if blurb is None:
        return ()
    said = [(Field.AUTHOR, name) for name in blurb.authors]
    said += [(Field.TAG, tag) for tag in blurb.tags]
    said += [(Field.DESCRIPTION, blurb.summary)] if blurb.summary else []
    said += [(Field.IMAGE, blurb.image)] if blurb.image else []
    return tuple(witness(field, _ORIGIN, raw) for field, raw in said)
