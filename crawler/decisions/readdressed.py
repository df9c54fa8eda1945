"""Whether an article of before goes on at a new address. Pure.

An address changes with a headline, with a release (`/story` becomes `/story/`), with
another host. What names both (a GUID, a redirect, the address itself) is no proof: some
feeds give all items one GUID, or count from 1 anew each day. So the page has to tell the
same story, of the same day.
"""

from datetime import timedelta

from crawler.decisions.dead_ends import OTHER, alikeness, shared
from crawler.extract.measure import weight
from storage.model.article import Article
from storage.model.moment import Moment

#: So far apart the same story may be dated at two addresses.
ONE_DAY = timedelta(days=1)
#: Share of a text's words of which on its headline may be another.
NEARLY_ALL = 0.8
#: Fewer characters than this are a template's as often as a story's.
TELLING = 300


def is_same_story(new: Article, old: Article) -> bool:
    """Tell whether the page at a new address tells the story of an old one.

    At least half of all words of both texts are common to both, or nearly all of the
    shorter one, for stories grow; and so are the headline's, but where the text is
    nearly the same.
    """
    if not _of_one_day(new.published, old.published):
        return False
    if alikeness(new.title, old.title) >= OTHER:
        text = alikeness(new.text, old.text)
        return text >= OTHER or shared(new.text, old.text) >= NEARLY_ALL
    is_telling = weight(new.text) >= TELLING
    return is_telling and alikeness(new.text, old.text) >= NEARLY_ALL


def _of_one_day(new: Moment | None, old: Moment | None) -> bool:
    return new is None or old is None or abs(new.at - old.at) <= ONE_DAY
