"""Figures for Prometheus."""

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from crawler.web.metrics import exposition

routes = APIRouter(tags=["health"])


@routes.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def get_metrics(request: Request) -> Response:
    """Return all figures in Prometheus' text format; docs/metrics.md explains them."""
    return Response(
        exposition(request.app.state.registry), media_type=CONTENT_TYPE_LATEST
    )
