"""How the windows look: the fonts of each system, and ttk styles made from a palette.

Strategy: ttk's own `clam` theme can be coloured everywhere; buttons and entries get rounded shapes
as small images drawn here (`shapes`), which ttk stretches. Lengths are given for 96 dots an inch
and scaled by `Theme.pixels`, so that the windows have the same size on a dense screen.
"""

import contextlib
import sys
import tkinter as tk
import zlib
from tkinter import font as tk_font
from tkinter import ttk
from typing import Any

from stage2_gui.nicknames import nickname_key
from stage2_gui.palettes import Palette
from stage2_gui.shapes import corner_size, rounded_rectangle

FAMILIES = (
    "Segoe UI",
    "SF Pro Text",
    "Helvetica Neue",
    "Inter",
    "Noto Sans",
    "Cantarell",
    "Ubuntu",
)
FIXED_FAMILIES = ("Cascadia Mono", "Consolas", "Menlo", "Noto Sans Mono", "DejaVu Sans Mono")
CORNER = 7  # pixels at 96 dots an inch


def be_crisp() -> None:
    """Tell Windows, before the first window, that its bitmaps need not be stretched for us."""
    if sys.platform == "win32":
        import ctypes

        with contextlib.suppress(AttributeError, OSError):  # Windows 7 and older
            ctypes.windll.shcore.SetProcessDpiAwareness(1)


