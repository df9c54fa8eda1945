import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from py3langid.langid import LanguageIdentifier

from crawler.extract.children.pool import ChildLimits, ExtractPool
from crawler.extract.language.model import (
    PACKED,
    ask_model,
    cache_folder,
    copy_of,
    language_model,
    load,
    unpacked_model,
)
from crawler.extract.source import PageSource

ROOT = Path(__file__).parents[4]
_TEXTS = (
    "The council will decide in May whether a second boat is needed for the summer.",
    "Menurut polisi, warga kota itu resmi pindah karena banjir pada Senin dan Jumat.",
    "東京で大雨が降った。川が溢れ、多くの家が浸水した。",
    "УРЯД ЗАЯВИВ, ЩО ЇЇ РІШЕННЯ Є ОСТАТОЧНИМ",
    "123",
    "",
)


@pytest.fixture(scope="module")
def caches(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder with a copy in it."""
    folder = tmp_path_factory.mktemp("caches")
    load(PACKED, folder)
    return folder


def inodes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_ino for path in folder.iterdir()}


def test_a_copy_answers_as_the_packed_model_does(caches: Path) -> None:
    packed = LanguageIdentifier.from_model_file(PACKED)
    copied = load(PACKED, caches)

    for text in _TEXTS:
        assert copied.rank(text) == packed.rank(text)


def test_a_copy_is_read_and_not_written_again(caches: Path) -> None:
    before = inodes(copy_of(PACKED, caches))

    load(PACKED, caches)

    assert inodes(copy_of(PACKED, caches)) == before
    assert {Path(name).suffix for name in before} == {".npy"}


@pytest.mark.parametrize(
    ("name", "bytes_left"),
    [("nextmove.npy", 1_000_000), ("ptc.npy", 10), ("pc.npy", 0), ("output.npy", None)],
)
def test_a_damaged_copy_is_written_anew(
    caches: Path, name: str, bytes_left: int | None
) -> None:
    path = copy_of(PACKED, caches) / name
    whole = path.read_bytes()
    if bytes_left is None:
        path.unlink()
    else:
        path.write_bytes(whole[:bytes_left])

    model = load(PACKED, caches)

    assert model.classify(_TEXTS[0])[0] == "en"
    assert path.read_bytes() == whole


def test_parts_that_do_not_fit_are_written_anew(caches: Path) -> None:
    folder = copy_of(PACKED, caches)
    whole = (folder / "row.npy").read_bytes()
    (folder / "row.npy").write_bytes((folder / "classes.npy").read_bytes())

    load(PACKED, caches)

    assert (folder / "row.npy").read_bytes() == whole


@pytest.fixture
def flipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a copy in which many numbers lead nowhere."""
    monkeypatch.setenv("CACHE_DIRECTORY", str(tmp_path))
    load(PACKED, tmp_path)
    copy = copy_of(PACKED, tmp_path)
    moves = copy / "nextmove.npy"
    content = moves.read_bytes()
    moves.write_bytes(content[:200] + b"\xff" * (len(content) - 200))
    forget()
    yield copy
    forget()


def forget() -> None:
    """Have the model loaded anew."""
    language_model.cache_clear()
    unpacked_model.cache_clear()


def test_a_copy_with_flipped_numbers_is_deleted_and_told_once(
    flipped: Path, caplog: pytest.LogCaptureFixture
) -> None:
    found = [ask_model(lambda model, t=text: model.rank(t)) for text in _TEXTS]  # type: ignore[misc]

    assert found == [load(PACKED, None).rank(text) for text in _TEXTS]
    assert not flipped.exists()
    assert [record.getMessage() for record in caplog.records] == [
        f"the language model's copy was damaged and is deleted: {flipped}"
    ]


@pytest.mark.anyio
async def test_what_a_child_finds_damaged_is_logged(
    flipped: Path, caplog: pytest.LogCaptureFixture
) -> None:
    body = f"<h1>Boats</h1><p>{_TEXTS[0]}</p><p>{_TEXTS[0]} So it says.</p>".encode()
    page = PageSource("https://a.example/b", body, datetime(2026, 3, 3, tzinfo=UTC))

    async with ExtractPool(workers=1, limits=ChildLimits()) as pool:
        for _ in range(2):
            extraction = await pool.extract(page)
            assert extraction.article is not None
            assert extraction.article.language == "en"

    assert [record.getMessage() for record in caplog.records] == [
        f"the language model's copy was damaged and is deleted: {flipped}"
    ]


def test_where_no_copy_can_be_left_it_is_unpacked(tmp_path: Path) -> None:
    in_the_way = tmp_path / "caches"
    in_the_way.write_text("no folder")

    assert load(PACKED, in_the_way).classify(_TEXTS[0])[0] == "en"
    assert load(PACKED, None).classify(_TEXTS[1])[0] == "id"


@pytest.mark.parametrize("place", [".", "copy"])
def test_a_copy_that_others_could_have_written_is_not_read(
    tmp_path: Path, place: str
) -> None:
    load(PACKED, tmp_path)
    copy = copy_of(PACKED, tmp_path)
    packed = (copy / "nextmove.npy").read_bytes()
    (copy / "nextmove.npy").write_bytes(packed[:-400_000] + b"\xff" * 400_000)
    (copy if place == "copy" else tmp_path).chmod(0o777)
    before = inodes(copy)

    model = load(PACKED, tmp_path)

    assert model.rank(_TEXTS[2]) == load(PACKED, None).rank(_TEXTS[2])
    assert inodes(copy) == before


def test_another_model_has_a_copy_of_its_own(tmp_path: Path) -> None:
    other = tmp_path / "model.npz.xz"
    other.write_bytes(PACKED.read_bytes()[:-1] + b"?")

    assert copy_of(other, tmp_path) != copy_of(PACKED, tmp_path)


@pytest.mark.parametrize(
    ("variables", "folder"),
    [
        ({"CACHE_DIRECTORY": "/var/cache/kliping"}, "/var/cache/kliping"),
        ({"CACHE_DIRECTORY": "/a:/b", "XDG_CACHE_HOME": "/c"}, "/a"),
        ({"XDG_CACHE_HOME": "/c", "HOME": "/home/me"}, "/c/kliping"),
        ({"XDG_CACHE_HOME": "", "HOME": "/home/me"}, "/home/me/.cache/kliping"),
    ],
)
def test_the_cache_folder_is_the_services_or_the_users(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], folder: str
) -> None:
    monkeypatch.delenv("CACHE_DIRECTORY", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert cache_folder() == Path(folder)


def test_a_user_without_a_home_has_no_cache_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("CACHE_DIRECTORY", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", lambda _: (_ for _ in ()).throw(KeyError))

    assert cache_folder() is None


def test_a_copy_can_be_left_beforehand(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "crawler.extract.language.model"],
        cwd=ROOT,
        env={**os.environ, "CACHE_DIRECTORY": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == f"{tmp_path}\n"
    assert copy_of(PACKED, tmp_path).is_dir()
