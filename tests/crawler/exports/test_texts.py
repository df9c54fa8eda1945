import os
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from crawler.exports.fields import values_of
from crawler.exports.texts import as_file, write_markdown
from crawler.front_matter import front_matter
from storage.model.article import Block, BlockKind
from tests.crawler.exports.told import article, told

ROOT = Path(__file__).parents[3]
#: Writes three articles into a folder.
WRITING = """
import sys
from pathlib import Path
from crawler.exports.texts import write_markdown
from tests.crawler.exports.told import article, told
named = enumerate(("F\\xe4hre kehrt zur\\xfcck", "\\u6771\\u4eac", "Ferry"))
write_markdown((told(article(t), id=n) for n, t in named), Path(sys.argv[1]), many=False)
"""
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
HOSTILE = st.text(st.sampled_from("a1 \n\t<>&;#-=~`*_[]()!\\:|\u2028\x85\x0b\0"))
BLOCKS = st.builds(
    Block, kind=st.sampled_from(BlockKind), text=HOSTILE, level=st.just(1)
)


def parted(file: str) -> tuple[str, str]:
    _, matter, body = file.split("---\n", 2)
    return matter, body


@settings(deadline=None)
@given(
    st.dictionaries(st.sampled_from(["title", "url", "tags"]), TEXTS | st.lists(TEXTS))
)
def test_yaml_reads_front_matter_back_equal(fields: dict[str, object]) -> None:
    matter = front_matter(fields).removesuffix("---")

    read = yaml.safe_load(matter) or {}

    assert read == {name: value for name, value in fields.items() if value}


@settings(deadline=None)
@given(title=TEXTS, tag=TEXTS)
def test_no_value_ends_the_front_matter(title: str, tag: str) -> None:
    one = told(article(title, tags=(tag,)))
    matter, _ = parted(as_file(one))
    read = yaml.safe_load(matter)

    assert read.get("title", "") == title
    assert read["tags"] == [tag]
    assert set(read) <= set(values_of(one))


@settings(deadline=None)
@given(title=HOSTILE, blocks=st.lists(BLOCKS, max_size=4))
def test_markdown_holds_no_html(title: str, blocks: list[Block]) -> None:
    one = replace(article(title), blocks=tuple(blocks))
    body = parted(as_file(told(one)))[1]
    kinds = {
        token.type
        for block in MarkdownIt("commonmark").parse(body)
        for token in (block, *(block.children or ()))
    }

    assert not kinds & {"html_block", "html_inline", "link_open", "image"}


@settings(deadline=None)
@given(text=HOSTILE)
def test_a_paragraph_says_in_markdown_what_it_says(text: str) -> None:
    body = parted(as_file(told(article("T", text))))[1]
    tokens = MarkdownIt("commonmark").parse(body)[3:]
    said = "".join(
        child.content if child.type != "softbreak" else " "
        for token in tokens
        for child in token.children or ()
    )

    assert {token.type for token in tokens} <= {
        "paragraph_open",
        "inline",
        "paragraph_close",
    }
    assert "".join(said.split()) == "".join(text.replace("\0", "\ufffd").split())


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Fähre: neuer Plan!", "0000007-fähre-neuer-plan.md"),
        ("../../etc/passwd", "0000007-etc-passwd.md"),
        ("a\0b\u202e\nc", "0000007-a-b-c.md"),
        ("…", "0000007-untitled.md"),
        ("北雲町の朝市", "0000007-北雲町の朝市.md"),
    ],
)
def test_names_come_from_ids(tmp_path: Path, title: str, name: str) -> None:
    write_markdown([told(article(title))], tmp_path, many=False)

    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_no_name_is_too_long_for_a_disk(tmp_path: Path) -> None:
    write_markdown([told(article("長" * 500))], tmp_path, many=True)

    assert len(next(tmp_path.iterdir()).name.encode()) < 120


def test_a_changed_headline_leaves_no_second_file(tmp_path: Path) -> None:
    other = tmp_path / "0000008-b.md"
    other.write_text("mine")
    for title in ("Old", "New"):
        write_markdown([told(article(title))], tmp_path, many=False)

    assert {path.name for path in tmp_path.iterdir()} == {"0000007-new.md", other.name}


def test_versions_have_files_of_their_own(tmp_path: Path) -> None:
    versions = [told(article("V2"), version=1), told(article("V2"), version=2)]
    write_markdown(versions, tmp_path, many=True)

    names = sorted(path.name for path in tmp_path.iterdir())

    assert names == ["0000007.1-v2.md", "0000007.2-v2.md"]


def test_times_in_front_matter_are_rfc_3339() -> None:
    matter, _ = parted(as_file(told()))
    seen = yaml.safe_load(matter)["first_seen"]

    assert datetime.fromisoformat(seen).tzinfo is not None


@pytest.mark.parametrize(
    ("variables", "names"),
    [
        (
            {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
            ["fahre-kehrt-zuruck", "untitled", "ferry"],
        ),
        ({"LC_ALL": "C", "PYTHONUTF8": "1"}, ["fähre-kehrt-zurück", "東京", "ferry"]),
    ],
    ids=["ASCII", "UTF-8"],
)
def test_files_are_named_by_letters_that_can_be_written(
    tmp_path: Path, variables: dict[str, str], names: list[str]
) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}

    for _ in range(2):  # over what is there
        subprocess.run(  # our own code
            [sys.executable, "-c", WRITING, str(tmp_path)], env=environment, check=True
        )

    written = sorted(path.name for path in tmp_path.iterdir())
    assert written == [f"{n:07}-{name}.md" for n, name in enumerate(names)]
