"""Measure host templates: what 8 other pages of a host take away, and at what price.

    python -m tests.bench template [--set NAME ...] [--others 8] [--draw any]

Method. Sets of annotated pages with at least 9 pages of one host. Each page in
turn is left out; of the host's other pages 8 are drawn, those nearest in time
first, as a crawler has them (`--draw any`: whenever they were fetched), equals by
the digest of both ids, so always the same. They are counted as the service counts
them: only articles with three paragraphs of prose, copies of one story once, each
of the day that its id begins with (the set names hosts, not pages: the id stands
for the path). Then
`HostView.look_up` is asked for every block of the page, not only for those of
the chosen body; the guard of sentences holds between the body's first and last
prose. A block is gold where the annotators' text has it: as a line, inside a line
(20 characters and more), or with half of its three-word runs. Blocks of no letter
or digit are left out.

    removed        share of the blocks that are not gold and are dropped
    removed_text   the same by characters
    lost           characters of gold blocks dropped, by characters of gold blocks
    lost_story     the same without what is no text by our own definition (what the
                   author wrote for this story): a line that is an interface phrase,
                   a byline, a date (or a year and a clock time in up to 100
                   characters), or a link, or that stands word for word on a third
                   of the host's other pages in the set
    lost_as        what these are, by reason, and `story`: the rest
    text_dirt      of what the extractor answers, the share of characters that is not
                   gold: [nothing known, 8 pages known]
    text_lost      gold characters of its answer that go once 8 pages are known, by
                   all gold characters of its answers, `story` counted as above

The last line is one JSON object. The exit code is 1 where `removed` is below .85
or `lost_story` above .001.
"""

import argparse
import json
import lzma
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from crawler.extract.article import extract
from crawler.extract.body import blocks_in, choose_body
from crawler.extract.bylines.line import read_byline
from crawler.extract.layout.blocks import Layout
from crawler.extract.layout.walk import lay_out
from crawler.extract.measure import fold
from crawler.extract.page import read_page
from crawler.extract.source import HostKnowledge, PageSource
from crawler.extract.template import LINKED, HostView, Seen, keys_of
from crawler.lexicon.match import looks_like_date, match_line
from storage.model.extraction import Extraction, Footprint
from storage.templates import CountedPage, Template, learn
from tests.shared import shared_path

