"""The evidence about one line: what speaks for boilerplate, what for story.

Weights are whole points on top of the phrase's own (hard 3, soft 2, weak 1).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from crawler.extract.bylines.line import read_byline
from crawler.late_regex import late
from crawler.lexicon.forms import word_set
from crawler.lexicon.match import Match, Strength, match_line

STRENGTHS = {Strength.HARD: 3, Strength.SOFT: 2, Strength.WEAK: 1}

_LINKED = 0.6
_ALL_LINK = 0.9
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_CELLS = frozenset(("li", "td", "th", "dt", "dd"))
_QUOTES = frozenset(("blockquote", "q", "pre", "code", "cite"))
_LINK_CLASSES = frozenset(
    ("also_read", "read_more", "related_heading", "prev_next", "multi_page")
)
# Those that stand above a link to another story.
_LABELLING = frozenset(("also_read", "read_more", "related_heading"))
# Classes met in the body of gold pages at least 98 times in 100 as boilerplate.
_SURE_IN_BODY = frozenset(
    (
        "advertisement",
        "app_download",
        "comment_action",
        "comment_heading",
        "comment_prompt",
        "cookie_consent",
        "follow_us",
        "newsletter",
        "paywall",
        "prev_next",
        "print_email",
        "report_error",
        "share",
        "skip_ui",
    )
)
_AGENCY = late(
    r"\b(?:AAP|AFP|AGI|ANSA|ANTARA|AP|APA|Belga|Bernama|CTK|ČTK|DPA|EFE|EPA|Getty|IANS|Kyodo|KCNA|"
    r"Keystone|Lusa|MTI|NTB|PAP|PTI|Reuters|Ritzau|SDA|STT|TASS|TT|UPI|VNA|Xinhua|Yonhap)\b|"
    r"РИА|ТАСС|Интерфакс|Укринформ|新华社|新華社|共同|時事|연합뉴스|뉴시스|رويترز|أ ف ب",
    re.IGNORECASE,
)
_WORD_PARTS = late(r"[A-Z]?[a-z]+|[A-Z]+")
_TAGS = late(r"(?:^|[\s>])([a-z][a-z\d]*)")
_CHROME_WORDS = word_set(
    "ad ads advert advertisement advertising adv addtoany aside author banner bio breadcrumb "
    "breadcrumbs button byline comment commentform comments commentlist complementary consent "
    "contentinfo cookie cookies dateline dialog disqus donate donation follow footer form gdpr "
    "iklan komentar login menu meta modal nav navbar navigation newsletter outbrain pager "
    "pagination paging paywall popular popup print promo promotion promoted readmore recent "
    "recirculation recommend recommendation recommendations recommended related relatedposts "
    "respond share shares sharedaddy sharing sidebar signup social sponsor sponsored stats "
    "subscribe subscription tag taboola tags toolbar trending views widget widgets"
)
_HOOKS = late(
    r"data-hook=(?:post-stats|post-main-actions|recent-post|wc-|time-to-read|tag-cloud|"
    r"comment|share-button|like-button|view-count)|wc-comments-root|jp-relatedposts|sharedaddy|"
    r"sd-sharing|comment-respond|commentform|disqus_thread|td-post-(?:sharing|views|next-prev)|"
    r"td_block_related|jeg_(?:share|post_tags)|jnews_(?:related|inline_related|comment)|"
    r"linksisip|addtoany|post-views|subscription-widget|subscribe-widget|kg-signup-card|"
    r"gh-post-upgrade|yarpp|jcomments|blog-pager|outbrain|taboola|total-page|page-links"
)
_FINAL_MARKS = ".!?。！？…؟।။።"
_CLOSERS = "\"'”’»“）)]」』›"
_IDEOGRAPH = late(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]")
_COUNTER_CLASSES = frozenset(
    ("view_count", "comment_heading", "share", "comment_action")
)


class Zone(StrEnum):
    """Where a line stands relative to the prose."""

    BEFORE_BODY = "before_body"
    IN_BODY = "in_body"
    AFTER_LAST_SENTENCE = "after_last_sentence"
    AFTER_BODY = "after_body"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One block's text and what surrounds it.

    Attributes:
        text: The line.
        zone: Where it stands relative to the prose.
        tag: The element that holds it, in lower case.
        link_density: Share of its characters inside links.
        dom: Its nearest ancestors as CSS, such as
            `section.wc-comments-root div[data-hook=post-stats]`.
        seen_on: Other pages of the host with this line (digits masked, same
            link state), and other pages known.
        previous: The block before.
        following: The block after.
        following_links: How many blocks after it are mostly links.
        following_form: Whether a form comes next.
        following_linked: Whether the block after it is mostly link.
        language: The article's language, or None.
        is_title: Whether it is the page's own title.
    """

    text: str
    zone: Zone
    tag: str = "p"
    link_density: float = 0.0
    dom: str = ""
    seen_on: tuple[int, int] = (0, 0)
    previous: str = ""
    following: str = ""
    following_links: int = 0
    following_form: bool = False
    following_linked: bool = False
    language: str | None = None
    is_title: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A line with the phrase found in it; `rest` is what fills its free slot."""

    line: Line
    match: Match
    rest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One kind of evidence: its weight, and when it holds."""

    name: str
    weight: int
    holds: Callable[[Case], bool]


