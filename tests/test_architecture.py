"""The direction of imports, read from the code itself."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("crawler", "storage")

#: Modules (or packages) that decide and never do I/O.
PURE = (
    "crawler.charset",
    "crawler.patterns",
    "crawler.counts",
    "crawler.dates",
    "crawler.decisions",
    "crawler.digest.composing",
    "crawler.digest.letter",
    "crawler.discover",
    "crawler.doors",
    "crawler.exports.blocks",
    "crawler.exports.forms",
    "crawler.extract",
    "crawler.faults",
    "crawler.fetch.guard",
    "crawler.fetch.robots",
    "crawler.front_matter",
    "crawler.health.runbook",
    "crawler.imports.answers",
    "crawler.lexicon.match",
    "crawler.redaction",
    "crawler.render",
    "crawler.sources.importing",
    "crawler.sources.prospect",
    "crawler.kept.quotes",
    "crawler.timing",
    "crawler.units",
    "crawler.urls",
    "crawler.websub.hubs",
    "storage.changes",
    "storage.coverage",
    "storage.days.tree",
    "storage.documents",
    "storage.looks",
    "storage.model",
    "storage.notes.record",
    "storage.search",
    "storage.templates",
    "storage.warc.record",
    "storage.warc.surt",
    "storage.warc.tombstone",
    "storage.worddiff",
)
#: The modules among them that run extraction in a child, or keep files for it.
NOT_PURE = (
    "crawler.extract.children.child",
    "crawler.extract.data",
    "crawler.extract.children.dissector",
    "crawler.extract.children.examine",
    "crawler.extract.language.model",
    "crawler.extract.children.pool",
)
IO = frozenset(
    [
        "asyncio",
        "httpcore",
        "httpx",
        "os",
        "pathlib",
        "socket",
        "sqlalchemy",
        "sqlite3",
        "sqlmodel",
        "ssl",
        "subprocess",
        "tempfile",
        "threading",
        "urllib.request",
    ]
)
#: Who may import a package, by prefix; everyone else may not.
ONLY = {
    "httpx": ("crawler.fetch",),
    "httpcore": ("crawler.fetch",),
    "http.client": (
        "crawler.web.client",  # asks the own service, on loopback
        "storage.versions",  # asks the operator's own object store
    ),
    "socket": (
        "crawler.cli.checkups.checkup",
        "crawler.digest.smtp",
        "crawler.fetch.network",
        "crawler.daemon.supervisor",  # tells systemd
        "crawler.web.server",
    ),
    "smtplib": ("crawler.digest.smtp",),
    "ssl": ("crawler.fetch", "crawler.digest.smtp"),
    "aiohttp": (),
    "ftplib": (),
    "playwright": ("crawler.fetch.chromium", "crawler.fetch.view"),
    "pycurl": (),
    "requests": (),
    "urllib.request": (),
    "urllib3": (),
    "websockets": (),
    "sqlalchemy": ("storage", "crawler.kept.reader", "crawler.service"),
    "apscheduler": ("crawler.daemon.schedule",),
    "prometheus_client": ("crawler.web",),
    "fastapi": ("crawler.web",),
    "uvicorn": ("crawler.web",),
    "typer": ("crawler.cli",),
    "selectolax": (
        "crawler.extract",
        "crawler.discover",
        "crawler.doors.assets",
        "crawler.doors.page",
    ),
    "trafilatura": ("crawler.extract",),
    "fastwarc": ("storage.warc",),
    "obstore": ("storage.objects",),
    "distributed": ("crawler.bulk.dask",),
    "procrastinate": ("crawler.dispatch.engine", "crawler.bulk.queue"),
}
#: Layers from the bottom up; a module imports its own layer or a lower one.
LAYERS = (
    ("storage",),
    (
        "crawler.clock",
        "crawler.errors",
        "crawler.redaction",
        "crawler.daemon.supervisor",
        "crawler.config.hours",
        "crawler.units",
        "crawler.urls",
        "crawler.lexicon",
        "crawler.faults",
        "crawler.front_matter",
    ),
    ("crawler.dates", "crawler.render"),
    (
        "crawler.config.tree",
        "crawler.config.plan",
        "crawler.timing",
        "crawler.websub.hubs",
        "crawler.discover",
        "crawler.fetch",
        "crawler.extract",
    ),
    (
        "crawler.counts",
        "crawler.knowledge",
        "crawler.kept.captures",
        "crawler.kept.quotes",
        "crawler.decisions.traps",
    ),
    (
        "crawler.decisions.outcome",
        "crawler.decisions.scope",
        "crawler.means",
        "crawler.fetch.host_robots",
        "crawler.objects",
    ),
    ("crawler.kept.quoting", "crawler.config.keys"),
    (
        "crawler.events.announcing",
        "crawler.reading.presence",
        "crawler.visits.candour",
        "crawler.visits.courtesy",
        "crawler.decisions.dead_ends",
        "crawler.visits.keeping",
        "crawler.visits.leaving",
        "crawler.sources.wellness",
        "crawler.sources.homes",
        "crawler.sources.asking",
        "crawler.sources.importing",
        "crawler.sources.prospect",
    ),
    (
        "crawler.reading.parts",
        "crawler.kept.parts",
        "crawler.visits.part_visit",
        "crawler.sources.survey_lists",
        "crawler.sources.surveying",
    ),
    ("crawler.sources.watching", "crawler.visits.gate", "crawler.visits.claims"),
    (
        "crawler.reading",
        "crawler.catching_up.notes",
        "crawler.kept.unread",
        "crawler.learning",
        "crawler.visits",
    ),
    (
        "crawler.kept.explaining",
        "crawler.ondemand",
        "crawler.dispatch",
        "crawler.daemon.schedule",
        "crawler.service.pulse",
        "crawler.daemon.watchdog",
    ),
    ("crawler.service",),
    (
        "crawler.bulk",
        "crawler.reextract",
        "crawler.service.reloading",
        "crawler.exports",
        "crawler.imports",
        "crawler.rebuild",
        "crawler.takedown",
    ),
    ("crawler.web", "crawler.daemon.daemon"),
    ("crawler.cli",),
)


def modules(root: Path) -> Iterator[tuple[str, Path]]:
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            yield ".".join(p for p in parts if p != "__init__"), path


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield f"{'.' * node.level}{node.module or ''}"


def inside(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == p or name.startswith(f"{p}.") for p in packages)


def layer(name: str) -> int | None:
    """Return the layer of a module; the longest matching prefix decides."""
    found = [
        (len(prefix), height)
        for height, prefixes in enumerate(LAYERS)
        for prefix in prefixes
        if inside(name, (prefix,))
    ]
    return max(found)[1] if found else None


def faults(root: Path) -> list[str]:
    """Return every import that goes the wrong way, as `module: imports name`."""
    return [
        f"{module}: {why} {name}"
        for module, path in modules(root)
        for name in imports(path)
        if (why := fault(module, name))
    ]


def fault(module: str, name: str) -> str | None:
    top = name.split(".", maxsplit=1)[0]
    here, there = layer(module), layer(name)
    if name.startswith("."):
        return "imports relatively"
    if inside(module, ("storage",)) and top == "crawler":
        return "storage imports crawler:"
    pure = inside(module, PURE) and not inside(module, NOT_PURE)
    if pure and (top in IO or name in IO):
        return "is pure and imports"
    only = ONLY.get(name, ONLY.get(top))
    if only is not None and not inside(module, only):
        return f"only {', '.join(only) or 'nobody'} may import"
    if here is not None and there is not None and there > here:
        return "imports upwards:"
    return None


def test_imports_run_one_way() -> None:
    assert faults(ROOT) == []


def loaded_with(*names: str) -> set[str]:
    """Return all modules that are loaded once these are."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, {', '.join(names)}; print(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_what_extracts_loads_nothing_of_the_ledger() -> None:
    loaded = loaded_with(
        "crawler.extract.children.child",
        "crawler.extract.article",
        "crawler.cli.fetching.given",
    )

    assert "storage.model.article" in loaded
    assert not loaded & {"storage.model.link", "storage.model.visit", "storage.looks"}


