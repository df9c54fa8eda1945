"""A parsed page as pieces of its serialised markup: one tag, and the text after it.

The parser writes every element it made, ends included, and escapes `<` and `>` in
text and attributes, so that a page can be cut at `<`: that is several times
cheaper than to ask for its nodes one by one. Only scripts, styles and comments may
hold a bare `<`; they are passed over.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from crawler.extract.chrome import chrome_of
from crawler.late_regex import late
from crawler.lexicon.forms import word_set

# What a piece does: nothing, or …
INLINE, OPENS, CLOSES, STARTS_LINK, ENDS_LINK, BREAKS, SKIPS, TABLE = range(8)

DROPPED = word_set(
    "script style template noscript button dialog svg iframe input select textarea object "
    "canvas video audio embed applet math noembed noframes head map meter progress datalist"
)
_BLOCKS = word_set(
    "address article aside blockquote body caption center dd details dialog dir div dl dt "
    "fieldset figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html "
    "legend li main menu nav ol p pre section summary table tbody td tfoot th thead tr ul"
)
# Elements without an end; a browser writes none for them either.
VOID = word_set(
    "area base basefont bgsound br col embed frame hr img input keygen link meta param source "
    "track wbr"
)
_INLINE = word_set(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr output "
    "picture q rp rt ruby s samp slot small span strike strong sub sup time tt u var"
)
_RAW = frozenset({"script", "style", "iframe", "noembed", "noframes"})
_ATTRIBUTE = re.compile(r' ([^ =]+)="([^"]*)"')
_UNSEEN = re.compile(r"<(!--|script(?=[ >])|style(?=[ >]))")
_ENDS = {"!--": "-->", "script": "</script>", "style": "</style>"}
#: A letter in an element of its own, and the word that blanks part it from.
_LONE_LETTER = late(r"<(\w+) ([^<>]*)>\s*([^\W\d_])\s*</\1>\s+(\w+)")
#: How classes name a first letter that is set large; most pages have no such word.
_DROP_CAPS = (
    *("dropcap", "drop-cap", "drop_cap", "dropCap", "DropCap"),
    *("firstletter", "first-letter", "first_letter", "firstLetter", "lettrine"),
)
_WORD = re.compile(r"\w+")
#: Letters that are a word in some language: "A harbour", "W domu", "У моря".
_WORDS_OF_ONE = frozenset("aàáäåeéèiíoóòöøuúùyýhkqsvwzñžабвгєжзийікосуюяαηοω")
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_HIDDEN_NAME = re.compile(
    r"(?:^|\s)(?:sr-only|visually-?hidden|screen-reader(?:-text)?|a11y-hidden|visuallyhidden)(?:\s|$)",
)
# What accordions and tabs show, by the ARIA Authoring Practices Guide.
PANELS = frozenset({"region", "tabpanel"})
_ROLE = "data-extract-role"
_TELLING = re.compile(
    rf' (class|id|href|role|style|hidden|aria-modal|aria-labelledby|{_ROLE})="([^"]*)"'
)
_CLASS, _ID, _HREF = ' class="', ' id="', ' href="'
# Half the cost of calling the named tuple itself, which a page does hundreds of times.
_new = tuple.__new__


class Piece(NamedTuple):
    """What the markup of a tag says, read once for all equal tags of a page.

    Attributes:
        does: `OPENS`, `CLOSES` …
        tag: Tag name.
        attributes: Of a start, as the markup has them; see `read_attributes`.
        names: Class and id, joined by a space.
        chrome: What kind of page furniture it says it is, or None.
        hook: The role that a hook or rule gave it, or None.
        target: Where a link leads.
        ends: Whether the tag is an end.
    """

    does: int
    tag: str
    attributes: str = ""
    names: str = ""
    chrome: str | None = None
    hook: str | None = None
    target: str = ""
    ends: bool = False


def _bare_pieces() -> dict[str, Piece]:
    """Return the pieces of tags without attributes, by what stands before their `>`."""
    found = {tag: Piece(INLINE, tag) for tag in _INLINE | VOID}
    found |= {tag: Piece(OPENS, tag, chrome=chrome_of(tag, "", "")) for tag in _BLOCKS}
    found |= {tag: Piece(SKIPS, tag) for tag in DROPPED - VOID}
    found["br"] = Piece(BREAKS, "br")
    found["table"] = Piece(TABLE, "table")
    ends = {f"/{tag}": Piece(INLINE, tag, ends=True) for tag in _INLINE}
    ends |= {f"/{tag}": Piece(CLOSES, tag, ends=True) for tag in _BLOCKS}
    ends["/a"] = Piece(ENDS_LINK, "a", ends=True)
    return found | ends


_BARE = _bare_pieces()
_AS_THEY_ARE = frozenset({SKIPS, BREAKS, ENDS_LINK, CLOSES})
# What `runs` marks links and line breaks with: no page may have them.
MARKS = ("\x01", "\x02", "\x03", "\x04")
_NO_MARKS = dict.fromkeys(map(ord, MARKS))
#: Where a word may be broken at a line's end: seen there alone, and no part of the word.
SOFT_HYPHEN = "\xad"
_VOID_INLINE = VOID - _BLOCKS
_LINKLESS = Piece(INLINE, "a")


def bare_pieces() -> dict[str, Piece]:
    """Return the pieces of tags without attributes, for a page to add its own."""
    return _BARE.copy()


def cut_up(root: LexborNode, hooks: Mapping[LexborNode, str]) -> list[str]:
    """Return the pieces of an element: each a tag without its `<`, and the text after it.

    Args:
        root: The element.
        hooks: Roles of nodes; `read_piece` finds them again.
    """
    for node, role in hooks.items():
        node.attrs[_ROLE] = role
    markup = root.html or ""
    if any(mark in markup for mark in MARKS):  # as `&#1;` they come past `charset`
        markup = markup.translate(_NO_MARKS)
    markup = markup.replace(SOFT_HYPHEN, "")
    for node in hooks:
        del node.attrs[_ROLE]
    pieces = _with_whole_words(_without_unseen(markup)).split("<")
    del pieces[0]
    return pieces


def _with_whole_words(markup: str) -> str:
    """Return markup with no blanks behind drop caps: `T he` reads `The`.

    A letter that may be a word is joined where the page has the whole word elsewhere.
    """
    if not _names_drop_cap(markup):
        return markup
    known: set[str] = set()

    def joined(found: re.Match[str]) -> str:
        tag, attributes, letter, rest = found.groups()
        if not (rest[0].islower() and _names_drop_cap(attributes)):
            return found[0]
        if letter.casefold() in _WORDS_OF_ONE:
            if not known:  # all at once: a page may have as many drop caps as words
                known.update(_WORD.findall(markup.casefold()))
            if f"{letter}{rest}".casefold() not in known:
                return found[0]
        return f"<{tag} {attributes}>{letter}</{tag}>{rest}"

    return _LONE_LETTER.sub(joined, markup)


def _names_drop_cap(text: str) -> bool:
    return any(name in text for name in _DROP_CAPS)


def _without_unseen(markup: str) -> str:
    """Return markup without comments, scripts and styles, in one linear pass."""
    kept: list[str] = []
    at = 0
    while found := _UNSEEN.search(markup, at):
        kept.append(markup[at : found.start()])
        end = _ENDS[found[1]]
        close = markup.find(end, found.end())
        if found[1] == "script" and _is_escaped(markup[found.end() : close]):
            close = markup.find(end, close + 1)
        if close < 0:
            return "".join(kept)
        at = close + len(end)
    kept.append(markup[at:])
    return "".join(kept)


def _is_escaped(script: str) -> bool:
    """Tell a script that writes `<!-- <script>`: its first end is that one's."""
    return script.rfind("<!--") > script.rfind("-->") and "<script" in script


