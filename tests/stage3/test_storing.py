"""Files under names: nothing is overwritten, nothing is half there, nothing outside is served."""

import os
import socket
import sys
from pathlib import Path

import pytest

from tests.stage3 import observations
from tests.stage3.hints import BARE_NAMES, NEVER_OVERWRITE
from tests.support.observer import Observer

pytestmark = [
    pytest.mark.stage(3),
    NEVER_OVERWRITE,
]

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX file systems")


def names_in(folder: Path) -> list[str]:
    """Everything that lies in a folder, hidden or not."""
    return sorted(path.name for path in folder.iterdir())


# Storing


@pytest.mark.parametrize(
    ("sender", "name", "expected"),
    [
        ("ann", "cat.png", "20260130-154500_ann_cat.png"),
        ("127.0.0.1:50312", "cat.png", "20260130-154500_127.0.0.1-50312_cat.png"),
        ("[::1]:50312", "../x.png", "20260130-154500_[--1]-50312_x.png"),
        ("ann", "CON.png", "20260130-154500_ann__CON.png"),
        ("ann", "", "20260130-154500_ann_unnamed"),
        ("Ännchen", "x" * 300 + ".png", "20260130-154500_Ännchen_" + "x" * 171 + ".png"),
    ],
)
def test_uploads_are_named(observer: Observer, sender: str, name: str, expected: str) -> None:
    """An upload's name says when it came, from whom, and what its sender called it."""
    assert observer.observe(observations.named, sender=sender, name=name) == expected
    assert len(expected.encode()) <= 200


@pytest.mark.part("storing")
@pytest.mark.points(3)
def test_a_taken_name_gets_a_number(observer: Observer, tmp_path: Path) -> None:
    """Several files under one name all stay, each with its own content."""
    names = observer.observe(
        observations.stored, folder=str(tmp_path), name="cat.png", contents=["1", "2", "3"]
    )
    assert names == ["cat.png", "cat (2).png", "cat (3).png"]
    assert [(tmp_path / name).read_text() for name in names] == ["1", "2", "3"]
    assert names_in(tmp_path) == sorted(names)


@pytest.mark.part("storing")
@pytest.mark.points(1)
def test_a_name_leads_nowhere_else(observer: Observer, tmp_path: Path) -> None:
    """Whatever a file is to be called, it lies in the folder, under a safe name."""
    folder = tmp_path / "inner"
    names = ["../cat.png", "/cat.png", "CON.png"]
    got = [
        observer.observe(observations.stored, folder=str(folder), name=name, contents=["1"])[0]
        for name in names
    ]
    assert got == ["cat.png", "cat (2).png", "_CON.png"]
    assert names_in(folder) == sorted(got)
    assert names_in(tmp_path) == ["inner"]


@pytest.mark.part("storing")
@pytest.mark.points(2)
def test_uploads_at_once_do_not_overwrite_each_other(observer: Observer, tmp_path: Path) -> None:
    """Twenty at once under one name: twenty files, none lost."""
    names = observer.observe(
        observations.stored_at_once, folder=str(tmp_path), name="cat.png", count=20
    )
    contents = [(tmp_path / name).read_text() for name in names]
    assert contents == [str(job) for job in range(20)]
    assert names_in(tmp_path) == sorted(set(names))


@pytest.mark.part("storing")
@posix_only
def test_storing_without_hard_links(observer: Observer, tmp_path: Path) -> None:
    """Where the file system has no hard links, files are stored too, and none is overwritten."""
    names = observer.observe(
        observations.stored_without_links, folder=str(tmp_path), name="a.png", contents=["1", "2"]
    )
    assert names == ["a.png", "a (2).png"]
    assert [(tmp_path / name).read_text() for name in names] == ["1", "2"]


def test_a_full_folder_takes_no_more(observer: Observer, tmp_path: Path) -> None:
    """The bytes of all files together have a limit; what exceeds it leaves nothing behind."""
    contents = ["x" * 60, "y" * 40, "z"]
    first, second, third = observer.observe(
        observations.stored, folder=str(tmp_path), name="a", contents=contents, folder_limit=100
    )
    assert (first, second) == ("a", "a (2)")
    assert third.startswith("FolderFullError: ")
    assert names_in(tmp_path) == ["a", "a (2)"]


def test_a_removed_folder_is_made_again(observer: Observer, tmp_path: Path) -> None:
    """Someone has removed the folder: it is made again with the next file."""
    folder = tmp_path / "removed" / "folder"
    observer.observe(observations.stored, folder=str(folder), name="a", contents=["1"])
    assert names_in(folder) == ["a"]


