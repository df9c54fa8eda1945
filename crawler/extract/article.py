"""One capture -> an article and a verdict. The straight line through this package."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from crawler.charset import is_binary
from crawler.extract.assembly import Read, assemble
from crawler.extract.body import blocks_in, choose_body, lead_of
from crawler.extract.boilerplate import Cleaned, clean
from crawler.extract.cards import deal_cards
from crawler.extract.corrections import corrections
from crawler.extract.datelines.dateline import read_dateline
from crawler.extract.footnotes import footnotes
from crawler.extract.formats import other_format
from crawler.extract.language.detection import detect_language
from crawler.extract.layout.blocks import Layout
from crawler.extract.layout.walk import lay_out
from crawler.extract.liveblog.entries import (
    LivePage,
    look_live,
    without_stamps,
)
from crawler.extract.liveblog.live import heads_before, lead_before
from crawler.extract.measure import fold
from crawler.extract.merge import (
    merge_title,
    site_names,
)
from crawler.extract.nearby import look_nearby
from crawler.extract.opinion import better_lines
from crawler.extract.page import Page, plain_lines, read_page
from crawler.extract.paging.pager import read_paging
from crawler.extract.paging.series import read_series
from crawler.extract.plain import read_plain
from crawler.extract.readers.dom import read_dom
from crawler.extract.readers.draft import Draft, Field, of_field, witness
from crawler.extract.readers.embedded import lay_out_embedded
from crawler.extract.readers.header import read_header
from crawler.extract.readers.hint import read_hint
from crawler.extract.readers.hooks import hook_roles, platforms_of, read_hooks
from crawler.extract.readers.jsonld import read_jsonld
from crawler.extract.readers.live import KIND as LIVE_KIND
from crawler.extract.readers.meta import read_meta
from crawler.extract.readers.rules import (
    read_rules,
    rule_hooks,
    rules_of,
)
from crawler.extract.readers.state import read_state
from crawler.extract.readers.times import read_times
from crawler.extract.scoring.features import Witnesses
from crawler.extract.scoring.judge import (
    choose_blocks,
    score_blocks,
    without_next_story,
)
from crawler.extract.signs import gather_signs
from crawler.extract.source import HostKnowledge, PageSource, SiteRules
from crawler.extract.template import HostView, footprint, keys_of
from crawler.extract.titles.seen import Seen, look_before
from crawler.extract.verdict import judge_page
from storage.model.article import Article, Block, BlockKind
from storage.model.extraction import Extraction
from storage.model.verdict import Verdict, VerdictKind

EXTRACTOR = "kliping-2"


def read_by(rules: SiteRules | None) -> str:
    """Return what a reading says of its reader: the extractor, and the site rules."""
    return f"{EXTRACTOR}+rules.{rules.version}" if rules is not None else EXTRACTOR


#: Is shown the page's blocks, the indexes of the body's and what was made of them.
Look = Callable[[Layout, Sequence[int], Cleaned], None]

_LITTLE_PROSE = 250.0
_UNSURE = 0.3


def extract(source: PageSource, look: Look | None = None) -> Extraction:
    """Return what a capture is and says, whatever the bytes are.

    Pure: the same source gives the same extraction. It may be slow or die on
    hostile bytes: run it in an `ExtractPool` child where that matters.

    Args:
        source: The capture.
        look: Called once, where the page has blocks.

    Raises:
        MemoryError: There was not enough memory, which says nothing of the page.
    """
    try:
        return _extract(source, look)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - the contract: any bytes get a verdict
        return _failed(f"extractor failed: {type(error).__name__}: {error}"[:300])


def extract_text(text: str, *, captured_at: datetime, url: str = "") -> Extraction:
    """Return the article in plain text: its first line is the headline.

    Args:
        text: Lines; blank ones part paragraphs and are left out.
        captured_at: When it was received, UTC.
        url: Where it is from, or nothing.
    """
    page = Page(url=url, markup="", tree=None, charset="utf-8")
    source = PageSource(url=url, body=b"", captured_at=captured_at)
    return _from_lines(source, page, text.splitlines())


def _extract(source: PageSource, look: Look | None) -> Extraction:
    if not source.body.strip():
        return _failed("empty body", status=source.status)
    if is_binary(source.body, source.header("content-type")):
        return _failed("not text", status=source.status)
    if what := other_format(source.body, source.header("content-type")):
        return _failed(what, status=source.status)
    page = read_page(source)
    if page.tree is None or page.tree.body is None:
        return _from_lines(source, page, plain_lines(page.markup), look)
    rules = rules_of(source)
    platforms = platforms_of(page)
    roles = hook_roles(page, platforms)
    draft: Draft = ()
    if rules is not None:
        roles |= rule_hooks(page, rules)
        draft = read_rules(page, rules)
    draft = (
        *draft,
        *read_jsonld(page),
        *read_meta(page),
        *read_hooks(page, platforms),
        *read_dom(page),
        *read_times(page),
        *read_header(source),
        *read_hint(source.hint),
    )
    draft = (*draft, *read_state(page, draft))
    layout = lay_out(page.tree.body, roles)
    shaped = True
    if layout.mass[0] < _LITTLE_PROSE:
        hidden = lay_out(page.tree.body, roles, hidden=True)
        layout = hidden if hidden.mass[0] > 2 * layout.mass[0] else layout
    if layout.mass[0] < _LITTLE_PROSE:
        titles = {claim.value for claim in of_field(draft, Field.TITLE)}
        embedded = lay_out_embedded(source, page, titles)
        if embedded is not None and embedded.mass[0] > 2 * layout.mass[0]:
            layout, shaped = embedded, False
    return _Reading(source, page, layout, draft, shaped=shaped).extraction(look)


def _from_lines(
    source: PageSource, page: Page, lines: Sequence[str], look: Look | None = None
) -> Extraction:
    title, layout = read_plain(lines)
    draft = [*read_header(source)]
    if title is not None:
        draft.append(witness(Field.TITLE, "text:first line", title))
        if layout.blocks and (dateline := read_dateline(layout.blocks[0].text)):
            name = dateline.source
            if name and fold(title).endswith(fold(name)):
                draft.append(witness(Field.SITE, "text:dateline and title", name))
    return _Reading(source, page, layout, tuple(draft)).extraction(look)


def _failed(why: str, status: int = 200) -> Extraction:
    evidence = (why,) if status < 400 else (why, f"status {status}")
    return Extraction(
        verdict=Verdict(kind=VerdictKind.ERROR, evidence=evidence), extractor=EXTRACTOR
    )


class _Reading:
    """One page on its way from blocks and claims to an extraction."""

    def __init__(
        self,
        source: PageSource,
        page: Page,
        layout: Layout,
        draft: Draft,
        *,
        shaped: bool = False,
    ) -> None:
        self._source = source
        self._page = page
        self._layout = layout
        self._draft = draft
        self._rules = rules_of(source)
        self._keys = keys_of(layout)
        self._choice = choose_body(layout)
        self._candidates = (
            blocks_in(layout, self._choice.containers) if self._choice else []
        )
        self._language: str | None = None
        start = self._candidates[0] if self._candidates else 0
        self._title = merge_title(
            draft,
            page,
            # Of what no reader sees nothing stands before the story as its headline.
            look_before(layout, start) if shaped else Seen(),
            hint=source.hint.title,
            known=source.known or HostKnowledge(),
        )
        self._titles = self._folded_titles()
        canonical = [claim.value for claim in of_field(draft, Field.CANONICAL)]
        self._cards = deal_cards(layout, (page.url, *canonical), self._titles)
        self._live: LivePage | None = None
        self._scores: list[float] | None = None
        if shaped and not (self._choice and self._choice.origin == "rule"):
            self._choose_blocks()
        elif self._choice and self._choice.origin != "rule":
            described = {fold(c.value) for c in of_field(draft, Field.DESCRIPTION)}
            lead = lead_of(layout, self._candidates, self._titles, described)
            self._language = self._detect(self._candidates)
            self._candidates = [*lead, *self._candidates]
        else:
            self._language = self._detect(self._candidates)

    def _choose_blocks(self) -> None:
        """Let the block model choose the story; what it finds nowhere, the containers hold."""
        witnesses = Witnesses(
            title=self._title.winner.value if self._title else "",
            titles=self._titles,
            descriptions={
                fold(c.value) for c in of_field(self._draft, Field.DESCRIPTION)
            },
            bodies=[c.raw for c in of_field(self._draft, Field.BODY)],
        )
        scores = score_blocks(self._layout, witnesses)
        is_hooked = self._choice is not None and self._choice.origin == "hook"
        hooked = set(self._candidates) if is_hooked else ()
        chosen = choose_blocks(self._layout, scores, hooked, self._cards.alike)
        chosen = without_next_story(self._layout, chosen, self._titles)
        more = corrections(self._layout, chosen), footnotes(self._layout, chosen)
        chosen = sorted({*chosen, *more[0], *more[1]})
        held = self._candidates
        if chosen:
            self._scores, self._candidates = scores, chosen
        self._language = self._detect(self._candidates) or self._detect(held)

    def extraction(self, look: Look | None = None) -> Extraction:
        """Return the article and what the page is."""
        cleaned = self._clean()
        cleaned, origin = self._second(cleaned)
        self._live = self._look_live(cleaned)
        if self._live is not None:
            cleaned = self._with_lead(cleaned, self._live)
            cleaned = without_stamps(cleaned, self._live)
        if look is not None:
            look(self._layout, self._candidates, cleaned)
        nearby = look_nearby(
            self._layout, cleaned.sources or self._candidates, self._language
        )
        article = assemble(self._read(origin), cleaned, nearby)
        stated = cleaned.found.get("multi_page") or nearby.get("multi_page")
        paging = read_paging(self._page, self._layout, stated)
        series = read_series(self._draft, article.title, _near_text(article))
        if paging is not None:
            article = _marked(article, "multi_page")
        elif series is not None and "multi_page" in article.marks:
            marks = tuple(mark for mark in article.marks if mark != "multi_page")
            article = replace(article, marks=marks)  # "Part 2 of 5" is no page
        if series is not None:
            article = replace(_marked(article, "series"), series=series)
        verdict = judge_page(
            gather_signs(
                self._source,
                self._page,
                self._layout,
                self._draft,
                article,
                self._cards,
            ),
            article,
        )
        return Extraction(
            verdict=verdict,
            extractor=read_by(self._rules),
            article=article,
            footprint=footprint(self._layout, self._keys, cleaned.sources)
            if verdict.kind is VerdictKind.ARTICLE
            else None,
            paging=paging,
        )

    def _read(self, origin: str) -> Read:
        return Read(
            source=self._source,
            page=self._page,
            layout=self._layout,
            draft=self._draft,
            rules=self._rules,
            title=self._title,
            titles=self._titles,
            body=self._candidates,
            origin=origin,
            language=self._language,
            live=self._live,
        )

    def _with_lead(self, cleaned: Cleaned, found: LivePage) -> Cleaned:
        """Clean a live blog again where its lead or an entry's heading was left out."""
        if found.live is None:
            return cleaned
        left_out = (
            *lead_before(self._layout, self._candidates, found.live),
            *heads_before(self._layout, self._candidates, found.live),
        )
        if not left_out:
            return cleaned
        self._candidates = sorted({*left_out, *self._candidates})
        return self._clean()

    def _look_live(self, cleaned: Cleaned) -> LivePage | None:
        kinds = {claim.value for claim in of_field(self._draft, Field.KIND)}
        return look_live(
            self._page,
            self._layout,
            cleaned.sources,
            stated=LIVE_KIND in kinds,
            title=self._title.winner.value if self._title else "",
        )

    def _detect(self, indexes: Sequence[int]) -> str | None:
        blocks, prose = self._layout.blocks, self._layout.prose
        texts = [blocks[i].text for i in indexes if prose[i] > 0][:12]
        return detect_language(" ".join(texts), self._source.hint.language)

    def _folded_titles(self) -> set[str]:
        titles = {fold(c.value) for c in of_field(self._draft, Field.TITLE)}
        if self._title:
            titles.add(fold(self._title.winner.value))
        return titles - {""}

    def _clean(self) -> Cleaned:
        return clean(
            self._layout,
            self._candidates,
            titles=self._titles,
            drop_lines={
                fold(line) for line in (self._rules.drop_lines if self._rules else ())
            },
            language=self._language,
            view=self._host_view(),
            scores=self._scores,
        )

    def _host_view(self) -> HostView | None:
        known = self._source.known
        if known is None or not known.blocks:
            return None
        return HostView(
            known=known,
            keys=self._keys,
            titles=self._titles,
            names=site_names(self._draft),
            own=self._source.own,
        )

    def _second(self, cleaned: Cleaned) -> tuple[Cleaned, str]:
        """Ask the other witnesses of the text where the page's own shape says too little."""
        origin = self._choice.origin if self._choice else "none"
        if origin == "rule":
            return cleaned, origin
        if self._scores is not None:
            origin = "blocks"
        lines, other = better_lines(
            self._page,
            [*(block.text for block in cleaned.blocks), *_set_apart(cleaned)],
            [c.raw for c in of_field(self._draft, Field.BODY)],
            unsure=self._is_unsure() and self._page.tree is not None,
        )
        if not lines:
            return cleaned, origin
        blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=line) for line in lines)
        return replace(cleaned, blocks=blocks, sources=()), other

    def _is_unsure(self) -> bool:
        """Tell whether no block is likely and no container convinces."""
        if self._scores is not None:
            return False
        choice = self._choice
        return (
            choice is None or choice.mass < _LITTLE_PROSE or choice.confidence < _UNSURE
        )


def _set_apart(cleaned: Cleaned) -> list[str]:
    """Return what stands in the story but apart, as structured data may give it within."""
    return [line.text for line in cleaned.removed if line.rule == "container"]


def _marked(article: Article, mark: str) -> Article:
    return replace(article, marks=tuple(dict.fromkeys((*article.marks, mark))))


def _near_text(article: Article) -> list[str]:
    """Return the lines that begin and end the text, and what was told of pages."""
    told = [line.text for line in article.removed if line.boilerplate == "multi_page"]
    return [b.text for b in (*article.blocks[:2], *article.blocks[-2:])] + told
