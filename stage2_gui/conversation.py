"""The conversation: text that can be read, selected and copied, and never grows without end.

Strategy: lines come in batches, and each batch is one call of Tk's `insert`, whatever its size; the
oldest lines are cut off. Lines of one sender within a minute share a heading with name and time.
The view follows new lines only when it was at the end: who reads further up is left in peace.
"""

import re
import time
import tkinter as tk
from collections.abc import Sequence
from tkinter import ttk
from typing import Any

from stage2_gui.events import Line
from stage2_gui.showable import Showable
from stage2_gui.theme import Theme

SCROLLBACK = 5_000
"""How many lines are kept."""

LONGEST_PIECE = 2_000
"""Tk is slow at very long lines, so they are shown as several of so many characters."""


HELP_COLUMN = 20  # characters before the explanation of a command
AT_END = 0.9999  # the part of the text above the lower edge of the view, when its end is in view
MOVES = ("<MouseWheel>", "<Button-4>", "<Button-5>", "<B1-Motion>", "<KeyRelease>")


class Conversation(ttk.Frame):
    """What was said. `text` is the widget with all of it."""

    def __init__(self, parent: tk.Misc, theme: Theme, showable: Showable) -> None:
        super().__init__(parent, style="Surface.TFrame")
        self._theme = theme
        self._showable = showable
        self._heading: tuple[str, ...] = ()
        self._mention: re.Pattern[str] | None = None
        self._following = True  # new lines come into view
        self._below = 0  # lines that came while the reader was further up
        self.text = tk.Text(self, state="disabled", wrap="word", takefocus=True)
        self.scrollbar = ttk.Scrollbar(self, command=self._dragged, takefocus=False)
        self.text.configure(yscrollcommand=self._scrolled)
        self.newest_button = ttk.Button(
            self, style="Surface.Accent.TButton", command=self.show_newest
        )
        self.newest_button.configure(takefocus=False)
        self.scrollbar.pack(side="right", fill="y")
        self.text.pack(side="left", fill="both", expand=True)
        self._bind_keys()
        self.restyle()

    def watch_for(self, nickname: str) -> None:
        """Highlight lines that mention this nickname."""
        name = re.escape(nickname)
        self._mention = re.compile(rf"(?<!\w){name}(?!\w)", re.IGNORECASE)

    def add(self, lines: Sequence[Line]) -> None:
        """Add lines at the end."""
        pieces: list[str | tuple[str, ...]] = []
        for line in lines[-SCROLLBACK:]:
            self._lay_out(line, pieces)
        self.text.configure(state="normal")
        self.text.insert("end", *pieces)  # type: ignore[arg-type] # text, tags, text, tags, …
        excess = int(self.text.index("end-1c").partition(".")[0]) - 1 - SCROLLBACK
        if excess > 0:
            self.text.delete("1.0", f"{excess + 1}.0")
        self.text.configure(state="disabled")
        if self._following:
            self.text.see("end")
        else:
            self._tell_of_newer(len(lines))

    def clear(self) -> None:
        """Remove everything."""
        self.text.configure(state="normal")
        self.text.delete("1.0", "end")
        self.text.configure(state="disabled")
        self._heading = ()
        self.show_newest()

    def is_at_end(self) -> bool:
        """Whether the newest line is in view."""
        return self.text.yview()[1] >= AT_END

    def show_newest(self) -> None:
        """Bring the newest line into view."""
        self.text.see("end")
        self._following = True
        self._below = 0
        self.newest_button.place_forget()

    def scroll_pages(self, pages: int) -> None:
        """Move the view by so many pages, down if positive."""
        self.text.yview_scroll(pages, "pages")
        self._look_where_we_are()

    # How a line looks.

    def _lay_out(self, line: Line, pieces: list[str | tuple[str, ...]]) -> None:
        text, clock = self._showable(line.text), time.strftime("%H:%M")
        if line.kind == "system":
            look = "help" if line.sender == "Help" else "system"
            self._heading = ()
            pieces += [f"{text}\n", (look,)]
            return
        if self._heading != (line.kind, line.sender, clock):
            self._heading = (line.kind, line.sender, clock)
            self._lay_out_heading(line, clock, pieces)
        mentioned = line.kind in ("other", "server") and self.mentions_user(text)
        look = "mention" if mentioned else line.kind
        for start in range(0, max(len(text), 1), LONGEST_PIECE):
            pieces += [f"{text[start : start + LONGEST_PIECE]}\n", ("body", f"body {look}")]

    def _lay_out_heading(self, line: Line, clock: str, pieces: list[str | tuple[str, ...]]) -> None:
        sender, look = self._showable(line.sender), f"body {line.kind}"
        if line.kind == "private":
            sender = sender.replace(" > ", " \u2192 ")
            clock = f"{clock}  private"
        number = self._theme.sender_number(line.sender)
        name = f"name {number if line.kind == 'other' else line.kind}"
        pieces += [sender, ("heading", look, name), f"   {clock}\n", ("heading", look, "time")]

    def mentions_user(self, text: str) -> bool:
        """Whether the user's nickname is in a text."""
        return self._mention is not None and self._mention.search(text) is not None

    def restyle(self) -> None:
        """Take over the colours of the theme."""
        theme, colours, tag = self._theme, self._theme.palette, self.text.tag_configure
        self.text.configure(
            background=colours.surface,
            foreground=colours.text,
            insertbackground=colours.text,
            selectbackground=colours.selection,
            selectforeground=colours.text,
            inactiveselectbackground=colours.selection,
            font=theme.font,
            borderwidth=0,
            highlightthickness=0,
            padx=0,
            pady=theme.pixels(10),
        )
        margin = theme.pixels(18)
        indents: Any = {"lmargin1": margin, "lmargin2": margin, "rmargin": margin}
        tag("body", spacing1=theme.pixels(1), spacing3=theme.pixels(3), **indents)
        tag("heading", font=theme.bold, spacing1=theme.pixels(9), **indents)
        tag("time", font=theme.small, foreground=colours.muted)
        quiet: Any = {"font": theme.small, "foreground": colours.muted, "spacing3": theme.pixels(3)}
        tag("system", justify="center", spacing1=theme.pixels(3), **quiet, **indents)
        column = margin + theme.fixed.measure(" " * HELP_COLUMN)
        tag("help", font=theme.fixed, foreground=colours.muted, **indents | {"lmargin2": column})
        self._colour_kinds()
        self.text.tag_raise("sel")

    def _colour_kinds(self) -> None:
        colours, tag = self._theme.palette, self.text.tag_configure
        for kind in ("you", "private", "server"):
            tag(f"name {kind}", foreground=getattr(colours, kind))
        tag("name error", foreground=colours.bad)
        for number, colour in enumerate(colours.senders):
            tag(f"name {number}", foreground=colour)
        for look, surface in (
            ("private", colours.private_surface),
            ("error", colours.error_surface),
            ("mention", colours.mention_surface),
        ):
            edges: Any = {"lmargincolor": surface, "rmargincolor": surface}
            tag(f"body {look}", background=surface, **edges)

    # What the reader does.

    def _bind_keys(self) -> None:
        self.text.bind("<Button-1>", lambda _: self.text.focus_set(), add=True)
        for modifier in ("Control", "Command") if self._is_mac() else ("Control",):
            self.text.bind(f"<{modifier}-a>", self._select_all)
        for move in MOVES:  # once Tk itself has handled it
            self.text.bind(move, lambda _: self.after_idle(self._look_where_we_are), add=True)
        for change in ("<<WidgetViewSync>>", "<Configure>"):
            self.text.bind(change, self._keep_up)
        self._menu = tk.Menu(self, tearoff=False)
        self._menu.add_command(label="Copy", command=self.copy)
        self._menu.add_command(label="Select All", command=self._select_all)
        self._menu.add_command(label="Clear", command=self.clear)
        for button in ("<Button-3>", "<Button-2>") if self._is_mac() else ("<Button-3>",):
            self.text.bind(button, lambda event: self._menu.tk_popup(event.x_root, event.y_root))

    def copy(self) -> None:
        """Copy what is selected."""
        self.text.event_generate("<<Copy>>")

    def _select_all(self, _event: object = None) -> str:
        self.text.tag_add("sel", "1.0", "end-1c")
        return "break"

    def _is_mac(self) -> bool:
        return bool(self.tk.call("tk", "windowingsystem") == "aqua")

    def _scrolled(self, first: Any, last: Any) -> None:
        self.scrollbar.set(first, last)
        if self._below and float(last) >= AT_END:
            self.show_newest()

    def _dragged(self, *where: Any) -> None:
        self.text.yview(*where)
        self._look_where_we_are()

    def _look_where_we_are(self) -> None:
        """The reader has moved the view: follow new lines only from the end."""
        self._following = self.is_at_end()

    def _keep_up(self, _event: object) -> None:
        """Tk works out the height of lines after they were inserted, and when the width changes."""
        if self._following and not self.is_at_end():
            self.text.see("end")

    def _tell_of_newer(self, count: int) -> None:
        self._below += count
        self.newest_button.configure(text=f"\u2193 {self._below:,} new")
        self.newest_button.place(relx=0.5, rely=1.0, y=-self._theme.pixels(12), anchor="s")
