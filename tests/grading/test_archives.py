"""Strangers' zip files and exports of learning platforms: found, unpacked in bounds, or refused."""

import os
import stat
import zipfile
from pathlib import Path

import pytest

from grading import archives, folders
from grading.archives import unpack
from grading.folders import SubmissionError
from grading.submissions import Entry, entries, entry_of, find_project


def zipped(file: Path, members: dict[str, str | bytes]) -> Path:
    """A zip file with these members."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return file


def below(folder: Path) -> list[str]:
    """The files below a folder."""
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()
    )


def test_what_belongs_in_it_comes_out(tmp_path: Path) -> None:
    """Files and empty folders come out; environments, caches and Apple's shadows do not."""
    members = {
        "p/stage1_basic/server.py": "1",
        "p/empty/": "",
        "p\\windows\\file": "2",
        "p/.venv/bin/python": "x",
        "p/__pycache__/x.pyc": "x",
        "__MACOSX/p/._server.py": "x",
    }
    unpack(zipped(tmp_path / "a.zip", dict(members)), tmp_path / "out")
    assert below(tmp_path / "out") == ["p/stage1_basic/server.py", "p/windows/file"]
    assert (tmp_path / "out" / "p" / "empty").is_dir()


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "a/../../evil",
        "/evil",
        "\\evil",
        "..\\evil",
        "C:\\evil",
        "C:evil",
        "\\\\host\\evil",
    ],
)
def test_nothing_lands_outside(tmp_path: Path, name: str) -> None:
    """Names that lead out of the folder are refused, with the name in the message."""
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as packed:
        member = zipfile.ZipInfo("x")
        member.filename = name  # not as an argument, which ZipInfo would make harmless
        packed.writestr(member, "evil")
    with pytest.raises(SubmissionError, match="outside its folder"):
        unpack(tmp_path / "b.zip", tmp_path / "out" / "deep")
    assert not list(tmp_path.rglob("evil"))


def test_links_are_not_made(tmp_path: Path) -> None:
    """A symbolic link is left out, so nothing can be written or read through it."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        link = zipfile.ZipInfo("link")
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        packed.writestr(link, str(tmp_path))
        packed.writestr("file", "1")
    unpack(tmp_path / "a.zip", tmp_path / "out")
    assert below(tmp_path / "out") == ["file"]


def test_a_bomb_is_defused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes are counted as they come out, whatever the archive says of itself."""
    monkeypatch.setattr(archives, "MOST_BYTES", 3_000_000)
    archive = zipped(tmp_path / "a.zip", {f"{n}": bytes(1_000_000) for n in range(9)})
    assert archive.stat().st_size < 20_000
    with pytest.raises(SubmissionError, match="more than 3 MB"):
        unpack(archive, tmp_path / "out")
    written = sum(file.stat().st_size for file in (tmp_path / "out").iterdir())
    assert written <= 4_000_000 + 2 * (1 << 20)


