"""What the system lacks is named in the words of that system."""

import importlib.util
import platform
import sys
from importlib.machinery import ModuleSpec

import pytest

from course_tools import system_packages
from course_tools.system_packages import VERSION, cure_for_ensurepip, cure_for_tkinter

DEBIAN = {"ID": "debian"}
MINT = {"ID": "linuxmint", "ID_LIKE": "ubuntu debian"}
FEDORA = {"ID": "fedora"}
TUMBLEWEED = {"ID": "opensuse-tumbleweed", "ID_LIKE": "opensuse suse"}
UNKNOWN = {"ID": "unheard-of"}


@pytest.fixture
def bare_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Python of the system's, without the parts that some systems ship apart."""
    real = importlib.util.find_spec

    def find_spec(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name in {"ensurepip", "_tkinter", "tkinter"} else real(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", find_spec)
    monkeypatch.setattr(sys, "executable", "/usr/bin/unlikely-python")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(system_packages, "_debian_name", lambda: "python3")


@pytest.mark.usefixtures("bare_python")
@pytest.mark.parametrize(
    ("release", "tkinter", "venv"),
    [
        (DEBIAN, "sudo apt install python3-tk", "sudo apt install python3-venv"),
        (MINT, "sudo apt install python3-tk", "sudo apt install python3-venv"),
        (FEDORA, "sudo dnf install python3-tkinter", "a Python from https://www.python.org"),
        (TUMBLEWEED, "sudo zypper install python3-tk", "a Python from https://www.python.org"),
        (UNKNOWN, "a Python that was built with Tcl/Tk", "a Python from https://www.python.org"),
    ],
)
def test_linux_families(
    monkeypatch: pytest.MonkeyPatch, release: dict[str, str], tkinter: str, venv: str
) -> None:
    """Each family of Linux gets its own command."""
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: release)
    assert str(cure_for_tkinter()).startswith(tkinter)
    assert str(cure_for_ensurepip()).startswith(venv)


@pytest.mark.usefixtures("bare_python")
@pytest.mark.parametrize(
    ("system", "expected"),
    [("darwin", f"brew install python-tk@{VERSION}"), ("win32", "> Modify")],
)
def test_macos_and_windows(monkeypatch: pytest.MonkeyPatch, system: str, expected: str) -> None:
    """macOS and Windows have their own ways to tkinter."""
    monkeypatch.setattr(sys, "platform", system)
    assert expected in str(cure_for_tkinter())
