"""Log in and out with a browser: a cookie for a token, or for the link `serve` prints.

The page to log in with is what a browser is shown that bears nothing; it has no address
of its own. Nothing changes before its form is sent.
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.routing import BaseRoute, Match

from crawler.redaction import redact
from crawler.service.service import Service
from crawler.web.access import LOGIN
from crawler.web.current import CALLER
from crawler.web.forms import own_place, read_form, see
from crawler.web.given import GivenKeys, GivenService
from crawler.web.keys import LOGIN_LASTS, OPERATOR, Caller, Keys, digest, new_token
from crawler.web.render import render
from storage.sql.tables import TokenRow
from storage.sql.tokens import add_token, digests, forget_expired, forget_token
from storage.writer import Tx

#: The cookie of a login: the second where a browser speaks https to us, as it must
#: from another machine.
COOKIE, SECURE_COOKIE = "kliping", "__Host-kliping"
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})

routes = APIRouter(include_in_schema=False)


def login_page(
    path: str, query: str, *, fault: str = "", status: int = 401
) -> Response:
    """Return the page to log in with, which then leads to where one was going."""
    code = parse_qs(query).get("code", [""])[-1] if path == LOGIN else ""
    place = redact(f"{path}?{query}" if query else path)
    there = "/" if path == LOGIN else own_place(place)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return render(
        "login.html",
        status=status,
        headers=headers,
        code=code,
        there=there,
        fault=fault,
    )


@routes.get(LOGIN)
def get_login(request: Request) -> Response:
    """Lead on who is logged in already; who may read without it can log in here."""
    caller = CALLER.get()
    if caller is not None and caller.is_login:
        return see("/")
    return login_page(LOGIN, request.url.query, status=200)


@routes.post(LOGIN)
async def post_login(
    request: Request, service: GivenService, keys: GivenKeys
) -> Response:
    """Give a cookie for a token, or for a code of the operator's link."""
    form = await read_form(request)
    there = own_place(form.get("next", "/"))
    caller = _who(keys, form, service)
    if caller is None:
        fault = (
            "This link is too old; `kliping login` prints a new one."
            if form.get("code")
            else "This token opens nothing."
        )
        return login_page(there, "", fault=fault)
    cookie = new_token()
    now = service.means.now()

    def enter(tx: Tx) -> None:
        forget_expired(tx.session, now)
        row = TokenRow(
            name=caller.name,
            scope=caller.scope,
            digest=digest(cookie),
            is_login=True,
            parent_id=caller.token_id,
            created_at=now,
            expires_at=now + LOGIN_LASTS,
        )
        add_token(tx.session, row)

    await service.means.writer.run(enter)
    renew_keys(service, keys)
    answer = see(_page_at(request.app.state.routes, there))
    answer.set_cookie(
        value=cookie, max_age=int(LOGIN_LASTS.total_seconds()), **_kind(request)
    )
    return answer


@routes.post("/logout")
async def post_logout(
    request: Request, service: GivenService, keys: GivenKeys
) -> Response:
    """End this browser's login."""
    caller = CALLER.get()
    answer = see("/")
    answer.delete_cookie(**_kind(request))
    if caller is not None and caller.is_login and caller.token_id is not None:
        number = caller.token_id
        await service.means.writer.run(lambda tx: forget_token(tx.session, number))
        renew_keys(service, keys)
    return answer


def _page_at(routes: Iterable[BaseRoute], place: str) -> str:
    """Return a place, or the page above it where it only takes forms."""
    path, _, query = place.partition("?")
    above = path
    while above and not any(_shows(route, above) for route in routes):
        above = above.rpartition("/")[0]
    is_page = above == path
    return place if is_page and query else above or "/"


def _shows(route: BaseRoute, path: str) -> bool:
    asked = {"type": "http", "method": "GET", "path": path, "root_path": ""}
    return route.matches(asked)[0] is Match.FULL


def renew_keys(service: Service, keys: Keys) -> None:
    """Take up tokens that were given out or let go."""
    with service.session() as session:
        keys.given = digests(session)


def _who(keys: Keys, form: dict[str, str], service: Service) -> Caller | None:
    now = service.means.now()
    if code := form.get("code", ""):
        return OPERATOR if keys.is_code(code, now) else None
    return keys.bearer(form.get("token", "").strip(), now)


def _kind(request: Request) -> dict[str, Any]:
    """Return what a login's cookie is: Secure unless the browser is on this machine."""
    is_near = (request.url.hostname or "") in {"127.0.0.1", "localhost", "::1"}
    return {
        "key": COOKIE if is_near else SECURE_COOKIE,
        "path": "/",
        "httponly": True,
        "samesite": "lax",
        "secure": not is_near,
    }
