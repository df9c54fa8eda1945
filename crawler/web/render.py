"""Pages from templates: everything is escaped, nothing undefined is passed over."""

from collections.abc import Mapping

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from crawler.web.format import FILTERS

_templates = Environment(
    loader=PackageLoader("crawler.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters.update(FILTERS)


def render(
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: object,
) -> HTMLResponse:
    """Return a page; `values` are what its template names."""
    page = fill(template, **values)
    return HTMLResponse(page, status_code=status, headers=dict(headers or {}))


def fill(template: str, **values: object) -> str:
    """Return a filled template; `values` are what it names."""
    return _templates.get_template(template).render(values)