def read_case(line: Line, match: Match) -> Case:
    """Return the line with its phrase and the free text beside the phrase."""
    return Case(line=line, match=match, rest=match.slots.get("x", ""))


def is_repeated(line: Line) -> bool:
    """Tell whether the host shows this line on enough of its other pages.

    Numbers alone and figures in tables are alike on every page and prove nothing.
    """
    seen, known = line.seen_on
    if seen < 2 or not any(map(str.isalpha, line.text)):
        return False
    if line.tag in ("td", "th") and any(map(str.isdigit, line.text)):
        return False
    return seen >= 3 or seen >= 0.25 * known


def is_sentence(text: str) -> bool:
    """Tell whether a text is at least 8 words (20 CJK characters) and ends."""
    return _ends(text) and (text.count(" ") >= 7 or len(_IDEOGRAPH.findall(text)) >= 20)


def is_prose(text: str) -> bool:
    """Tell whether a text is a sentence of some length, or a long line."""
    if len(text) >= 80:
        return True
    return _ends(text) and (text.count(" ") >= 4 or len(_IDEOGRAPH.findall(text)) >= 12)


def labels_links(text: str) -> bool:
    """Tell a line that is a label of links and nothing else: "Read also"."""
    match = match_line(text)
    return (
        match is not None
        and match.whole
        and not match.slots
        and match.boilerplate in _LABELLING
    )


def counts_comments(text: str) -> bool:
    """Tell a text whose first line is how many comments follow: "Comments (2)"."""
    match = match_line(text.partition("\n")[0])
    return (
        match is not None
        and match.whole
        and match.boilerplate == "comment_heading"
        and "n" in match.slots
    )


def in_quotation(line: Line) -> bool:
    """Tell whether the line stands in a quotation or in code.

    Elements say so, their names do not: a box that a plugin calls `code-block` holds
    an advertisement.
    """
    return line.tag in _QUOTES or not _QUOTES.isdisjoint(_tags(line.dom))


def in_chrome(line: Line) -> bool:
    """Tell whether an ancestor is named or made for something beside the story."""
    return _is_chrome(line.dom)


def is_twin(line: Line) -> bool:
    """Tell whether a lone number stands beside the same number with its word."""
    text = line.text.strip()
    if not text or not text[0].isdigit() or any(map(str.isalpha, text)):
        return False
    return any(
        _counts(neighbour, text) for neighbour in (line.following, line.previous)
    )


def rest_fits(case: Case) -> bool:
    """Tell whether a phrase with free text beside it has text of the right kind.

    "Read more: the sign said nothing else." is no link, "By Functionality" no name.
    """
    match, line, rest = case.match, case.line, case.rest
    if not rest:
        return True
    match match.boilerplate:
        case "also_read" | "read_more" | "related_heading" | "prev_next":
            return _linked(case) or _is_headline(line.text)
        case "byline":
            byline = read_byline(line.text, language=line.language)
            return byline is not None
        case "photo_credit" | "source_credit":
            return len(rest) <= 90 and not is_sentence(line.text)
        case "advertisement" | "newsletter" | "donate" | "follow_us" | "tags_label":
            return not is_sentence(line.text)
        case _:
            return True


def _counts(neighbour: str, number: str) -> bool:
    if not neighbour.strip().startswith(number):
        return False
    match = match_line(neighbour)
    return (
        match is not None
        and match.boilerplate in _COUNTER_CLASSES
        and "n" in match.slots
    )


def _ends(text: str) -> bool:
    return text.rstrip(_CLOSERS + " ").endswith(tuple(_FINAL_MARKS))


def _is_headline(text: str) -> bool:
    """Tell whether the words after a delimiter are set like a headline."""
    rest = text.partition(":")[2].split()
    long_words = [word for word in rest if len(word) >= 4]
    capitals = sum(word[0].isupper() for word in long_words)
    return len(rest) >= 4 and not _ends(text) and capitals >= 0.6 * len(long_words) > 0


@lru_cache(maxsize=2048)
def _tags(dom: str) -> frozenset[str]:
    return frozenset(_TAGS.findall(dom))


@lru_cache(maxsize=2048)
def _words(dom: str) -> frozenset[str]:
    return frozenset(part.lower() for part in _WORD_PARTS.findall(dom))


@lru_cache(maxsize=2048)
def _is_chrome(dom: str) -> bool:
    return not _CHROME_WORDS.isdisjoint(_words(dom))


@lru_cache(maxsize=2048)
def _is_hook(dom: str) -> bool:
    return _HOOKS.search(dom) is not None


