"""Words and letters that tell a language from its nearest relatives.

The model takes these for each other: on short texts, and where one of them was
hardly in its training data. Each mark is common in one and not used in the
others of its group.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from crawler.lexicon.forms import word_set

_WORD = re.compile(r"[^\W\d_]+")
_LEAST = 2
_TIMES = 2
# Only spoken Cantonese is written with these.
_CANTONESE = frozenset("嘅咗喺唔啲佢冇嚟嗰咁噉哋嘢乜")

_NORDIC = {
    "da": "af hvad nu efter blev siger mellem mig dig sig uden ud op noget nogle havde blevet meget vej "
    "tilbage hvis dansk danske øjeblik",
    "no": "av hva nå etter ble sier mellom meg deg seg uten ut opp noe noen hadde blitt mye vei norsk norske",
    "nn": "eg ikkje frå vart nokon noko meir berre dei ein eit kva korleis hjå vere seier mykje òg sjølv "
    "heile ",
}
_SOUTH_SLAVIC = {
    "hr": "tko tijekom tisuća tisuće tjedan tjedna siječnja veljače ožujka travnja svibnja lipnja srpnja kolovoza "
    "rujna listopada studenoga prosinca sveučilište uvjet uvjeti glede vlak hrvatska hrvatske hrvatski zagreb "
    "gospodarstva milijuna milijun priopćenju priopćio europske europska",
    "bs": "tokom hiljada hiljade sedmice sedmica univerzitet saopćenju saopćeno saopćio kantona kantonu fbih bih bosne "
    "hercegovine hercegovini federacije evropske evropska historija sarajevo sarajeva kazao općine ",
    "sr": "gde posle vreme vremena mesto mesta reč reči deo dela pre videti svet sveta nedelje nedelja sednici "
    "sednica srbije srbija srpski beograd beogradu beograda dinara predsednik hteo uvek ovde celu deca dece rešenje bezbednost",
}
_CZECH = {
    "cs": "se který která které pro jsem byl byla byli podle také jako jsou při více tím než "
    "řekl uvedl může ještě když roce",
    "sk": "sa ktorý ktorá ktoré pre som bol bola boli podľa tiež ako sú pri viac tým ktorí aj povedal uviedol "
    "môže ešte keď roku ",
}
_IBERIAN = {
    "pt": "uma pelo pela não também pessoas são estão até muito já isso você ele seu sua foram mas quando ao à "
    "dos das nos nas",
    "gl": "unha máis tamén despois persoas están xa xunta concello galego galega galicia dende ata moi ós "
    "unhas ",
}
_MALAY = {
    "id": "bahwa karena bisa uang berbeda kantor mobil presiden gubernur polisi tewas agustus desember maret juni "
    "juli senin jumat menurut warga anggota ujar tutur ungkap sebesar usai pihaknya ",
    "ms": "bahawa kerana boleh wang berbeza pejabat kereta ialah iaitu manakala berkata beliau polis maut ogos "
    "disember mac jun julai isnin jumaat sahaja daripada menerusi kerajaan syarikat datuk mangsa",
}
# Of each mark the rarest counts: Russian alone has both of its own.
_EAST_SLAVIC = {"uk": ("ї", "є"), "be": ("ўы",), "ru": ("иы", "иё", "иэ", "ъ")}
_CYRILLIC_SOUTH = {"mk": ("ѓ", "ќ", "ѕ"), "bg": ("щ", "ъ", "ю", "я"), "sr": ("ђ", "ћ")}


def _words(table: Mapping[str, str]) -> Mapping[str, frozenset[str]]:
    """Return the marks by language, as sets; none is in two."""
    return MappingProxyType({code: word_set(words) for code, words in table.items()})


_BY_WORDS = tuple(
    _words(table) for table in (_NORDIC, _SOUTH_SLAVIC, _CZECH, _IBERIAN, _MALAY)
)
_BY_LETTERS = (_EAST_SLAVIC, _CYRILLIC_SOUTH)


def told_by_marks(text: str, code: str) -> str | None:
    """Return which of a language and its nearest relatives a text is in, or None.

    None where no language of a group of near ones was found, or the marks leave it open.

    Args:
        text: The text.
        code: What it was taken for.
    """
    if code in {"zh", "yue", "wuu"}:
        marks = sum(text.count(mark) for mark in _CANTONESE)
        return "yue" if marks >= max(3, len(text) // 100) else "zh"
    lower = text.lower()
    for letters in _BY_LETTERS:
        if code in letters:
            told = _clear(
                {own: _letters(lower, marks) for own, marks in letters.items()}
            )
            if told is not None:
                return told
    for words in _BY_WORDS:
        if code in words:
            seen = Counter(_WORD.findall(lower))
            return _clear(
                {own: sum(seen[mark] for mark in marks) for own, marks in words.items()}
            )
    return None


def _letters(text: str, marks: Sequence[str]) -> int:
    return sum(min(text.count(letter) for letter in mark) for mark in marks)


def _clear(counts: Mapping[str, int]) -> str | None:
    """Return the language with at least two marks and twice those of any other."""
    (first, most), (_, second), *_ = Counter(counts).most_common()
    return first if most >= _LEAST and most >= _TIMES * second else None
