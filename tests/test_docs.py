import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from crawler.config.tree import Config, Source

ROOT = Path(__file__).parents[1]


def keys(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield name
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from keys(inner)


@pytest.mark.parametrize("key", sorted({*keys(Config), *keys(Source)}))
def test_every_setting_is_in_the_docs(key: str) -> None:
    assert f"`{key}`" in (ROOT / "docs/config.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "document", ["README.md", *(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md"))]
)
def test_every_link_of_a_page_leads_somewhere(document: str) -> None:
    path = ROOT / document
    links = re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8"))

    assert [link for link in links if not (path.parent / link).exists()] == []


def test_every_harness_and_benchmark_is_in_the_docs() -> None:
    from tests.bench.__main__ import names
    from tests.torture.__main__ import HARNESSES

    text = (ROOT / "docs/harnesses.md").read_text(encoding="utf-8")
    rows = {
        row.split("`")[1].split()[0] for row in text.splitlines() if row[:3] == "| `"
    }

    assert rows == {*HARNESSES, *names()}


def test_every_type_of_events_is_in_the_docs() -> None:
    from crawler.config.tree import EVENT_TYPES

    text = (ROOT / "docs/events.md").read_text(encoding="utf-8")
    rows = [row.split("|")[1] for row in text.splitlines() if row[:3] == "| `"]

    assert [name for row in rows for name in re.findall(r"`([a-z.]+)`", row)] == list(
        EVENT_TYPES
    )


def test_every_kind_of_alert_has_its_line_of_the_runbook() -> None:
    from crawler.health.runbook import advice, runbook
    from storage.alerts import AlertKind

    rows = (ROOT / "docs/alerts.md").read_text(encoding="utf-8").splitlines()

    for kind in (*AlertKind, None):
        page, _, place = runbook(kind).partition("#")
        assert page == "docs/alerts.md"
        (row,) = [row for row in rows if row.startswith(f'| <a id="{place}"></a>')]
        assert row.endswith(f"| {advice(kind)} |")


def test_every_field_of_an_export_is_in_the_docs() -> None:
    from crawler.exports.fields import FIELDS

    text = (ROOT / "docs/export.md").read_text(encoding="utf-8")

    for field in FIELDS:
        assert f"| `{field.name}` | {field.kind} | {field.means} |" in text


def test_every_class_of_problems_is_in_the_docs() -> None:
    from crawler.troubles import TroubleKind

    text = (ROOT / "docs/api.md").read_text(encoding="utf-8")

    assert [kind for kind in TroubleKind if f"`{kind}`" not in text] == []


@pytest.mark.parametrize("document", ["compose.yaml", "docs/compose.fleet.yaml"])
def test_commands_in_a_container_read_the_settings_of_its_service(
    document: str,
) -> None:
    parsed = yaml.safe_load((ROOT / document).read_text(encoding="utf-8"))
    ours = [one for one in parsed["services"].values() if "build" in one]

    assert ours
    for service in ours:
        mounted = [place.split(":")[1] for place in service["volumes"]]
        assert service["environment"]["KLIPING_CONFIG"] in mounted
        assert "--config" not in service.get("command", [])


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is missing"
)
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    text = (ROOT / "docs/kliping.service").read_text(encoding="utf-8")
    unit = tmp_path / "kliping.service"
    unit.write_text(text.replace("/opt/kliping/bin/kliping", "/bin/true"))

    found = subprocess.run(
        ["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False
    )

    assert (found.returncode, found.stderr) == (0, "")


@pytest.mark.parametrize(
    "document", [f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md")]
)
def test_every_example_of_a_request_bears_a_token(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    asked = re.findall(
        r"^curl (?!.*healthz).*|^  - job_name:.*(?:\n    .*)*", text, re.MULTILINE
    )

    assert [one for one in asked if "authorization" not in one.casefold()] == []
