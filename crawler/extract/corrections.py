"""What a newsroom says of its own mistake at an end of the story: part of it, wherever it stands.

Papers set a correction in a foot of the article, an aside or a box behind it, where
everything else is furniture. Its words tell it, or the name of its box.
"""

import re
from collections.abc import Sequence

from crawler.extract.chrome import NO_STORY
from crawler.extract.layout.blocks import Layout
from crawler.late_regex import late
from storage.model.article import BlockKind

# Own knowledge: how notes of corrections begin, a label with its colon or a sentence.
_LABEL = (
    r"corrections?|clarifications?|editor['’]?s['’]? note|errat(?:um|a)|korrektur|berichtigung|richtigstellung|"
    r"(?:anmerkung|hinweis) der redaktion|rectificatif|note de la rédaction|correcci[óo]n|rectificaci[óo]n|"
    r"fe de err(?:ores|atas)|nota (?:del editor|de la redacción|da redação|della redazione)|correção|erramos|"
    r"correzione|rettifica|ralat|koreksi|catatan redaksi|rectificatie|correctie|rättelse|rettelse|oikaisu|"
    r"sprostowanie|oprava|düzeltme|исправление|уточнение|примечание редакции|تصحيح|訂正|お詫びと訂正|更正|정정"
)
_SENTENCE = (
    r"(?:this|the) (?:article|story|post|piece|report|headline|column) (?:was|has been) (?:amended|corrected|revised)|"
    r"an? (?:earlier|previous|prior|original) version of this|"
    r"in einer (?:früheren|vorherigen|vorigen|ersten|älteren) (?:version|fassung)|"
    r"(?:dans )?une (?:première )?version (?:précédente|antérieure) de |cet article a été (?:corrigé|modifié|rectifié)|"
    r"(?:en )?una versión (?:anterior|previa) de|este (?:artículo|texto) (?:ha sido|fue) (?:corregido|modificado)|"
    r"(?:em )?uma versão anterior d|(?:este|esta) (?:texto|artigo|reportagem|matéria) foi corrigid|"
    r"(?:in )?una (?:versione precedente|precedente versione) d|questo articolo è stato corretto|"
    r"(?:artikel|berita|naskah) ini telah (?:dikoreksi|diralat|diperbaiki)|in een eerdere versie van|"
    r"i en tidigare version av|i en tidligere (?:version af|versjon av)|we wcześniejszej wersji"
)
_BEGINS = late(
    rf"\W*(?:(?:{_LABEL})\b(?:[^.。:：】\])]|(?<=\d)\.){{0,40}}[:：】\])]|(?:{_SENTENCE}))",
    re.IGNORECASE,
)
_HEADING = late(rf"\W*(?:{_LABEL})(?:\W+\w+){{0,3}}\W*", re.IGNORECASE)
# A name that goes on is of something else: `correction-form`, `corrections-link`.
_NAMED = late(
    r"(?:^|[\s_-])(?:corrections?|clarifications?|erratum|errata|editors?-?note|korrektur|rectificatif)(?:$|\s)",
    re.IGNORECASE,
)
_REACH = 12
_LINKED = 0.5


def corrections(layout: Layout, chosen: Sequence[int]) -> list[int]:
    """Return the blocks near the story's ends, or left out within it, that correct it.

    Args:
        layout: The page.
        chosen: Indexes of the story's blocks, in order.
    """
    if not chosen:
        return []
    known = set(chosen)
    found: list[int] = []
    for index in range(max(0, chosen[0] - _REACH), _end(layout, chosen[-1])):
        if index not in known and _corrects(layout, index):
            found += [*_heading_of(layout, index), index]
    return found


def _end(layout: Layout, last: int) -> int:
    """Return where the page's search ends: at the headline of something else, or soon."""
    end = min(len(layout.blocks), last + 1 + _REACH)
    for index in range(last + 1, end):
        block = layout.blocks[index]
        is_headline = block.kind is BlockKind.HEADING and block.level <= 2
        if is_headline and not _HEADING.fullmatch(block.text):
            return index
    return end


def _corrects(layout: Layout, index: int) -> bool:
    block = layout.blocks[index]
    if not layout.prose[index] or block.link_density > _LINKED:
        return False
    if layout.chrome[block.container] in NO_STORY:
        return False
    return bool(_BEGINS.match(block.text)) or _stands_in_named(layout, block.container)


def _stands_in_named(layout: Layout, container: int) -> bool:
    names = (layout.containers[c].names for c in layout.chain(container)[:2])
    return any(name and _NAMED.search(name) for name in names)


def _heading_of(layout: Layout, index: int) -> list[int]:
    above = index - 1
    is_label = above >= 0 and _HEADING.fullmatch(layout.blocks[above].text)
    return [above] if is_label else []
