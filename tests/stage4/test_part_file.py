"""`name.part`: one owner, in order, never over anyone's file."""

import os
from pathlib import Path

import pytest

from stage4_udp_files.part_file import PartFile

pytestmark = [pytest.mark.stage(4), pytest.mark.insides]


def begun(
    folder: Path, content: bytes = b"", *, server: str = "here", version: str = "1"
) -> PartFile:
    """A part with this more in it."""
    part = PartFile(folder, "a.tar.gz", server, version)
    part.file.seek(0, os.SEEK_END)
    part.file.write(content)
    return part


def test_finished(tmp_path: Path) -> None:
    """One file is left, with the final name."""
    assert begun(tmp_path, b"content").finish() == tmp_path / "a.tar.gz"
    assert [path.name for path in tmp_path.iterdir()] == ["a.tar.gz"]
    assert (tmp_path / "a.tar.gz").read_bytes() == b"content"


def test_going_on(tmp_path: Path) -> None:
    """The same server and version: what has come is kept."""
    begun(tmp_path, b"first").close()
    part = begun(tmp_path, b" second")
    assert part.length == 12
    assert part.finish().read_bytes() == b"first second"


def test_another_version_begins_anew(tmp_path: Path) -> None:
    """The file has changed on the server: what has come is worth nothing."""
    begun(tmp_path, b"old").close()
    part = begun(tmp_path, version="2")
    assert part.length == 0
    assert part.path.name == "a.tar.gz.part"
    part.close()


def test_another_server_takes_another_name(tmp_path: Path) -> None:
    """What has come from elsewhere stays as it is."""
    begun(tmp_path, b"theirs", server="there").close()
    part = begun(tmp_path, b"ours")
    assert part.path.name == "a.tar (2).gz.part"
    assert part.finish().name == "a.tar (2).gz"
    assert (tmp_path / "a.tar.gz.part").read_bytes() == b"theirs"


def test_a_part_in_use_takes_another_name(tmp_path: Path) -> None:
    """Two downloads of one file at once do not write into one another."""
    first, second = begun(tmp_path, b"first"), begun(tmp_path, b"second")
    assert second.finish().read_bytes() == b"second"
    assert first.finish().read_bytes() == b"first"


def test_a_final_name_that_was_taken_meanwhile(tmp_path: Path) -> None:
    """Someone else makes a file of that name: it is not overwritten."""
    part = begun(tmp_path, b"new")
    (tmp_path / "a.tar.gz").write_bytes(b"mine")
    assert part.finish().name == "a.tar (2).gz"
    assert (tmp_path / "a.tar.gz").read_bytes() == b"mine"


def test_a_damaged_note_of_origin(tmp_path: Path) -> None:
    """Nobody knows any more what this part belongs to: it is left alone."""
    begun(tmp_path, b"what?").close()
    (tmp_path / ".a.tar.gz.part.json").write_text("{")
    part = begun(tmp_path)
    assert part.path.name == "a.tar (2).gz.part"
    part.close()


def test_a_file_system_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then it is renamed, and still never over another file."""

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    assert begun(tmp_path, b"one").finish().name == "a.tar.gz"
    assert begun(tmp_path, b"two").finish().name == "a.tar (2).gz"
    assert (tmp_path / "a.tar.gz").read_bytes() == b"one"


def test_a_file_called_like_a_note(tmp_path: Path) -> None:
    """A server has chosen the name of a file that lies here: that is nobody's note."""
    (tmp_path / "a.tar.gz.part.json").write_bytes(b"mine")
    assert begun(tmp_path, b"content").finish().name == "a.tar.gz"
    assert (tmp_path / "a.tar.gz.part.json").read_bytes() == b"mine"