class Theme:
    """The look of one program: a palette that can be exchanged, fonts, the scale of the screen."""

    def __init__(self, root: tk.Tk, palette: Palette) -> None:
        self.palette = palette
        self._root = root
        self._style = ttk.Style(root)
        self._scale = max(1.0, root.winfo_fpixels("1i") / 96)
        self._images: list[tk.PhotoImage] = []  # Tk forgets an image that Python has forgotten
        self._choose_fonts()
        self._style.theme_create("light", parent="clam")
        self._style.theme_create("dark", parent="clam")
        self.use(palette)

    def pixels(self, length: int) -> int:
        """A length for 96 dots an inch, in pixels of this screen."""
        return round(length * self._scale)

    def sender_number(self, sender: str) -> int:
        """Which of the palette's colours for senders is this one's: the same one every day."""
        key = nickname_key(sender).encode("utf-8", "replace")
        return zlib.crc32(key) % len(self.palette.senders)

    def sender_colour(self, sender: str) -> str:
        """The colour of someone's name."""
        return self.palette.senders[self.sender_number(sender)]

    def use(self, palette: Palette) -> None:
        """Colour every ttk widget anew. Widgets that are not ttk ask the palette themselves."""
        self.palette = palette
        self._style.theme_use(palette.name)
        self._root.configure(background=palette.background)
        self._style_basics()
        if f"{palette.name}.field" not in self._style.element_names():
            self._draw_elements()
        self._style_buttons()
        self._style_fields()
        self._style_scrollbars()
        self._style_list()
        self._style_progress()

    def _choose_fonts(self) -> None:
        available = set(tk_font.families(self._root))
        size = 13 if sys.platform == "darwin" else 10
        family = next((name for name in FAMILIES if name in available), None)
        fixed = next((name for name in FIXED_FAMILIES if name in available), None)
        for name in ("TkDefaultFont", "TkTextFont", "TkMenuFont", "TkHeadingFont", "TkFixedFont"):
            wanted = fixed if name == "TkFixedFont" else family
            font = tk_font.nametofont(name, self._root)
            font.configure(size=size, weight="normal")
            if wanted:
                font.configure(family=wanted)
        self.font = tk_font.nametofont("TkTextFont", self._root)
        self.fixed = tk_font.nametofont("TkFixedFont", self._root)
        self.bold = self._variant(weight="bold")
        self.small = self._variant(size=size - 1)
        self.title = self._variant(size=size + 3, weight="bold")

    def _variant(self, **changes: Any) -> tk_font.Font:
        font = self.font.copy()
        font.configure(**changes)
        return font

    def _style_basics(self) -> None:
        colours, style = self.palette, self._style
        style.configure(
            ".",
            background=colours.background,
            foreground=colours.text,
            bordercolor=colours.border,
            focuscolor=colours.accent,
            font=self.font,
        )
        style.configure("Surface.TFrame", background=colours.surface)
        style.configure("Border.TFrame", background=colours.border)
        style.configure("Surface.TLabel", background=colours.surface)
        style.configure("Title.TLabel", background=colours.surface, font=self.title)
        for name, colour in (
            ("Muted", colours.muted),
            ("Bad", colours.bad),
            ("Good", colours.good),
        ):
            style.configure(f"{name}.TLabel", foreground=colour, font=self.small)
            style.configure(
                f"{name}.Surface.TLabel",
                foreground=colour,
                background=colours.surface,
                font=self.small,
            )
        style.configure("Heading.TLabel", foreground=colours.muted, font=self.bold)

    def _draw_elements(self) -> None:
        """Draw buttons and fields for both grounds on which they stand."""
        p = self.palette
        for prefix, ground in (("", p.background), ("Surface.", p.surface)):
            plain, hover = (p.border, p.surface), (p.border, p.hover)
            self._element(f"{prefix}field", ground, plain, plain, (p.accent, p.field, p.accent))
            self._element(f"{prefix}button", ground, plain, hover, (p.accent, p.surface, p.accent))
            accent, bright = (p.accent, p.accent), (p.accent_hover, p.accent_hover)
            ring = (p.accent, p.accent, p.on_accent)
            self._element(f"{prefix}Accent.button", ground, accent, bright, ring)
            orange = (p.warning, p.warning)
            ring = (p.warning, p.warning, p.on_accent)
            self._element(f"{prefix}Warning.button", ground, orange, orange, ring)

    def _element(
        self,
        name: str,
        ground: str,
        normal: tuple[str, ...],
        hover: tuple[str, ...],
        focus: tuple[str, ...],
    ) -> None:
        """Make a stretchable element. Colours: border, inside, and a ring inside the border."""
        radius = self.pixels(CORNER)

        def shape(colours: tuple[str, ...]) -> tk.PhotoImage:
            data = rounded_rectangle(radius, ground, *colours)
            self._images.append(tk.PhotoImage(master=self._root, data=data))
            return self._images[-1]

        off = shape((self.palette.border, ground))
        lit = shape(hover)
        states: Any = [
            ("disabled", off),
            ("pressed", lit),
            ("active", lit),
            ("focus", shape(focus)),
        ]
        self._style.element_create(
            f"{self.palette.name}.{name}",
            "image",
            shape(normal),
            *states,
            border=corner_size(radius),
            padding=0,
            sticky="nsew",
        )

    def _style_buttons(self) -> None:
        colours, style = self.palette, self._style
        padding = (self.pixels(12), self.pixels(6))
        inside: Any = [("Button.padding", {"sticky": "nswe", "children": [("Button.label", {})]})]
        for ground in ("", "Surface."):
            for kind, colour in (("", colours.text), ("Accent.", ""), ("Warning.", "")):
                name, element = f"{ground}{kind}TButton", f"{colours.name}.{ground}{kind}button"
                style.layout(name, [(element, {"sticky": "nswe", "children": inside})])
                style.configure(name, padding=padding, foreground=colour or colours.on_accent)
                style.configure(name, anchor="center")
                style.map(name, foreground=[("disabled", colours.muted)])

    def _style_fields(self) -> None:
        colours, style = self.palette, self._style
        inside: Any = [("Entry.padding", {"sticky": "nswe", "children": [("Entry.textarea", {})]})]
        for ground in ("", "Surface."):
            element = f"{colours.name}.{ground}field"
            style.layout(f"{ground}TEntry", [(element, {"sticky": "nswe", "children": inside})])
        style.configure(
            "TEntry",
            padding=(self.pixels(10), self.pixels(7)),
            foreground=colours.text,
            insertcolor=colours.text,
            selectbackground=colours.selection,
            selectforeground=colours.text,
        )
        style.map("TEntry", foreground=[("disabled", colours.muted)])

    def _style_scrollbars(self) -> None:
        self._style_scrollbar("Vertical.TScrollbar", self.palette.surface)
        self._style_scrollbar("Panel.Vertical.TScrollbar", self.palette.background)

    def _style_scrollbar(self, name: str, trough: str) -> None:
        """A flat bar without arrows, invisible where there is nothing to scroll."""
        colours, style = self.palette, self._style
        thumb: Any = [("Vertical.Scrollbar.thumb", {"expand": 1, "sticky": "nswe"})]
        style.layout(name, [("Vertical.Scrollbar.trough", {"sticky": "ns", "children": thumb})])
        width = self.pixels(9)
        style.configure(name, troughcolor=trough, bordercolor=trough, gripcount=0)
        style.configure(name, width=width, arrowsize=width, background=colours.border)
        style.configure(name, lightcolor=colours.border, darkcolor=colours.border)
        style.map(
            name,
            background=[("disabled", trough), ("active", colours.muted)],
            lightcolor=[("disabled", trough)],
            darkcolor=[("disabled", trough)],
            bordercolor=[("disabled", trough)],
        )

    def _style_list(self) -> None:
        colours, style = self.palette, self._style
        style.layout("Treeview", [("Treeview.treearea", {"sticky": "nswe"})])
        style.layout("Treeview.Item", [("Treeitem.text", {"sticky": "nswe"})])
        style.configure(
            "Treeview",
            background=colours.background,
            fieldbackground=colours.background,
            foreground=colours.text,
            rowheight=self.font.metrics("linespace") + self.pixels(10),
            borderwidth=0,
            indent=0,
        )
        style.map("Treeview", background=[("selected", "focus", colours.hover)])
        style.configure(
            "Surface.Treeview", background=colours.surface, fieldbackground=colours.surface
        )
        style.map("Surface.Treeview", background=[("selected", colours.selection)])

    def _style_progress(self) -> None:
        """A thin flat bar; what has ended well or badly has that colour."""
        colours, style = self.palette, self._style
        for kind, colour in (("", colours.accent), ("Good.", colours.good), ("Bad.", colours.bad)):
            style.configure(
                f"{kind}Horizontal.TProgressbar",
                background=colour,
                lightcolor=colour,
                darkcolor=colour,
                troughcolor=colours.hover,
                bordercolor=colours.hover,
                arrowsize=self.pixels(6),  # clam takes this for its thickness
            )
