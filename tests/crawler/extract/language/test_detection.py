"""The language comes from the text; its source decides only between near ones."""

import pytest

from crawler.extract.language.detection import detect_language

_ENGLISH = (
    "The council will decide in May whether a second boat is needed for the summer."
)
_INDONESIAN = "Menurut polisi, warga kota itu resmi pindah karena banjir pada Senin dan Jumat pekan lalu."
_MALAY = "Beliau berkata kerajaan boleh membantu kerana hujan lebat pada Isnin, manakala polis menunggu."


@pytest.mark.parametrize(
    ("text", "prior", "code"),
    [
        (_ENGLISH, None, "en"),
        (_ENGLISH, "de", "en"),
        (_INDONESIAN, None, "id"),
        (_MALAY, None, "ms"),
        (_INDONESIAN, "ms", "id"),
        ("Hari ini saya pergi ke pasar bersama ibu dan ayah.", "ms", "ms"),
        ("Hari ini saya pergi ke pasar bersama ibu dan ayah.", "id", "id"),
        ("Short.", "pt-BR", "pt"),
        ("Short.", None, None),
        ("東京で大雨が降った。", None, "ja"),
    ],
)
def test_the_language_is_told(text: str, prior: str | None, code: str | None) -> None:
    assert detect_language(text, prior) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Ministeren siger, at ingen ved noget om sagen, efter at den blev lukket uden et ord.", "da"),
        ("Ministeren sier at ingen vet noe om saken, etter at den ble lukket uten et ord.", "no"),
        ("Ministeren seier at ho ikkje veit noko om saka, og at dei ikkje får vere med meir.", "nn"),
        ("Tko je tijekom tjedna bio u gradu, vidio je što se dogodilo na trgu u siječnju i kolovozu.", "hr"),
        ("Predsednik je posle sednice rekao gde će biti mesto za decu, pre nego što dođe vreme.", "sr"),
        ("Saopćenje je objavljeno prošle sedmice, a univerzitet u Sarajevu tokom godine primi hiljade studenata.", "bs"),
        ("Председник је рекао да ће кућа бити готова када дође време, а ђаци ће чекати.", "sr"),
        ("Министър-председателят каза, че къщата ще бъде готова през януари, щом дойде времето.", "bg"),
        ("Soud řekl, že muž, který byl v domě, jako první uvedl, co se tam při požáru stalo.", "cs"),
        ("Súd povedal, že muž, ktorý bol v dome, ako prvý uviedol, čo sa tam pri požiari stalo.", "sk"),
        ("Уряд заявив, що її рішення є остаточним і не підлягає оскарженню в жодній її частині.", "uk"),
        ("Правительство заявило, что её решение окончательное и никто не сможет его обжаловать.", "ru"),
        ("Урад заявіў, што яго рашэнне канчатковае, і ніхто не зможа яго аспрэчыць у судзе ўжо.", "be"),
        ("A xunta di que máis persoas están na rúa despois da festa, e tamén hai unha feira en Galicia.", "gl"),
        ("O governo diz que mais pessoas estão na rua depois da festa, e também não há uma feira.", "pt"),
        ("港 鐵 表 示 為 方 便 市 民 外 出 列 車 服 務 將 通 宵 行 駛 並 加 開 班 次", "zh"),
        ("佢哋話唔知點解啲人喺度等咗咁耐，仲話聽日會再嚟睇吓有冇變。佢話唔係咁嘅。", "yue"),
        ("Wetin dey happen for Lagos? Di people wey dey dia say dem no sabi as e take happen, na so.", "pcm"),
    ],
)  # fmt: skip
def test_near_languages_are_told_apart(text: str, code: str) -> None:
    assert detect_language(text) == code


def test_a_source_of_two_languages_may_write_the_other() -> None:
    russian = "Мы были правы: правительство заявило, что её решение окончательное и никто не сможет его обжаловать."

    assert detect_language(russian, "uk") == "ru"
