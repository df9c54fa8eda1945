"""The language of a text, from the text alone, with the source's language as a prior.

The page's own `lang` is never believed: it is the interface's language.
"""

import re

from py3langid import classify

_SAMPLE = 800
_LEAST = 40
# Languages the model takes for each other on short texts.
_GROUPS = (
    frozenset({"id", "ms"}),
    frozenset({"bs", "hr", "sr"}),
    frozenset({"da", "nb", "nn", "no"}),
    frozenset({"cs", "sk"}),
    frozenset({"gl", "pt", "es", "ca", "an", "oc"}),
    frozenset({"mk", "bg"}),
    frozenset({"uk", "ru", "be"}),
)
# Words that one of the two standards uses and the other does not.
_INDONESIAN = frozenset(
    [
        "bahwa",
        "karena",
        "bisa",
        "uang",
        "berbeda",
        "kantor",
        "rumah",
        "sakit",
        "mobil",
        "presiden",
        "gubernur",
        "polisi",
        "tewas",
        "kementerian",
        "april",
        "agustus",
        "desember",
        "februari",
        "maret",
        "juni",
        "juli",
        "oktober",
        "senin",
        "jumat",
        "menurut",
        "negara",
        "resmi",
        "warga",
        "kepala",
        "anggota",
        "saat",
        "kota",
        "ujar",
        "tutur",
        "ungkap",
    ],
)
_MALAY = frozenset(
    [
        "bahawa",
        "kerana",
        "boleh",
        "wang",
        "berbeza",
        "pejabat",
        "hospital",
        "kereta",
        "ialah",
        "iaitu",
        "manakala",
        "berkata",
        "beliau",
        "polis",
        "maut",
        "kementerian",
        "ogos",
        "disember",
        "februari",
        "mac",
        "jun",
        "julai",
        "oktober",
        "isnin",
        "jumaat",
        "sahaja",
        "daripada",
        "menerusi",
        "kerajaan",
        "syarikat",
        "datuk",
        "ketika",
    ],
)
_WORD = re.compile(r"[a-z]+")


def detect_language(text: str, prior: str | None = None) -> str | None:
    """Return the ISO 639-1 code of a text's language, or None for too little text.

    Args:
        text: The story's own words.
        prior: What its source usually writes in; decides among languages that
            are hard to tell apart, and for texts too short to tell.
    """
    sample = " ".join(text.split())[:_SAMPLE]
    known = prior.split("-")[0].split("_")[0].lower() if prior else None
    if len(sample) < _LEAST and not _tells_itself(sample):
        return known
    code = str(classify(sample)[0])
    for group in _GROUPS:
        if code in group and known in group:
            return known
    if code in {"id", "ms"}:
        return _indonesian_or_malay(sample)
    return "no" if code == "nb" else code


def _tells_itself(text: str) -> bool:
    return sum(1 for c in text if c > "\u0370") >= 8


def _indonesian_or_malay(text: str) -> str:
    words = _WORD.findall(text.lower())
    malay = sum(word in _MALAY for word in words)
    return "ms" if malay > sum(word in _INDONESIAN for word in words) else "id"
