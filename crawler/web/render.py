"""Pages from templates: everything is escaped, nothing undefined is passed over."""

from collections.abc import Mapping

from fastapi.responses import HTMLResponse
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from crawler.web.access import Scope
from crawler.web.current import CALLER, NONCE
from crawler.web.format import FILTERS

_templates = Environment(
    loader=ChoiceLoader(
        [PackageLoader("crawler.web"), PackageLoader("crawler.web", "static")]
    ),
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
    """Return a page; `values` are what its template names.

    Beside them it knows `nonce`, `caller` and `may`, which tells what is open to them.
    """
    caller = CALLER.get()

    def may(scope: str) -> bool:
        return caller is not None and caller.scope.opens(Scope(scope))

    page = fill(template, nonce=NONCE.get(), caller=caller, may=may, **values)
    return HTMLResponse(page, status_code=status, headers=dict(headers or {}))


def fill(template: str, **values: object) -> str:
    """Return a filled template; `values` are what it names."""
    return _templates.get_template(template).render(values)
