"""An explanation as one page of HTML that stands alone."""

from functools import cache
from pathlib import Path

from markupsafe import Markup

from crawler.extract.explanation import Explanation
from crawler.web.render import fill

_STATIC = Path(__file__).parent / "static"
_SHEETS = ("kliping.css", "explain.css")


def explanation_page(explanation: Explanation) -> str:
    """Return a page with its style in it: no scripts, nothing loaded from anywhere."""
    return fill("explain_file.html", told=explanation, style=_style())


@cache
def _style() -> Markup:
    """Return our own style sheets, which are markup as they stand."""
    texts = ((_STATIC / name).read_text(encoding="utf-8") for name in _SHEETS)
    return Markup("\n".join(texts))  # noqa: S704  # ours, and no part of it a page's
