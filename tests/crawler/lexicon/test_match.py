"""Interface words are found in all languages at once, by whole lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.lexicon.forms import whole_number
from crawler.lexicon.match import Strength, looks_like_date, match_line
from crawler.lexicon.table import lexicon


@pytest.mark.parametrize(
    ("text", "boilerplate", "slots"),
    [
        ("16 Ansichten", "view_count", {"n": "16"}),
        ("Dibaca 1.234 kali", "view_count", {"n": "1.234"}),
        ("Views : 1.2k", "view_count", {"n": "1.2k"}),
        ("1,2 rb kali dilihat", "view_count", {"n": "1,2 rb"}),
        ("» Weiterlesen …", "read_more", {}),
        ("COMMENTAIRES", "comment_heading", {}),
        ("Pagina 2 van 5", "multi_page", {"n": "2/5"}),
        (
            "3 thoughts on “Rain in May”",
            "comment_heading",
            {"n": "3", "x": "raininmay"},
        ),
        ("Rain in May weiterlesen", "read_more", {"x": "rain in may"}),
        (
            "Zuletzt aktualisiert: 5. Mai 2025, 10:30 Uhr",
            "updated_at",
            {"d": "5. mai 2025, 10:30 uhr"},
        ),
        ("(AP)", "source_credit", {}),
        ("[Gambas:Video Pantura]", "advertisement", {"x": "video pantura"}),
        ("Cet article est réservé aux abonnés", "paywall", {}),
        ("続きを読むには会員登録が必要です", "paywall", {}),
        ("You have 3 free articles remaining", "paywall", {"n": "3"}),
        ("Externen Inhalt anzeigen", "advertisement", {}),
        ("Tekst loopt door onder de video", "advertisement", {}),
        ("Jetzt Newsletter abonnieren", "newsletter", {}),
        ("기사 전문은 로그인 후 볼 수 있습니다", "paywall", {}),
        (
            "Got a story? Email desk@paper.example",
            "report_error",
            {"x": "desk@paper.example"},
        ),
        ("Updated 10 minutes ago", "updated_at", {"d": "10 minutes ago"}),
        ("Last updated 3 hours ago", "updated_at", {"d": "3 hours ago"}),
        ("Aktualisiert vor 10 Minuten", "updated_at", {"d": "vor 10 minuten"}),
        ("Diperbarui 10 menit lalu", "updated_at", {"d": "10 menit lalu"}),
        ("Сегодня, 12:40", "relative_date", {}),
        ("Hoje às 10h20", "relative_date", {}),
        (
            "giovedì 13 marzo 2025 - Ultimo aggiornamento 18:30",
            "published_at",
            {"d": "giovedì 13 marzo 2025 - ultimo aggiornamento 18:30"},
        ),
        ("ΔΙΑΒΑΣΤΕ ΕΠΙΣΗΣ", "also_read", {}),
        ("Published 2 hours ago", "published_at", {"d": "2 hours ago"}),
        ("Last modified 14:05 GMT", "updated_at", {"d": "14:05 gmt"}),
    ],
)
def test_match(text: str, boilerplate: str, slots: dict[str, str]) -> None:
    found = match_line(text)

    assert found is not None
    assert (found.boilerplate, found.whole, found.slots) == (boilerplate, True, slots)


@pytest.mark.parametrize(
    "text",
    [
        "Questions? Comments? Email us at news@paper.example.",
        "Questions or comments? Email us at news@paper.example",
        "Questions, comments or suggestions? Contact the newsroom at 555 0100.",
        "Questions about this story? Email us.",
        "Have a tip? Email the newsroom at tips@paper.example.",
        "Got a news tip? Contact us at tips@paper.example",
        "Questions? Email jane@paper.example",
        "التعليقات المنشورة لا تعبر عن رأي الموقع وإنما تعبر عن رأي أصحابها",
        "جميع التعليقات المنشورة تعبر عن رأي أصحابها ولا تعبر عن رأي الصحيفة",
        "شروط التعليق: عدم الإساءة للكاتب أو للأشخاص أو للمقدسات",
        "الآراء الواردة في التعليقات تعبر عن آراء أصحابها وليس عن رأي الجريدة",
        "The views expressed in the comments are those of the readers and not of the paper.",
        "Comments posted here do not reflect the views of the newspaper.",
        "Readers' comments do not necessarily reflect the views of this site.",
        "Os comentários são de responsabilidade exclusiva de seus autores e não representam a opinião deste site.",
        "Los comentarios publicados son responsabilidad de sus autores.",
        "Les commentaires publiés ici n'engagent que leurs auteurs.",
        "Isi komentar menjadi tanggung jawab pengirim.",
    ],
)
def test_what_a_paper_asks_of_its_readers_is_told(text: str) -> None:
    found = match_line(text)

    assert found is not None
    assert found.boilerplate in {"comment_prompt", "report_error"}
    assert found.strength is Strength.HARD


@pytest.mark.parametrize(
    "text",
    [
        "Questions remain about who signed the contract.",
        "The minister's comments do not reflect the position of the party, her spokesman said.",
        "His comments do not reflect the views of the league, it said in a statement.",
        "Her department said the comments do not reflect the views of the newspaper.",
        "Comments by the minister drew anger in parliament.",
        "Have a tip? Call Crime Stoppers at 555 0100, police said.",
        "هذه التعليقات لا تعبر عن رأي الحكومة، قال الوزير.",
        "Questions or comments were not answered by the company on Friday.",
        "Anyone with questions should contact the county clerk.",
        "Los comentarios del ministro no fueron bien recibidos.",
        "Questions? The mayor had none.",
        "The views expressed in the letter are those of the board.",
        "Got a question? Ask the mayor on Tuesday.",
    ],
)
def test_questions_and_comments_of_a_story_are_none(text: str) -> None:
    assert match_line(text) is None


def test_a_label_before_a_delimiter_matches_as_prefix() -> None:
    found = match_line("Baca juga: Hujan Turun Lagi")

    assert found is not None
    assert (found.boilerplate, found.whole) == ("also_read", False)
    assert found.slots == {"x": "hujan turun lagi"}


@pytest.mark.parametrize(
    "text",
    [
        "The video had only 16 views when we looked.",
        "Heute, 12 Monate später,",
        "Update | Deceased man found",
        "Updated and maintained changelog",
        "Published 2 hours ago, the report blames the council.",
        "Updated 3 times",
        "Today, 12 people died - the mayor said",
        "Baca juga buku itu, kata guru.",
        "x" * 201,
        "",
        "…",
    ],
)
def test_no_match(text: str) -> None:
    assert match_line(text) is None


def test_an_ambiguous_word_is_weak() -> None:
    found = match_line("Next")

    assert found is not None
    assert found.strength is Strength.WEAK


@pytest.mark.parametrize(
    ("text", "is_date"),
    [
        ("28 April 2025", True),
        ("Senin, 28/04/2025 14:30 WIB", True),
        ("12 Monate später", False),
        ("2025", False),
        ("April", False),
    ],
)
def test_looks_like_date(text: str, is_date: bool) -> None:
    assert looks_like_date(text) is is_date


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("16", 16),
        ("1.234", 1234),
        ("1,2 rb", 1200),
        ("3k", 3000),
        ("5万", 50000),
        ("١٦", 16),
        ("1.234k", 1234000),
        ("many", None),
    ],
)
def test_whole_number(text: str, value: int | None) -> None:
    assert whole_number(text) == value


@pytest.mark.parametrize(
    ("text", "boilerplate"),
    [
        ("Hysbyseb", "advertisement"),
        ("ໂຄສະນາ", "advertisement"),
        ("Darllenwch hefyd: Glaw trwm ar y ffordd", "also_read"),
        ("ఇవీ చదవండి: హైదరాబాద్‌లో భారీ వర్షం", "also_read"),
        ("دا هم ولولئ: په کابل کې سخت باران", "also_read"),
        ("Labarai masu alaƙa", "related_heading"),
        ("3 munud o ddarllen", "read_time"),
        ("An duba sau 1,204", "view_count"),
        ("Etîket: Siyaset Werzîş", "tags_label"),
        ("Բաժանորդագրվեք մեր լրահոսին էլեկտրոնային փոստով", "newsletter"),
        ("Harpidetu gure buletinera eguneko albisteak jasotzeko", "newsletter"),
        ("Mae'r cyngor wedi addo cyfarfod â nhw yr wythnos nesaf", None),
    ],
)
def test_languages_of_few_speakers_are_known(
    text: str, boilerplate: str | None
) -> None:
    found = match_line(text)

    assert (found.boilerplate if found else None) == boilerplate


def test_the_table_holds_ninety_languages_and_thirty_one_classes() -> None:
    classes = {entry.boilerplate for entry in lexicon().literals.values()}
    templates = {entry.boilerplate for entry in lexicon().counters.values()}

    assert len(classes | templates) == 31
    assert len(lexicon().literals) > 9000


@given(st.text(max_size=220))
def test_any_line_can_be_asked(text: str) -> None:
    found = match_line(text)

    assert found is None or found.boilerplate


@pytest.mark.parametrize(
    "line",
    [
        (
            "Ich bin damit einverstanden, dass mir externe Inhalte angezeigt werden. Damit können personenbezogene "
            "Daten an Drittplattformen übermittelt werden. Mehr dazu in unserer Datenschutzerklärung."
        ),
        (
            "An dieser Stelle finden Sie einen externen Inhalt von X, der den Artikel ergänzt. Sie können ihn sich "
            "mit einem Klick anzeigen lassen und wieder ausblenden."
        ),
        "This article contains content provided by X. To view this content choose ‘accept and continue’.",
        "Ce contenu est bloqué car vous n'avez pas accepté les cookies. Ce contenu est fourni par X.",
    ],
    ids=["longer than a line", "German", "English", "French"],
)
def test_sentences_that_are_each_a_phrase_are_one(line: str) -> None:
    match = match_line(line)

    assert match is not None
    assert (match.boilerplate, match.strength) == ("advertisement", Strength.HARD)


@pytest.mark.parametrize(
    "line",
    [
        "Externer Inhalt. Die Bürgermeisterin war nicht erfreut.",
        "Externer Inhalt. Mehr.",
        "Die Bürgermeisterin war nicht erfreut. Externer Inhalt.",
    ],
    ids=["one tells", "one is weak", "the first tells"],
)
def test_a_sentence_that_tells_something_keeps_its_line(line: str) -> None:
    assert match_line(line) is None
