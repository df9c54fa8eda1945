"""Headlines lose the site's name only on evidence."""

import pytest

from crawler.extract.titles.cleaning import TitleEvidence, clean_title


@pytest.mark.parametrize(
    ("raw", "evidence", "expected"),
    [
        pytest.param(
            "Sungai meluap di tiga desa - Warta Kita",
            TitleEvidence(host="www.wartakita.example"),
            "Sungai meluap di tiga desa",
            id="host evidence cuts a spaced name",
        ),
        pytest.param(
            "Krisis Laut Hitam-Wartakita",
            TitleEvidence(host="www.wartakita.example"),
            "Krisis Laut Hitam-Wartakita",
            id="host evidence never cuts a glued name",
        ),
        pytest.param(
            "ໂຮງຮຽນລອຍນ້ຳແຫ່ງໃໝ່ເປີດໃຊ້ຢູ່ແຂວງຈຳປາສັກ - Warta Kita",
            TitleEvidence(site_names=("Warta Kita",)),
            "ໂຮງຮຽນລອຍນ້ຳແຫ່ງໃໝ່ເປີດໃຊ້ຢູ່ແຂວງຈຳປາສັກ",
            id="a headline is one word in Lao",
        ),
        pytest.param(
            "សាលារៀនបណ្ដែតទឹកថ្មី | Warta Kita",
            TitleEvidence(site_names=("Warta Kita",)),
            "សាលារៀនបណ្ដែតទឹកថ្មី",
            id="and in Khmer",
        ),
        pytest.param(
            "Das Morgenblatt – wie alles begann",
            TitleEvidence(site_names=("Das Morgenblatt",)),
            "Das Morgenblatt – wie alles begann",
            id="a name in front stays when it is not learned",
        ),
        pytest.param(
            "Why rivers bend : Field Notes - Science : KXYZ",
            TitleEvidence(suffixes=(" : Field Notes - Science : KXYZ", " : KXYZ")),
            "Why rivers bend",
            id="a learned suffix of several parts",
        ),
        pytest.param(
            "paperNews - Why rivers bend",
            TitleEvidence(prefixes=("paperNews - ",)),
            "Why rivers bend",
            id="a learned prefix",
        ),
        pytest.param(
            "Why | Daily",
            TitleEvidence(suffixes=(" | Daily",)),
            "Why | Daily",
            id="a learned suffix leaves a headline",
        ),
        pytest.param(
            "市政府就停水作出回应_本地_晨报网",
            TitleEvidence(site_names=("晨报网",), section="本地"),
            "市政府就停水作出回应",
            id="Chinese chain with section",
        ),
        pytest.param(
            "Salt &amp;amp; Pepper return | The Gazette",
            TitleEvidence(site_names=("Gazette",)),
            "Salt & Pepper return",
            id="entities twice",
        ),
        pytest.param(
            "Salt and pepper return | Gazette",
            TitleEvidence(site_names=("The Gazette",)),
            "Salt and pepper return",
            id="a name goes without its article too",
        ),
        pytest.param(
            "Donau&shy;dampf\u00adschiff legt ab",
            TitleEvidence(),
            "Donaudampfschiff legt ab",
            id="a soft hyphen is no letter",
        ),
        pytest.param(
            "Minister tritt zurück - Morgenblatt Online",
            TitleEvidence(site_names=("Morgenblatt",)),
            "Minister tritt zurück",
            id="publication words belong to the name",
        ),
        pytest.param(
            "Minister tritt zurück | 28.04.2025 | Morgenblatt",
            TitleEvidence(site_names=("Morgenblatt",)),
            "Minister tritt zurück",
            id="a date between headline and name",
        ),
        pytest.param(
            "Gempa guncang pulau | Halaman 3 | Warta.com",
            TitleEvidence(site_names=("Warta",)),
            "Gempa guncang pulau",
            id="page mark before the name",
        ),
        pytest.param(
            "Warta - Gempa guncang pulau",
            TitleEvidence(h1="Gempa guncang pulau"),
            "Gempa guncang pulau",
            id="h1 proves a prefix",
        ),
        pytest.param(
            "Rain falls on the plain -",
            TitleEvidence(),
            "Rain falls on the plain",
            id="dangling separator",
        ),
        pytest.param(
            "강물이 불어났다 < 지역 < 기사본문 - 새벽신문",
            TitleEvidence(site_names=("새벽신문",)),
            "강물이 불어났다",
            id="Korean breadcrumb chain",
        ),
        pytest.param(
            "River Bay: rain for days",
            TitleEvidence(h1="rain for days"),
            "River Bay: rain for days",
            id="a kicker is part of the headline",
        ),
        pytest.param(
            "wartakita.example - Gempa guncang pulau",
            TitleEvidence(host="www.wartakita.example"),
            "Gempa guncang pulau",
            id="the host's own address in front",
        ),
        pytest.param(
            "How to check a wheel | Bay Tires",
            TitleEvidence(host="tires.bay-rubber.example"),
            "How to check a wheel",
            id="every word of the name stands in the host",
        ),
        pytest.param(
            "How to check a wheel | Hay Tires",
            TitleEvidence(host="tires.bay-rubber.example"),
            "How to check a wheel | Hay Tires",
            id="a word that the host does not have",
        ),
        pytest.param(
            "Pike bite again | lake-news.example | All about fishing",
            TitleEvidence(host="lake-news.example"),
            "Pike bite again",
            id="what follows the name between bars goes too",
        ),
        pytest.param(
            "Mayor asks: «who pays»",
            TitleEvidence(),
            "Mayor asks: «who pays»",
            id="paired quotation marks part nothing",
        ),
        pytest.param(
            "강물이 불어났다 다시-정치ㅣ새벽신문",
            TitleEvidence(site_names=("새벽신문",)),
            "강물이 불어났다 다시",
            id="a short Korean section glued before the name",
        ),
        pytest.param(
            "Weekly report 14. - 20. January 2022 | Gazette",
            TitleEvidence(site_names=("Gazette",)),
            "Weekly report 14. - 20. January 2022",
            id="a span of days is no date after the headline",
        ),
        pytest.param(
            "Rivers<br>rise again",
            TitleEvidence(),
            "Rivers rise again",
            id="tags are no text",
        ),
        pytest.param(
            "Gazette", TitleEvidence(site_names=("Gazette",)), "Gazette", id="only name"
        ),
    ],
)
def test_clean_title(raw: str, evidence: TitleEvidence, expected: str) -> None:
    assert clean_title(raw, evidence) == expected
