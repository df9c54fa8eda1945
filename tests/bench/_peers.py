"""Crawls by others, each in an environment of its own, of the same web as ours."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from tests.bench._process import Crawl, run
from tests.bench._web.serving import Web

#: Where a peer's environment is made if nobody says otherwise.
CACHE = Path.home() / ".cache" / "kliping-bench"
FOLDER = Path(__file__).parent / "peers"
#: jusText, which trafilatura and news-please use, needs the last and may not bring it.
PACKAGES = {
    "scrapy": ("scrapy>=2.13", "trafilatura>=2", "lxml-html-clean"),
    "news-please": ("news-please", "lxml-html-clean"),
}
#: A story that is shorter was not read.
_LEAST = 500
_CONFIGURED = "newsplease/config/config.cfg"
#: What is said otherwise than there: where files go, and that each page of the feed is
#: an article, which pages with many linked headlines beside the story are not to it.
_OURS = {
    "working_path": "{folder}/work/",
    "enabled_heuristics": '{{"og_type": True}}',
    "pass_heuristics_condition": '"og_type"',
}


def peer_python(folder: Path, peer: str) -> Path:
    """Return the interpreter of a peer's environment, which is made if it is not there.

    Raises:
        CalledProcessError: It cannot be installed.
    """
    python = (folder / peer / "bin" / "python").absolute()
    if not _is_ready(python, PACKAGES[peer]):
        print(f"installing {peer} into {folder / peer}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", folder / peer], check=True)
        subprocess.run(
            [python, "-m", "pip", "install", "-q", *PACKAGES[peer]], check=True
        )
    return python


def crawl_by_scrapy(python: Path, web: Web, folder: Path) -> Crawl:
    """Crawl by Scrapy, trafilatura and SQLite."""
    feeds, database = folder / "feeds", folder / "articles.sqlite"
    feeds.write_text("\n".join(web.feeds), encoding="utf-8")
    spider = str(FOLDER / "scrapy_spider.py")
    cost = run(
        [str(python), spider, str(feeds), str(database), str(len(web.bases))],
        log=folder / "log",
        cwd=folder,
        env=_bare_environment(),
    )
    kept = f"SELECT count(*) FROM article WHERE length(text) > {_LEAST}"  # noqa: S608
    with closing(sqlite3.connect(database)) as sql:
        return Crawl(cost=cost, archived=sql.execute(kept).fetchone()[0])


def crawl_by_news_please(python: Path, web: Web, folder: Path) -> Crawl:
    """Crawl by news-please as it comes: a process for each site, files of HTML and JSON."""
    (installed,) = python.parents[1].glob(f"lib/*/site-packages/{_CONFIGURED}")
    settings = installed.read_text(encoding="utf-8")
    for key, value in _OURS.items():
        line = f"{key} = {value.format(folder=folder)}"
        settings = re.sub(rf"(?m)^{key} = .*$", line, settings)
    (folder / "config").mkdir()
    (folder / "config" / "config.cfg").write_text(settings, encoding="utf-8")
    sites = [{"url": f"{base}/", "crawler": "RssCrawler"} for base in web.bases]
    (folder / "config" / "sitelist.hjson").write_text(
        json.dumps({"base_urls": sites}), encoding="utf-8"
    )
    program = str(python.with_name("news-please"))
    cost = run(
        [program, "-c", str(folder / "config"), "-no-confirm"],
        log=folder / "log",
        cwd=folder,
        env=_bare_environment(),
    )
    pages = (folder / "work" / "data").rglob("*.html.json")
    read = [json.loads(page.read_bytes()) for page in pages]
    whole = [page for page in read if len(page["maintext"] or "") > _LEAST]
    return Crawl(cost=cost, archived=len({page["url"] for page in whole}))


def versions(python: Path, names: Sequence[str]) -> dict[str, str]:
    """Return the versions of packages in an environment."""
    said = _ask_versions(python, names)
    return dict(zip(names, said.stdout.split(), strict=True))


def _is_ready(python: Path, packages: Sequence[str]) -> bool:
    names = [package.partition(">")[0] for package in packages]
    return (
        shutil.which(python) is not None and not _ask_versions(python, names).returncode
    )


def _ask_versions(
    python: Path, names: Sequence[str]
) -> "subprocess.CompletedProcess[str]":
    said = "import sys, importlib.metadata as m; print(*map(m.version, sys.argv[1:]))"
    return subprocess.run(
        [python, "-c", said, *names], check=False, capture_output=True, text=True
    )


def _bare_environment() -> dict[str, str]:
    """Return our environment without what leads to our own packages."""
    ours = {"PYTHONPATH", "VIRTUAL_ENV"}
    return {key: value for key, value in os.environ.items() if key not in ours}