def test_no_leftovers_when_storing_fails(observer: Observer, tmp_path: Path) -> None:
    """Where a file cannot be stored, no part of it stays."""
    blocked = tmp_path / "file"
    blocked.write_text("a file where the folder should be")
    (answer,) = observer.observe(observations.stored, folder=str(blocked), name="a", contents=["1"])
    assert "Error: " in answer
    assert names_in(tmp_path) == ["file"]


# Sharing


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A shared folder with two files, a folder in it, and secrets around it."""
    shared = tmp_path / "data"
    (shared / "inner").mkdir(parents=True)
    (shared / "cat.png").write_text("cat")
    (shared / "dog.png").write_text("doggy")
    (shared / ".hidden").write_text("secret")
    (shared / "inner" / "deep.png").write_text("secret")
    (tmp_path / "data-private").mkdir()
    (tmp_path / "data-private" / "key").write_text("secret")
    (tmp_path / "outside").write_text("secret")
    return shared


@pytest.mark.part("file_names")
@pytest.mark.points(1)
@BARE_NAMES
def test_files_are_shared(observer: Observer, folder: Path) -> None:
    """The plain files of the folder are listed by name, with their sizes, and can be read."""
    for name in "ebdac":
        (folder / f"frog {name}.png").write_text(name)
    seen = observer.observe(observations.shared, folder=str(folder))
    frogs = [(f"frog {name}.png", 1) for name in "abcde"]
    assert list(seen.items()) == [("cat.png", 3), ("dog.png", 5), *frogs]
    assert observer.observe(observations.read, folder=str(folder), name="dog.png") == "doggy"


@pytest.mark.part("file_names")
@pytest.mark.points(3)
@BARE_NAMES
@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../outside",
        "../data-private/key",
        "inner",
        "inner/deep.png",
        "inner/../cat.png",
        "inner\\deep.png",
        "..\\outside",
        "/etc/passwd",
        "C:\\Windows\\win.ini",
        "\\\\server\\share\\x",
        "cat.png\0.txt",
        "cat.png ",
        "cat.png.",
        "./cat.png",
        ".hidden",
        "missing.png",
        "x" * 300,
    ],
)
def test_nothing_else_is_shared(observer: Observer, folder: Path, name: str) -> None:
    """No name leads out of the folder, into a folder of it, or to a hidden file."""
    answer = observer.observe(observations.read, folder=str(folder), name=name)
    assert answer.startswith("not shared: ")
    absolute = observer.observe(
        observations.read, folder=str(folder), name=str(folder.parent / "outside")
    )
    assert absolute.startswith("not shared: ")


@pytest.mark.part("file_names")
@pytest.mark.points(2)
@BARE_NAMES
@posix_only
def test_links_and_pipes_are_not_shared(observer: Observer, folder: Path) -> None:
    """Symbolic links, named pipes and sockets are neither listed nor read."""
    (folder / "link.png").symlink_to(folder.parent / "outside")
    (folder / "inside.png").symlink_to(folder / "cat.png")
    (folder / "away").symlink_to(folder.parent)
    os.mkfifo(folder / "pipe.png")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "s"))
        assert list(observer.observe(observations.shared, folder=str(folder))) == [
            "cat.png",
            "dog.png",
        ]
        for name in ("link.png", "inside.png", "away", "pipe.png", "s"):
            answer = observer.observe(observations.read, folder=str(folder), name=name)
            assert answer == "not shared: no such file here", name


@pytest.mark.part("file_names")
@pytest.mark.points(1)
@BARE_NAMES
def test_a_file_may_be_too_large_to_read(observer: Observer, folder: Path) -> None:
    """More than the limit is not read; as much as the limit is."""
    read = observer.observe(observations.read, folder=str(folder), name="dog.png", limit=5)
    assert read == "doggy"
    assert (
        observer.observe(observations.read, folder=str(folder), name="dog.png", limit=4)
        == "not shared: larger than 4 bytes"
    )


@pytest.mark.part("file_names")
@pytest.mark.points(1)
@BARE_NAMES
def test_a_removed_folder_shares_nothing(observer: Observer, tmp_path: Path) -> None:
    """Someone has removed the folder: the list is empty, and nothing breaks."""
    assert observer.observe(observations.shared, folder=str(tmp_path / "none")) == {}