REMOVED = 0.85
LOST_STORY = 0.001
_DAY = datetime(2026, 11, 1, tzinfo=UTC)
_RUN = 3
_INSIDE = 20
_OFTEN = 1 / 3
_STAMP = 100
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_CLOCK = re.compile(r"(?<!\d)\d{1,2}:\d\d(?!\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """An annotated page, read."""

    id: str
    host: str
    gold: str
    source: PageSource
    text: tuple[str, ...]
    layout: Layout
    keys: Sequence[int]
    titles: frozenset[str]
    names: tuple[str, ...]
    lines: frozenset[str]
    footprint: Footprint | None


@dataclass(slots=True)
class Sums:
    """What was dropped of what there was."""

    pages: int = 0
    blocks: int = 0
    dropped: int = 0
    text: int = 0
    dropped_text: int = 0
    gold: int = 0
    lost: Counter[str] = field(default_factory=Counter)
    answered: list[int] = field(default_factory=lambda: [0, 0])
    dirt: list[int] = field(default_factory=lambda: [0, 0])
    text_lost: int = 0
    seconds: float = 0.0


def main(argv: Sequence[str]) -> int:
    """Measure and print; return 1 where the promise is broken."""
    parser = argparse.ArgumentParser(prog="tests.bench template")
    parser.add_argument("--set", nargs="+", default=["daniel"], dest="sets")
    parser.add_argument("--others", type=int, default=8)
    parser.add_argument("--draw", choices=("near", "any"), default="near")
    parser.add_argument("--show", action="store_true", help="print what was lost")
    options = parser.parse_args(argv)
    hosts = _hosts(options.sets, options.others)
    sums = {host: _measure(samples, options) for host, samples in hosts.items()}
    result = _result(sums)
    for host, one in sorted(sums.items()):
        print(f"{host:32} {one.pages:4} {_share(one.dropped, one.blocks):.3f}")
    print(json.dumps(result))
    is_kept = result["removed"] >= REMOVED and result["lost_story"] <= LOST_STORY
    return 0 if is_kept else 1


def _hosts(sets: Sequence[str], others: int) -> dict[str, list[Sample]]:
    pages: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for name in sets:
        for page in _packed(name):
            host = urlsplit(page["url"]).hostname
            if host and page["gold"].get("text"):
                pages[host].append(page)
    return {
        host: [_read(page, host) for page in found]
        for host, found in pages.items()
        if len(found) > others
    }


def _packed(name: str) -> Iterator[dict[str, Any]]:
    with lzma.open(shared_path("corpus", f"{name}.jsonl.xz"), "rt") as lines:
        for line in lines:
            yield json.loads(line)


def _read(page: dict[str, Any], host: str) -> Sample:
    url = f"{page['url'].rstrip('/')}/{page['id']}"
    source = PageSource(url, page["html"].encode("latin-1"), _day_of(page["id"]))
    extraction = extract(source)
    tree = read_page(source).tree
    body = tree.body if tree is not None else None
    if body is None:
        raise ValueError(f"{page['id']} is no page")
    layout = lay_out(body, {})
    article = extraction.article
    claims = article.provenance.get("title") if article else None
    said = [claims.winner, *claims.losers] if claims else []
    return Sample(
        id=page["id"],
        host=host,
        gold=page["gold"]["text"],
        source=source,
        text=_text(extraction),
        layout=layout,
        keys=keys_of(layout),
        titles=frozenset(fold(claim.value) for claim in said),
        names=(article.site,) if article and article.site else (),
        lines=frozenset(block.text for block in layout.blocks),
        footprint=extraction.footprint,
    )


def _day_of(identity: str) -> datetime:
    digits = identity[:8]
    if not digits.isdigit():
        return _DAY
    return datetime.strptime(digits, "%Y%m%d").replace(tzinfo=UTC)


def _measure(samples: Sequence[Sample], options: argparse.Namespace) -> Sums:
    sums = Sums()
    for sample in samples:
        drawn = sorted(
            (other for other in samples if other.id != sample.id),
            key=lambda other: _draw(sample, other, by_time=options.draw == "near"),
        )
        known = _known(drawn, options.others)
        often = Counter(line for other in drawn for line in other.lines)
        usual = {line for line, n in often.items() if n >= _OFTEN * len(drawn)}
        _judge(sample, known, usual, sums, show=options.show)
    return sums


def _draw(sample: Sample, other: Sample, *, by_time: bool) -> tuple[float, bytes]:
    apart = abs(_day_of(sample.id) - _day_of(other.id)).total_seconds()
    chance = sha256(f"{sample.id}{other.id}".encode()).digest()
    return apart if by_time else 0.0, chance


def _known(drawn: Sequence[Sample], others: int) -> HostKnowledge:
    pages = [
        CountedPage(
            link=number,
            capture=number,
            seen_at=_day_of(sample.id),
            keys=frozenset(sample.footprint.keys),
            kept=frozenset(sample.footprint.kept),
        )
        for number, sample in enumerate(drawn)
        if sample.footprint is not None
    ]
    template = Template()
    for page in pages:
        if len(template.pages) == others:
            break
        template = learn(template, [page], {}, page.seen_at)
    blocks = {key: (count.df, count.days) for key, count in template.blocks.items()}
    return HostKnowledge(blocks=blocks, pages=len(template.pages))


def _judge(
    sample: Sample, known: HostKnowledge, usual: set[str], sums: Sums, *, show: bool
) -> None:
    layout = sample.layout
    choice = choose_body(layout)
    inside = blocks_in(layout, choice.containers) if choice else []
    prose = [i for i in inside if layout.prose[i] > 0 and not _chrome(layout, i)]
    view = HostView(
        known=known, keys=sample.keys, titles=sample.titles, names=sample.names
    )
    started = time.process_time()
    keys_of(layout)
    found = view.look_up(layout, prose, range(len(layout.blocks)))
    sums.seconds += time.process_time() - started
    sums.pages += 1
    gold = _Gold(sample.gold)
    _compare(sample, known, gold, usual, sums)
    for index, block in enumerate(layout.blocks):
        if not fold(block.text):
            continue
        seen = found.get(index)
        is_dropped = seen is not None and seen.verdict is Seen.DROP
        if gold.has(block.text):
            sums.gold += len(block.text)
            if seen is not None and is_dropped:
                why = _no_story(block.text, block.link_density, usual)
                sums.lost[why] += len(block.text)
                if show:
                    print(why, seen.rule, sample.host, block.text[:120], sep="\t")
        else:
            sums.blocks += 1
            sums.text += len(block.text)
            sums.dropped += is_dropped
            sums.dropped_text += len(block.text) * is_dropped


def _compare(
    sample: Sample, known: HostKnowledge, gold: "_Gold", usual: set[str], sums: Sums
) -> None:
    """Add what the extractor answers with and without the other pages."""
    cleaned = _text(extract(replace(sample.source, known=known)))
    for place, text in enumerate((sample.text, cleaned)):
        sums.answered[place] += sum(map(len, text))
        sums.dirt[place] += sum(len(line) for line in text if not gold.has(line))
    for line in set(sample.text) - set(cleaned):
        if gold.has(line) and _no_story(line, 0.0, usual) == "story":
            sums.text_lost += len(line)


def _text(extraction: Extraction) -> tuple[str, ...]:
    article = extraction.article
    return tuple(block.text for block in article.blocks) if article else ()


def _chrome(layout: Layout, index: int) -> bool:
    return layout.chrome[layout.blocks[index].container] is not None


def _no_story(text: str, link_density: float, usual: set[str]) -> str:
    if link_density >= LINKED:
        return "link"
    if match_line(text) is not None:
        return "phrase"
    if looks_like_date(text) or _is_stamp(text):
        return "date"
    if read_byline(text) is not None:
        return "byline"
    return "usual" if text in usual else "story"


def _is_stamp(text: str) -> bool:
    return len(text) <= _STAMP and bool(_YEAR.search(text) and _CLOCK.search(text))


class _Gold:
    """The annotators' text, to ask whether it has a block."""

    def __init__(self, text: str) -> None:
        self._lines = {fold(line) for line in text.splitlines()}
        self._whole = fold(text)
        self._runs = set(_runs(text))

    def has(self, text: str) -> bool:
        """Tell whether a block is in the text."""
        folded = fold(text)
        if folded in self._lines:
            return True
        if len(folded) >= _INSIDE and folded in self._whole:
            return True
        runs = _runs(text)
        return bool(runs) and 2 * sum(run in self._runs for run in runs) >= len(runs)


def _runs(text: str) -> list[tuple[str, ...]]:
    words = [fold(word) for word in text.split()]
    return [tuple(words[i : i + _RUN]) for i in range(len(words) - _RUN + 1)]


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _result(sums: dict[str, Sums]) -> dict[str, Any]:
    total = Sums()
    for one in sums.values():
        for name in ("pages", "blocks", "dropped", "text", "dropped_text", "gold"):
            setattr(total, name, getattr(total, name) + getattr(one, name))
        total.lost += one.lost
        total.answered = [
            a + b for a, b in zip(total.answered, one.answered, strict=True)
        ]
        total.dirt = [a + b for a, b in zip(total.dirt, one.dirt, strict=True)]
        total.text_lost += one.text_lost
        total.seconds += one.seconds
    shares = sorted(_share(one.dropped, one.blocks) for one in sums.values())
    return {
        "bench": "template",
        "hosts": len(sums),
        "pages": total.pages,
        "removed": round(_share(total.dropped, total.blocks), 4),
        "removed_text": round(_share(total.dropped_text, total.text), 4),
        "removed_worst_host": round(shares[0], 4) if shares else 0.0,
        "removed_median_host": round(shares[len(shares) // 2], 4) if shares else 0.0,
        "lost": round(_share(total.lost.total(), total.gold), 5),
        "lost_story": round(_share(total.lost["story"], total.gold), 5),
        "lost_as": {
            why: round(_share(n, total.gold), 5) for why, n in total.lost.most_common()
        },
        "text_dirt": [
            round(_share(dirt, answered), 4)
            for dirt, answered in zip(total.dirt, total.answered, strict=True)
        ],
        "text_lost": round(
            _share(total.text_lost, total.answered[0] - total.dirt[0]), 5
        ),
        "ms_per_page": round(1000 * _share(total.seconds, total.pages), 3),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