def test_a_lie_about_the_size_is_no_way_around(tmp_path: Path) -> None:
    """A directory that promises one byte where there are more: an error, not more bytes."""
    archive = zipped(tmp_path / "a.zip", {"x": bytes(1_000_000)})
    size = (1_000_000).to_bytes(4, "little")
    archive.write_bytes(archive.read_bytes().replace(size, (1).to_bytes(4, "little")))
    with pytest.raises(SubmissionError, match="not a whole zip file"):
        unpack(archive, tmp_path / "out")


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are counted before any is written."""
    monkeypatch.setattr(archives, "MOST_FILES", 10)
    archive = zipped(tmp_path / "a.zip", {f"{n}": "" for n in range(11)})
    with pytest.raises(SubmissionError, match="more than 10 files"):
        unpack(archive, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_half_a_file_is_refused(tmp_path: Path, share: float) -> None:
    """An upload that broke off, or something else altogether: one line says so."""
    archive = zipped(tmp_path / "a.zip", {"file": os.urandom(1000), "other": "x" * 1000})
    archive.write_bytes(archive.read_bytes()[: int(archive.stat().st_size * share)])
    with pytest.raises(SubmissionError, match="not a whole zip file"):
        unpack(archive, tmp_path / "out")


def test_a_password_is_refused(tmp_path: Path) -> None:
    """What is encrypted cannot be graded; the message says why."""
    archive = zipped(tmp_path / "a.zip", {"file": "1"})
    data = bytearray(archive.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    archive.write_bytes(bytes(data))
    with pytest.raises(SubmissionError, match="password"):
        unpack(archive, tmp_path / "out")


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    """The second would replace the first one, which someone may have looked at."""
    archive = zipped(tmp_path / "a.zip", {"x": "1", "y": "2"})
    archive.write_bytes(archive.read_bytes().replace(b"y", b"x"))
    with pytest.raises(SubmissionError, match="cannot be unpacked"):
        unpack(tmp_path / "a.zip", tmp_path / "out")


@pytest.mark.parametrize(
    ("name", "student", "number"),
    [
        ("Ada Lovelace_12345_assignsubmission_file_", "Ada Lovelace", "12345"),
        ("Ada Lovelace_12345_assignsubmission_file", "Ada Lovelace", "12345"),
        ("O'Neil_Zoë_7_assignsubmission_file_my project.zip", "O'Neil_Zoë", "7"),
        ("lovelaceada_12345_67890_project.zip", "lovelaceada", "12345"),
        ("lovelaceada_LATE_12345_67890_project-2.zip", "lovelaceada", "12345"),
        ("team 4.zip", "team 4", ""),
        ("stage1_basic", "stage1_basic", ""),
    ],
)
def test_whose_it_is(tmp_path: Path, name: str, student: str, number: str) -> None:
    """The names that Moodle and Canvas give tell the student and the number."""
    path = tmp_path / name
    path.write_bytes(b"") if path.suffix == ".zip" else path.mkdir()
    assert entry_of(path) == Entry(path, student, number)


def test_submissions_are_folders_and_zip_files(tmp_path: Path) -> None:
    """In the order of their names; notes, hidden folders and Apple's shadows are none."""
    for name in ("b", "__MACOSX", ".git"):
        (tmp_path / name).mkdir()
    for name in ("A.ZIP", "notes.txt"):
        (tmp_path / name).touch()
    assert [entry.path.name for entry in entries(tmp_path)] == ["A.ZIP", "b"]


MEMBER = "stage1_basic/server.py"


@pytest.mark.parametrize("where", ["", "project/", "one/two/"])
@pytest.mark.parametrize("kind", ["folder", "zip", "zip in a folder"])
def test_the_project_is_found(tmp_path: Path, where: str, kind: str) -> None:
    """In a folder or a zip file, at once or some levels down."""
    entry, scratch = tmp_path / "entry", tmp_path / "scratch"
    if kind == "folder":
        (entry / where / MEMBER).parent.mkdir(parents=True)
        (entry / where / MEMBER).touch()
    elif kind == "zip":
        entry = zipped(tmp_path / "entry.zip", {where + MEMBER: "1"})
    else:
        entry.mkdir()
        zipped(entry / "entry.zip", {where + MEMBER: "1"})
    scratch.mkdir()
    assert (find_project(entry, scratch) / MEMBER).is_file()


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (["readme.txt"], "no folder stage1_basic .* no zip file either"),
        ([f"old/{MEMBER}", f"new/{MEMBER}"], "more than one project: new and old"),
        (["a.zip", "b.zip"], "2 zip files"),
    ],
)
def test_what_cannot_be_told_is_refused(tmp_path: Path, files: list[str], message: str) -> None:
    """No project, several projects, several archives: no guess is made."""
    for name in files:
        (tmp_path / "entry" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "entry" / name).touch()
    with pytest.raises(SubmissionError, match=message):
        find_project(tmp_path / "entry", tmp_path / "scratch")


@pytest.mark.skipif(os.name != "posix", reason="paths end earlier elsewhere")
def test_removing_succeeds_whatever_is_inside(tmp_path: Path) -> None:
    """Nested deeper than Python can go, and forbidden."""
    folder = tmp_path / "folder"
    folder.mkdir()
    here = Path.cwd()
    try:
        os.chdir(folder)
        for _ in range(1500):
            Path("d").mkdir()
            os.chdir("d")
        Path("..").chmod(0)
    finally:
        os.chdir(here)
    folders.remove(folder)
    assert not folder.exists()