def test_what_reads_the_archive_loads_nothing_that_fetches_or_extracts() -> None:
    """Among it what `health`, `source list` and `takedown list` load."""
    loaded = loaded_with(
        "crawler.cli.reading", "crawler.cli.taking_down", "crawler.sources.watching"
    )

    assert "storage.sql.tables" in loaded
    assert not loaded & {"alembic", "httpx", "crawler.extract.children.pool"}
    assert not loaded & {"crawler.service.service", "crawler.visits.visit"}


@pytest.mark.parametrize(
    ("file", "line", "why"),
    [
        ("storage/model/link.py", "import crawler.urls", "storage imports crawler"),
        ("crawler/timing/when.py", "import socket", "is pure"),
        ("crawler/extract/verdict.py", "import os", "is pure"),
        ("crawler/discover/feeds.py", "from pathlib import Path", "is pure"),
        ("crawler/visits/visit.py", "import httpx", "may import"),
        ("crawler/visits/visit.py", "from urllib.request import urlopen", "may import"),
        ("crawler/cli/verbs/doctor.py", "import http.client", "may import"),
        ("storage/writer.py", "import requests", "only nobody may import"),
        (
            "crawler/fetch/client.py",
            "from crawler.visits.visit import visit",
            "upwards",
        ),
        ("crawler/web/app.py", "from crawler.cli import main", "upwards"),
        ("crawler/decisions/scope.py", "from .urls import url_key", "relatively"),
    ],
)
def test_a_planted_wrong_import_is_found(
    tmp_path: Path, file: str, line: str, why: str
) -> None:
    planted = tmp_path / file
    planted.parent.mkdir(parents=True)
    planted.write_text(f"{line}\n", encoding="utf-8")

    (found,) = faults(tmp_path)
    assert why in found
