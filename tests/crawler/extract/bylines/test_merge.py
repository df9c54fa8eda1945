"""Who wrote a story: the best witness's people, an organisation only where nobody is named."""

from crawler.extract.bylines.merge import merge_authors
from crawler.extract.readers.draft import Draft, Field, witness
from storage.model.article import Claim


def _draft(*claims: tuple[str, str]) -> Draft:
    return tuple(witness(Field.AUTHOR, origin, raw) for origin, raw in claims)


def _line(raw: str) -> Claim:
    return Claim(origin="text:byline", raw=raw, value=raw)


def test_authors_are_people_not_addresses() -> None:
    draft = _draft(
        ("meta:article:author", "https://social.example/paper"),
        ("dom:byline", "By Ida Quist and Tom Reeve"),
    )

    assert merge_authors(draft, (), ())[0] == ("Ida Quist", "Tom Reeve")


def test_a_visible_line_names_authors_where_nothing_else_does() -> None:
    authors, provenance = merge_authors((), (), [_line("Ida Quist")])

    assert authors == ("Ida Quist",)
    assert provenance is not None
    assert provenance.winner.origin == "text:byline"


def test_nobody_is_named_where_nobody_is() -> None:
    assert merge_authors((), (), ()) == ((), None)


def test_a_person_wins_over_the_publisher() -> None:
    draft = _draft(("json-ld:author", "Quay Gazette"), ("dom:byline", "Ida Quist"))

    authors, provenance = merge_authors(draft, ("Quay Gazette",), ())

    assert authors == ("Ida Quist",)
    assert provenance is not None
    assert [c.value for c in provenance.losers] == ["Quay Gazette"]


def test_a_person_wins_over_an_account() -> None:
    draft = _draft(("meta:author", "iquist7"))

    assert merge_authors(draft, (), [_line("Ida Quist")])[0] == ("Ida Quist",)


def test_the_site_is_the_author_where_it_alone_is_declared() -> None:
    draft = _draft(("json-ld:author", "Quay Gazette"))

    assert merge_authors(draft, ("Quay Gazette",), ())[0] == ("Quay Gazette",)


def test_the_name_of_the_domain_gives_way_to_a_line_of_names() -> None:
    draft = _draft(("json-ld:author", "HarbourExpress"))
    alone = Claim(origin="text:lone", raw="Ida Quist", value="Ida Quist")

    authors, _ = merge_authors(draft, (), [alone], domain="harbourexpress.example")

    assert authors == ("Ida Quist",)


def test_an_account_of_the_system_is_nobody() -> None:
    assert merge_authors(_draft(("meta:author", "admin")), (), ()) == ((), None)


def test_two_agreeing_witnesses_outvote_one() -> None:
    draft = _draft(
        ("json-ld:author", "Max Weber"),
        ("meta:author", "Ida Quist"),
        ("dom:byline", "Ida Quist"),
    )

    assert merge_authors(draft, (), ())[0] == ("Ida Quist",)


def test_a_longer_list_that_holds_the_same_people_is_taken() -> None:
    draft = _draft(
        ("json-ld:author", "Ida Quist"), ("meta:author", "Ida Quist, Tom Reeve")
    )

    assert merge_authors(draft, (), ())[0] == ("Ida Quist", "Tom Reeve")


def test_a_first_name_is_given_in_full() -> None:
    draft = _draft(("json-ld:author", "Ida"), ("dom:author box", "Ida Quist"))

    assert merge_authors(draft, (), ())[0] == ("Ida Quist",)


def test_the_owner_of_a_personal_site_is_its_writer() -> None:
    draft = _draft(("json-ld:author", "Ida Quist"), ("dom:author box", "Tom Reeve"))

    assert merge_authors(draft, ("Harbour Days", "Ida Quist"), ())[0] == ("Ida Quist",)


def test_a_name_in_capitals_is_told_as_another_witness_spells_it() -> None:
    draft = _draft(("json-ld:author", "TRẦN MINH HẢI"), ("dom:byline", "Trần Minh Hải"))

    assert merge_authors(draft, (), ())[0] == ("Trần Minh Hải",)