def read_piece(head: str, *, hidden: bool) -> Piece:
    """Return what the part of a piece before its `>` says.

    Args:
        head: Such as `div class="a"` or `/p`.
        hidden: Whether parts that are not displayed are walked too.
    """
    tag, _, rest = head.partition(" ")
    bare = _BARE.get(tag)
    if bare is None:
        bare = Piece(INLINE, tag.removeprefix("/"), ends=tag[:1] == "/")
    does = bare[0]
    if not rest or does in _AS_THEY_ARE or (tag in _VOID_INLINE and _ROLE not in rest):
        return bare
    if (
        "hidden" in rest
        or "style=" in rest
        or "role" in rest
        or "sr-only" in rest
        or "screen-reader" in rest
        or "aria-modal" in rest
    ):
        return _read_rare(bare, tag, head, hidden=hidden)
    if does == INLINE:
        return _read_link(head) if tag == "a" and _HREF in head else bare
    _, found, names = head.partition(_CLASS)
    if found:
        names = names.partition('"')[0]
    if _ID in head:
        identity = head.partition(_ID)[2].partition('"')[0]
        names = f"{names} {identity}" if identity else names
    elif not found and _HREF not in head:
        return bare
    names = unescape(names).strip() if "&" in names else names.strip()
    chrome = chrome_of(tag, names, "")
    return _new(Piece, (does, tag, f" {rest}", names, chrome, None, "", False))


