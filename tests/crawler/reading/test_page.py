"""What the extractor is given of a page."""

from crawler.config.plan import plan_for
from crawler.config.tree import Config, Source
from crawler.extract.source import Hint
from crawler.reading.page import hint_of
from storage.model.link import FoundLink
from storage.model.link_kind import LinkKind


def test_a_hint_tells_what_is_configured_for_the_source() -> None:
    link = FoundLink(url="https://a.example/x", kind=LinkKind.ARTICLE, title="Pier")
    source = Source(
        name="A", home="https://a.example/", language="id", timezone="Asia/Jakarta"
    )

    hint = hint_of(link, plan_for(source, Config()))

    assert hint == Hint(title="Pier", language="id", timezone="Asia/Jakarta")
    assert hint_of(link, None) == Hint(title="Pier")


def test_a_source_of_which_nothing_is_configured_hints_at_nothing() -> None:
    link = FoundLink(url="https://a.example/x", kind=LinkKind.ARTICLE)
    source = Source(name="A", home="https://a.example/")

    assert hint_of(link, plan_for(source, Config())) == Hint()