def _outside(case: Case) -> bool:
    return case.line.zone is not Zone.IN_BODY


def _seen_little(case: Case) -> bool:
    return case.line.seen_on[0] >= 1 and not is_repeated(case.line)


def _linked(case: Case) -> bool:
    """Tell a line that is mostly link, or a label before one: "Read also: …"."""
    line, rest = case.line, case.rest
    if line.link_density >= _LINKED:
        return True
    names_story = bool(rest) and case.match.boilerplate in _LINK_CLASSES
    return names_story and line.link_density * len(line.text) >= _ALL_LINK * len(rest)


def _linked_to_other_story(case: Case) -> bool:
    return _linked(case) and case.match.boilerplate in _LINK_CLASSES


def _set_as_headline(case: Case) -> bool:
    linkless = not _linked(case) and bool(case.rest)
    return (
        linkless
        and case.match.boilerplate in _LINK_CLASSES
        and _is_headline(case.line.text)
    )


def _labels_links_or_form(case: Case) -> bool:
    return case.line.following_links >= 2 or case.line.following_form


def _labels_one_link(case: Case) -> bool:
    """Hold for "Read also" with one link below it, where no list of links is."""
    label = case.match.whole and not case.rest and case.match.boilerplate in _LABELLING
    return label and case.line.following_linked and not _labels_links_or_form(case)


def _repeats_lone_number(case: Case) -> bool:
    lone = case.line.previous.strip()
    number = case.match.slots.get("n", "")
    return bool(number) and lone.rstrip(".") == number


def _sure_label(case: Case) -> bool:
    plain_tag = case.line.tag not in _HEADINGS and case.line.tag not in _CELLS
    firm = case.match.strength is not Strength.WEAK or _outside(case)
    whole = case.match.whole and not case.rest
    return plain_tag and firm and whole and case.match.boilerplate in _SURE_IN_BODY


def _sentence(case: Case) -> bool:
    return bool(case.rest) and is_sentence(case.line.text)


def _subheading(case: Case) -> bool:
    line = case.line
    if line.zone is not Zone.IN_BODY or line.tag not in _HEADINGS or is_repeated(line):
        return False
    return is_prose(line.following) and not line.following_form


def _list_item(case: Case) -> bool:
    line = case.line
    return line.tag in _CELLS and not in_chrome(line) and not is_repeated(line)


def _quoted(case: Case) -> bool:
    return in_quotation(case.line)


def _credit_in_figure(case: Case) -> bool:
    in_figure = case.line.tag == "figcaption" or not _words(case.line.dom).isdisjoint(
        ("figure", "figcaption", "caption")
    )
    return in_figure and case.match.boilerplate in ("photo_credit", "source_credit")


def _names_an_agency(case: Case) -> bool:
    credit = case.match.boilerplate in ("photo_credit", "source_credit")
    return credit and _AGENCY.search(case.line.text) is not None


def _fills_a_field(case: Case) -> bool:
    """Hold for a byline with a name, a credit, tags, a stamp with its date."""
    if case.match.boilerplate == "byline":
        byline = read_byline(case.line.text, language=case.line.language)
        return byline is not None
    dated = (
        case.match.boilerplate in ("published_at", "updated_at")
        and "d" in case.match.slots
    )
    listed = case.match.boilerplate in ("photo_credit", "source_credit", "tags_label")
    return dated or (listed and bool(case.rest))


SIGNALS = (
    Signal(name="chrome_container", weight=2, holds=lambda case: in_chrome(case.line)),
    Signal(name="platform_hook", weight=3, holds=lambda case: _is_hook(case.line.dom)),
    Signal(name="outside_body", weight=1, holds=_outside),
    Signal(
        name="repeated_on_host", weight=3, holds=lambda case: is_repeated(case.line)
    ),
    Signal(name="seen_on_host", weight=1, holds=_seen_little),
    Signal(name="linked", weight=1, holds=_linked),
    Signal(name="linked_to_other_story", weight=1, holds=_linked_to_other_story),
    Signal(name="set_as_headline", weight=2, holds=_set_as_headline),
    Signal(name="labels_links_or_form", weight=2, holds=_labels_links_or_form),
    Signal(name="labels_one_link", weight=2, holds=_labels_one_link),
    Signal(name="repeats_lone_number", weight=2, holds=_repeats_lone_number),
    Signal(name="sure_label", weight=1, holds=_sure_label),
    Signal(name="fills_a_field", weight=2, holds=_fills_a_field),
    Signal(name="credit_in_figure", weight=2, holds=_credit_in_figure),
    Signal(name="names_an_agency", weight=1, holds=_names_an_agency),
    Signal(name="sentence", weight=-3, holds=_sentence),
    Signal(name="subheading", weight=-3, holds=_subheading),
    Signal(name="list_item", weight=-2, holds=_list_item),
    Signal(name="quoted", weight=-2, holds=_quoted),
)