def _read_link(head: str) -> Piece:
    target = head.partition(_HREF)[2].partition('"')[0]
    if not target:
        return _LINKLESS
    if "&" in target:
        target = unescape(target)
    return _new(Piece, (STARTS_LINK, "a", "", "", None, None, target, False))


def _read_rare(bare: Piece, tag: str, head: str, *, hidden: bool) -> Piece:
    """Do as `read_piece` for a start with attributes that hide, hook or cast it."""
    told = dict(_TELLING.findall(head))
    if not told:
        return bare
    if tag != "body" and _hides(told, hidden=hidden):
        return Piece(INLINE if tag in VOID else SKIPS, tag)
    return _read_start(bare.does, tag, head, told)


def _hides(told: Mapping[str, str], *, hidden: bool) -> bool:
    if told.get("role") == "button" or told.get("aria-modal") == "true":
        return True
    names = told.get("class", "")
    is_near = "hidden" in names or "sr-only" in names or "screen-reader" in names
    if is_near and _HIDDEN_NAME.search(names):
        return True
    if hidden or _opens(told):
        return False
    style = told.get("style")
    return "hidden" in told or (
        style is not None and _HIDDEN_STYLE.search(style) is not None
    )


def _opens(told: Mapping[str, str]) -> bool:
    """Tell a part that readers unfold: ARIA names its heading, or the browser searches it."""
    is_panel = told.get("role") in PANELS and "aria-labelledby" in told
    return is_panel or told.get("hidden") == "until-found"


def _read_start(does: int, tag: str, head: str, told: Mapping[str, str]) -> Piece:
    hook = told.get(_ROLE)
    target = unescape(told.get("href", "")) if tag == "a" else ""
    if does == INLINE and hook is None:
        does = STARTS_LINK if target else INLINE
        return _new(Piece, (does, tag, "", "", None, None, target, False))
    names = told.get("class", "")
    if identity := told.get("id"):
        names = f"{names} {identity}"
    names = unescape(names).strip()
    return _new(
        Piece,
        (
            STARTS_LINK if target else does,
            tag,
            head[len(tag) :],
            names,
            chrome_of(tag, names, told.get("role", "")),
            hook,
            target,
            False,
        ),
    )


def read_attributes(rest: str) -> dict[str, str]:
    """Return the attributes in what follows the name of a tag."""
    found = dict(_ATTRIBUTE.findall(rest))
    found.pop(_ROLE, None)
    if "&" in rest:
        found = {name: unescape(value) for name, value in found.items()}
    return found


def unescape(text: str) -> str:
    """Return text as it was before the parser wrote it as markup."""
    if "&" not in text:
        return text
    return (
        text.replace("&nbsp;", "\xa0")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", '"')
        .replace("&amp;", "&")
    )


def end_of(pieces: Sequence[str], at: int, tag: str) -> int:
    """Return the place of the piece that ends an element.

    Args:
        pieces: Of the page.
        at: The place after its start.
        tag: Its name.
    """
    end, again, with_more = f"/{tag}>", f"{tag}>", f"{tag} "
    is_raw = tag in _RAW
    depth = 1
    for place in range(at, len(pieces)):
        piece = pieces[place]
        if piece.startswith(end):
            depth -= 1
            if not depth:
                return place
        elif not is_raw and piece.startswith((again, with_more)):
            depth += 1
    return len(pieces)


def text_after(pieces: Sequence[str], place: int) -> str:
    """Return the text after the tag of a piece, still escaped; nothing beyond the last."""
    return pieces[place].partition(">")[2] if place < len(pieces) else ""
