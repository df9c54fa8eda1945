"""A title is merged with what the link and the host's other pages say."""

from crawler.extract.merge import merge_title
from crawler.extract.page import Page
from crawler.extract.readers.draft import Field, witness
from crawler.extract.source import HostKnowledge
from crawler.extract.titles.seen import Seen

_PAGE = Page(
    url="https://www.paper.example/2026/story", markup="", tree=None, charset="utf-8"
)


def test_what_the_hosts_other_titles_taught_is_cut() -> None:
    draft = (witness(Field.TITLE, "title", "KXYZ : Why rivers bend : Field Notes"),)
    known = HostKnowledge(
        title_suffixes=(" : Field Notes",), title_prefixes=("KXYZ : ",)
    )

    provenance = merge_title(draft, _PAGE, Seen(), hint=None, known=known)

    assert provenance is not None
    assert provenance.winner.value == "Why rivers bend"
    assert provenance.winner.raw == "KXYZ : Why rivers bend : Field Notes"


def test_the_links_own_text_is_a_witness_of_the_title() -> None:
    draft = (witness(Field.TITLE, "title", "River story | Paper"),)

    provenance = merge_title(
        draft,
        _PAGE,
        Seen(),
        hint="River floods three villages",
        known=HostKnowledge(),
    )

    assert provenance is not None
    origins = {c.origin for c in (provenance.winner, *provenance.losers)}
    assert origins == {"feed", "title"}
