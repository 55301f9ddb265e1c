"""One download in the window: its name, how far and how fast it is, what can be done about it."""

import tkinter as tk
from collections.abc import Callable
from dataclasses import dataclass
from tkinter import ttk

from stage2_gui.showable import Showable
from stage2_gui.theme import Theme
from stage3_images.images import readable_size
from stage4_udp_files.console import amount
from stage4_udp_files.events import DownloadFailed, DownloadFinished, DownloadProgress

WHY_LENGTH = 60  # characters; the conversation has the whole reason

PADDING = 4  # pixels that a label keeps around its text


@dataclass(frozen=True, slots=True)
class DownloadActions:
    """What the buttons of a bar do, for the file of that name."""

    cancel: Callable[[str], None]
    go_on: Callable[[str], None]
    open_folder: Callable[[], None]


class DownloadBar(ttk.Frame):
    """While it runs it can be cancelled, then continued or hidden; when done, looked at."""

    def __init__(
        self,
        parent: tk.Misc,
        theme: Theme,
        showable: Showable,
        name: str,
        actions: DownloadActions,
        hide: Callable[[], None],
    ) -> None:
        super().__init__(parent, padding=(0, 0, 0, theme.pixels(8)))
        self.name = name
        self._actions = actions
        gap = theme.pixels(10)
        self._shown_name, self._font = showable(name), theme.bold
        self._come = ""  # how much there is of it, in words
        self.name_label = ttk.Label(self, font=theme.bold, width=1)
        self.facts_label = ttk.Label(self, style="Muted.TLabel", anchor="e")
        self.progress_bar = ttk.Progressbar(self, maximum=1.0)
        self.action_button = ttk.Button(self, width=11)
        self.hide_button = ttk.Button(self, text="Hide", command=hide)
        self.columnconfigure(0, weight=1)
        self.columnconfigure(3, minsize=self.hide_button.winfo_reqwidth() + gap // 2)
        self.name_label.grid(row=0, column=0, sticky="ew")
        self.facts_label.grid(row=0, column=1, sticky="e", padx=(gap, 0))
        self.progress_bar.grid(row=1, column=0, columnspan=2, sticky="ew", pady=(gap // 2, 0))
        self.action_button.grid(row=0, column=2, rowspan=2, padx=(gap, 0))
        self.name_label.bind("<Configure>", lambda event: self._fit_name(event.width))

    @property
    def facts(self) -> str:
        """What it says about the download."""
        return str(self.facts_label["text"])

    def show_started(self, size: int) -> None:
        """So many bytes are on their way."""
        self._show("Muted", f"{readable_size(size)}, waiting for the first packet")
        self._offer("Cancel", lambda: self._actions.cancel(self.name))
        self.hide_button.grid_forget()

    def show_progress(self, event: DownloadProgress) -> None:
        """So much of it has come."""
        self.progress_bar.configure(value=event.received / event.size if event.size else 1.0)
        self._come = f"{readable_size(event.received)} of {readable_size(event.size)}"
        self._show("Muted", progress_facts(event))

    def show_finished(self, event: DownloadFinished) -> None:
        """It is here, and verified."""
        self.progress_bar.configure(value=1.0)
        self._show("Good", finished_facts(event))
        self._offer("Open Folder", self._actions.open_folder)
        self._offer_to_hide()

    def show_failed(self, event: DownloadFailed) -> None:
        """It has ended before its end; what has come is kept."""
        if event.cancelled:
            self._show("Muted", f"cancelled, {self._come or 'nothing'} is kept")
        else:
            self._show("Bad", shortened(event.why))
        self._offer("Continue", lambda: self._actions.go_on(self.name))
        self._offer_to_hide()

    def _show(self, look: str, facts: str) -> None:
        self.facts_label.configure(style=f"{look}.TLabel", text=facts)
        bar = "" if look == "Muted" else f"{look}."
        self.progress_bar.configure(style=f"{bar}Horizontal.TProgressbar")

    def _offer(self, text: str, action: Callable[[], None]) -> None:
        self.action_button.configure(text=text, command=action)

    def _offer_to_hide(self) -> None:
        self.hide_button.grid(row=0, column=3, rowspan=2, sticky="e")

    def _fit_name(self, width: int) -> None:
        """Show as much of the name as there is room for."""
        text = self._shown_name
        while len(text) > 1 and self._font.measure(text) > width - PADDING:
            text = text[:-2] + "\u2026"
        self.name_label.configure(text=text)


def progress_facts(event: DownloadProgress) -> str:
    """How far, how fast, how long still, and how many packets had to be sent again."""
    left = event.seconds_left
    facts = [
        f"{readable_size(event.received)} of {readable_size(event.size)}",
        f"{readable_size(int(event.speed))}/s",
        f"{readable_time(left)} left" if left is not None else "stalled",
        f"{event.repeated:,} sent again",
    ]
    return " \u00b7 ".join(facts)


def finished_facts(event: DownloadFinished) -> str:
    """What the download has cost, in the shape of the facts before."""
    facts = [
        f"{amount(event)} in {event.seconds:.1f} s",
        f"{readable_size(int(event.speed))}/s",
        f"{event.repeated:,} sent again",
        "verified",
    ]
    return " \u00b7 ".join(facts)


def shortened(why: str) -> str:
    """A reason that may be a server's, in at most a line."""
    return why if len(why) <= WHY_LENGTH else f"{why[:WHY_LENGTH]}\u2026"


def readable_time(seconds: float) -> str:
    """Seconds, minutes or hours, in one number that is easily read."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * 60 else f"{seconds / 3600:,.0f} h"
