"""What a Python may lack that pip cannot bring, and the one line that brings it on this system.

Debian and its relatives ship Python in parts; other systems have their own names for the rest.
"""

import importlib.util
import os
import platform
import sys
from pathlib import Path

VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
TKINTER_COMMANDS = {
    "debian": "sudo apt install {python}-tk",
    "fedora": "sudo dnf install python3-tkinter",
    "rhel": "sudo dnf install python3-tkinter",
    "arch": "sudo pacman -S tk",
    "suse": "sudo zypper install python3-tk",
    "alpine": "sudo apk add python3-tkinter",
}
VENV_COMMANDS = {"debian": "sudo apt install {python}-venv"}
WINDOWS_TKINTER = (
    "Settings > Apps > Installed apps > Python > Modify, and there tick “tcl/tk and IDLE”"
)


def cure_for_ensurepip() -> str | None:
    """What to do so that `python -m venv` works, or None when it does."""
    if importlib.util.find_spec("ensurepip"):
        return None
    return _linux_command(VENV_COMMANDS) or "a Python from https://www.python.org/downloads/ has it"


def cure_for_tkinter() -> str | None:
    """What to do so that windows work, or None when tkinter is here."""
    if importlib.util.find_spec("tkinter") and importlib.util.find_spec("_tkinter"):
        return None
    if sys.platform == "win32":
        return WINDOWS_TKINTER
    if sys.platform == "darwin":
        return f"brew install python-tk@{VERSION}"
    return _linux_command(TKINTER_COMMANDS) or "a Python that was built with Tcl/Tk has it"


def _linux_command(commands: dict[str, str]) -> str | None:
    """The command of this Linux, if this Python came from the system's packages."""
    if not Path(os.path.realpath(sys.executable)).is_relative_to("/usr/bin"):
        return None
    family = next((name for name in _family() if name in commands), None)
    return commands[family].format(python=_debian_name()) if family else None


def _family() -> list[str]:
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return []
    names = [release.get("ID", ""), *release.get("ID_LIKE", "").split()]
    return ["debian" if name == "ubuntu" else "suse" if "suse" in name else name for name in names]


def _debian_name() -> str:
    """Packages are called after python3 for the system's own version, else after the version."""
    systems_own = Path(os.path.realpath("/usr/bin/python3")).name
    return "python3" if systems_own == f"python{VERSION}" else f"python{VERSION}"
