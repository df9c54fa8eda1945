"""The application: routes and pages put together behind the guard."""

import asyncio
from collections.abc import Collection
from pathlib import Path
from time import monotonic

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.types import ASGIApp

from crawler import __version__
from crawler.pulse import Pulse
from crawler.service import Service
from crawler.web import api, doors, pages
from crawler.web.callback import PLACE, callback_routes, public_names
from crawler.web.explaining import AT_ONCE
from crawler.web.metrics import registry_of
from crawler.web.problems import DESCRIBED, answer_problems
from crawler.web.security import MAX_BODY_BYTES, Guard

_STATIC = Path(__file__).parent / "static"


class _GuardedApp(FastAPI):
    """An application whose guard also stands outside its last error handler."""

    token: str
    names: Collection[str]
    public: Collection[str]

    def build_middleware_stack(self) -> ASGIApp:
        return Guard(
            super().build_middleware_stack(),
            token=self.token,
            names=self.names,
            public=self.public,
            place=PLACE,
        )


def make_app(service: Service, pulse: Pulse, token: str) -> FastAPI:
    """Return the application that serves an open service.

    Args:
        service: What is served.
        pulse: Read anew at each request.
        token: What methods that change something must bear.
    """
    app = _GuardedApp(
        title="Kliping",
        version=__version__,
        docs_url=None,  # both load scripts from other hosts
        redoc_url=None,
        max_body_size=MAX_BODY_BYTES,
        responses=DESCRIBED,
    )
    app.token, app.names = token, {service.config.service.address}
    app.state.service = service
    app.state.pulse = pulse
    app.state.registry = registry_of(service)
    app.public = public_names(service.callbacks())
    if app.public:
        app.include_router(callback_routes(service, monotonic))
    app.state.turns = asyncio.Semaphore(AT_ONCE)
    for routes in (*api.ROUTES, *doors.ROUTES, *pages.ROUTES):
        app.include_router(routes)
    app.mount("/static", StaticFiles(directory=_STATIC))
    answer_problems(app)
    return app
