"""CSS selectors, as site rules write them."""

from selectolax.lexbor import LexborHTMLParser, SelectolaxError


def is_selector(text: str) -> bool:
    """Tell whether a text can be used as a CSS selector."""
    try:
        LexborHTMLParser("<p></p>").css_first(text)
    except (SelectolaxError, ValueError):
        return False
    return bool(text.strip())
