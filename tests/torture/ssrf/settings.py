"""The settings by which the product watches a hostile web."""

from collections.abc import Sequence
from pathlib import Path

import yaml

from crawler.errors import BadUrl
from crawler.urls import fetch_url
from tests.torture.ssrf.vectors import BROWSER_WAYS, Vector

Source = dict[str, object]


def usable(chosen: Sequence[Vector]) -> list[Source]:
    """Return the sites as sources, and a source for each vector of the settings."""
    sources: list[Source] = []
    for domain in sorted({vector.domain for vector in chosen}):
        home = f"http://{domain}/"
        lists = {
            "feeds": [f"{home}feed.xml"],
            "sitemaps": [f"{home}sitemap.xml"],
            "sections": [f"{home}section"],
        }
        sources.append({"name": domain, "home": home, **lists})
        if any(v.way in BROWSER_WAYS for v in chosen):
            feeds = [f"{home}rendered.xml"]
            name = f"rendered {domain}"
            sources.append(
                {"name": name, "home": home, "feeds": feeds, "render": "always"}
            )
        robots = f"robots.{domain}"
        sources.append({"name": robots, "home": f"http://{robots}/"})
    named = [(source, v) for v in chosen if (source := _source(v))]
    return sources + [s for s, v in named if _is_redirected(v) or _is_url(v.url)]


def unusable(chosen: Sequence[Vector]) -> list[Source]:
    """Return the sources that no settings may have, for their URLs are none."""
    named = [(source, v) for v in chosen if (source := _source(v))]
    return [s for s, v in named if not (_is_redirected(v) or _is_url(v.url))]


def write_settings(folder: Path, sources: list[Source], allowed: Sequence[str]) -> Path:
    """Write a config.yaml with these sources; `allowed` networks may be asked."""
    folder.mkdir()
    path = folder / "config.yaml"
    settings: Source = {
        "identity": {"name": "Torture", "contact": "torture@localhost"},
        "storage": {"folder": str(folder / "data"), "disk_floor": "1MiB"},
        "defaults": {"delay": "1ms", "poll": "1h"},
        "sources": sources,
        "service": {"port": 0, "visits": 64, "visit_links": 1000, "extractors": 2},
    }
    if allowed:
        settings["policy"] = {"allow_networks": list(allowed)}
    path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    return path


def _source(vector: Vector) -> Source | None:
    """Return the source that names a vector in the settings, if that is its way."""
    way, home = vector.way, f"http://{vector.domain}/"
    origin, _, kind = way.partition("_")
    places = {"config": vector.url, "redirected": f"{home}go/{vector.number}/302"}
    if way == "config_home":
        home, lists = vector.url, {}
    elif origin in places and kind in {"feed", "sitemap", "section"}:
        lists = {f"{kind}s": [places[origin]]}
    else:
        return None
    return {"name": f"vector {vector.number}", "home": home, **lists}


def _is_redirected(vector: Vector) -> bool:
    return vector.way.startswith("redirected_")


def _is_url(url: str) -> bool:
    try:
        fetch_url(url)
    except BadUrl:
        return False
    return True
