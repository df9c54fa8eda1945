"""The application: routes and pages put together behind the guard."""

import asyncio
from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path
from time import monotonic

from fastapi import Depends, FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.types import ASGIApp

from crawler import __version__
from crawler.config.tree import Service as ServiceConfig
from crawler.jobs.running import Jobs
from crawler.service.pulse import Pulse
from crawler.service.service import Service
from crawler.web import api, doors, feeds, login, pages
from crawler.web.callback import PLACE, callback_routes, public_names
from crawler.web.describing import describe
from crawler.web.explaining import AT_ONCE
from crawler.web.figures import Figures
from crawler.web.idempotency import Idempotent
from crawler.web.keys import Keys
from crawler.web.metrics import registry_of
from crawler.web.parameters import refuse_unknown
from crawler.web.problems import answer_problems
from crawler.web.security import MAX_BODY_BYTES, Guard, Rates
from crawler.web.streams import Streams
from storage.sql.tokens import digests

#: Seconds that the figures of whole tables are shown for at least.
_FIGURES_LAST = 1.0
_STATIC = Path(__file__).parent / "static"


class _GuardedApp(FastAPI):
    """An application whose guard also stands outside its last error handler."""

    keys: Keys
    config: ServiceConfig
    public: Collection[str]
    now: Callable[[], datetime]
    rates: Rates

    def build_middleware_stack(self) -> ASGIApp:
        return Guard(
            app=super().build_middleware_stack(),
            keys=self.keys,
            address=self.config.address,
            names=self.config.names,
            is_open=self.config.anonymous == "read",
            now=self.now,
            public=self.public,
            place=PLACE,
            rates=self.rates,
        )


def make_app(
    service: Service, pulse: Pulse, token: str, jobs: Jobs | None = None
) -> FastAPI:
    """Return the application that serves an open service.

    Args:
        service: What is served.
        pulse: Read anew at each request.
        token: Of this run; it opens everything.
        jobs: Works at what takes long; without one, one of its own does.
    """
    app = _GuardedApp(
        title="Kliping",
        version=__version__,
        docs_url=None,  # both load scripts from other hosts
        redoc_url=None,
        max_body_size=MAX_BODY_BYTES,
        generate_unique_id_function=lambda route: route.name,
    )
    with service.session() as session:
        keys = Keys(token, digests(session))
    app.keys, app.config, app.now = keys, service.config.service, service.means.now
    app.state.keys = keys
    app.rates = Rates()
    app.state.figures = Figures(service, _FIGURES_LAST)
    app.state.service = service
    app.state.pulse = pulse
    app.state.streams = Streams(service.session, service.means.log)
    app.state.jobs = jobs or Jobs(service)
    app.state.registry = registry_of(service)
    app.public = public_names(service.callbacks())
    if app.public:
        app.include_router(callback_routes(service, monotonic))
    app.state.turns = asyncio.Semaphore(AT_ONCE)
    others = (login.routes, *doors.ROUTES, *feeds.ROUTES, *pages.ROUTES)
    for routes in api.ROUTES:
        app.include_router(routes, dependencies=[Depends(refuse_unknown)])
    for routes in others:
        app.include_router(routes)
    every = (*api.ROUTES, *others)
    app.state.routes = [route for routes in every for route in routes.routes]
    app.mount("/static", StaticFiles(directory=_STATIC))
    app.add_middleware(Idempotent, service=service, max_bytes=MAX_BODY_BYTES)
    answer_problems(app)
    describe(app)
    return app
