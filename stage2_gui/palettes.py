"""The colours of the windows: one light and one dark look, and which of them the system prefers."""

import contextlib
import sys
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one look. `senders` must be readable on `surface`."""

    name: str
    background: str
    surface: str
    field: str
    border: str
    text: str
    muted: str
    accent: str
    accent_hover: str
    on_accent: str
    hover: str
    selection: str
    good: str
    bad: str
    warning: str
    private: str
    server: str
    you: str
    private_surface: str
    error_surface: str
    mention_surface: str
    senders: tuple[str, ...]


LIGHT = Palette(
    name="light",
    background="#f3f5f8",
    surface="#ffffff",
    field="#ffffff",
    border="#d5dbe3",
    text="#1d2733",
    muted="#6b7785",
    accent="#2563d9",
    accent_hover="#1d4fb3",
    on_accent="#ffffff",
    hover="#e6eaf0",
    selection="#cfe0ff",
    good="#1a8f4f",
    bad="#c93434",
    warning="#d97a0b",
    private="#8a3fb8",
    server="#b25a00",
    you="#2563d9",
    private_surface="#f7effc",
    error_surface="#fdeeee",
    mention_surface="#fff5d6",
    senders=(
        *("#0b7a75", "#a13d63", "#4a6b12", "#5b4bc4", "#9a5410"),
        *("#0f6f9c", "#8f3a8f", "#27713a", "#a8412e", "#486581"),
    ),
)

DARK = Palette(
    name="dark",
    background="#171b21",
    surface="#1f242c",
    field="#262c36",
    border="#3a424e",
    text="#e4e8ee",
    muted="#8e9aa9",
    accent="#3f7df0",
    accent_hover="#5a91f7",
    on_accent="#ffffff",
    hover="#2c333e",
    selection="#2f4f86",
    good="#48c07d",
    bad="#f07070",
    warning="#f0a040",
    private="#cf95f0",
    server="#f0ad5b",
    you="#7fadff",
    private_surface="#2b2434",
    error_surface="#35242a",
    mention_surface="#3a3423",
    senders=(
        *("#4fc9c0", "#f08bb0", "#a9cf60", "#a99cf7", "#e8a766"),
        *("#63bdea", "#dc90dc", "#74cb8c", "#f0907e", "#a5b9cf"),
    ),
)


def system_palette() -> Palette:
    """The look that the user chose for the whole system, where it can be asked simply."""
    if sys.platform == "win32":
        import winreg

        path = r"Software\Microsoft\Windows\CurrentVersion\Themes\Personalize"
        with contextlib.suppress(OSError), winreg.OpenKey(winreg.HKEY_CURRENT_USER, path) as key:
            return LIGHT if winreg.QueryValueEx(key, "AppsUseLightTheme")[0] else DARK
    return LIGHT


def other_look(palette: Palette) -> Palette:
    """The other look."""
    return DARK if palette.name == "light" else LIGHT
