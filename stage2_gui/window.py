"""The session's face in a window.

Strategy: only the main thread touches Tk. What the session's threads have to tell comes through the
event pump; what would wait for the network is the session's to do. A later stage makes a subclass
that adds buttons, panels and events by the methods `build_…` and `handle`, each calling the one
that it extends.
"""

from collections.abc import Callable
from tkinter import ttk
from typing import Any

from stage2_gui.commands import Quit
from stage2_gui.connection_bar import ConnectionBar
from stage2_gui.conversation import Conversation
from stage2_gui.dialogs import Dialog, cancel_file_dialog
from stage2_gui.event_pump import EventPump
from stage2_gui.events import (
    Connected,
    ConnectFailed,
    Connecting,
    Disconnected,
    Finished,
    Kind,
    Line,
    NicknameAccepted,
    NicknameRefused,
    OnlineChanged,
)
from stage2_gui.joining import Joining
from stage2_gui.message_entry import MessageEntry
from stage2_gui.news import News
from stage2_gui.online_list import OnlineList
from stage2_gui.palettes import Palette, other_look, system_palette
from stage2_gui.root_window import RootWindow
from stage2_gui.session import MakeSession
from stage2_gui.showable import Showable
from stage2_gui.theme import Theme
from stage2_gui.toolbar import Toolbar
from stage2_gui.window_title import WindowTitle

GOODBYE = 2_000  # milliseconds that the server has for our last words after the window is closed


class ChatWindow:
    """The main window. `make_session` is given where to put the events.

    Raises RuntimeError where there is no display.
    """

    def __init__(self, make_session: MakeSession, palette: Palette | None = None) -> None:
        self.root = RootWindow(lambda text: self.show_line("error", "Error", text))
        self.failures = self.root.failures
        self.theme = Theme(self.root, palette or system_palette())
        self.showable = Showable(self.root)
        self.title = WindowTitle(self.root, self.showable)
        self.pump = EventPump(self.root, self.handle, self._end_turn)
        self.put_event = self.pump.put  # the one method that any thread may call
        self.session = make_session(self.put_event)
        self.joining = Joining(
            self.session, self.root, self.theme, self.showable, self._begin_to_join
        )
        self._closing = False
        self.ended = False  # nothing is left to do but to destroy the window
        self._build()
        self.news = News(self.conversation, self.online_list, self.title)
        self._bind_keys()
        self.restyle()

    def run(self, host: str, port: int, nickname: str | None) -> int:
        """Show the window until it is closed; the exit code."""
        self.open(host, port, nickname)
        self.root.mainloop()
        self.session.disconnect()
        self.root.destroy()
        return 0

    def open(self, host: str, port: int, nickname: str | None) -> None:
        """Join as `nickname`, or ask how, and begin to show events."""
        if nickname is not None:
            self.joining.join(host, port, nickname)
        else:
            self.joining.ask(host, port, cancelled=self.close)
        self.pump.start()

    @property
    def dialog(self) -> Dialog | None:
        """The dialog about joining, if there was one."""
        return self.joining.dialog

    @property
    def has_focus(self) -> bool:
        """Whether the user is here."""
        return self.title.has_focus

    def _end_turn(self) -> None:
        self.news.show_some()

    def handle(self, event: Any) -> None:
        """Take in one event. Later stages handle theirs first."""
        match event:
            case Line():
                self.news.add(event)
            case OnlineChanged(names):
                self.news.set_online(names, self.session.nickname)
            case Connecting(address):
                self.bar.show_connecting(address)
            case Connected(address):
                self.bar.show_connected(address)
                self.show_line("system", "System", f"Connected to {address}")
            case ConnectFailed(advice):
                self._connect_failed(advice)
            case Disconnected(why):
                self._disconnected(why)
            case NicknameAccepted(nickname):
                self._named(nickname)
            case NicknameRefused(nickname, why):
                self._nickname_refused(nickname, why)
            case Quit():
                self.close()

    def show_line(self, kind: Kind, sender: str, text: str) -> None:
        """Put a line of the window's own into the conversation."""
        self.news.add(Line(kind, sender, text))

    # Building. Later stages extend these.

    def _build(self) -> None:
        gap = self.theme.pixels(10)
        self.root.geometry(f"{self.theme.pixels(920)}x{self.theme.pixels(620)}")
        self.root.minsize(self.theme.pixels(520), self.theme.pixels(360))
        self.root.columnconfigure(0, weight=1)
        self.root.rowconfigure(2, weight=1)
        self.build_bottom(ttk.Frame(self.root, padding=(gap, 0, gap, gap)))
        self.build_middle(ttk.Frame(self.root, padding=gap))
        self.bar = ConnectionBar(self.root, self.theme, self.connect_pressed, self.change_look)
        self.connect_button = self.bar.connect_button
        self.bar.grid(row=0, sticky="ew")
        ttk.Frame(self.root, style="Border.TFrame", height=1).grid(row=1, sticky="ew")

    def build_middle(self, frame: ttk.Frame) -> None:
        """The conversation, and the panel beside it."""
        frame.grid(row=2, sticky="nsew")
        frame.columnconfigure(0, weight=1)
        frame.rowconfigure(0, weight=1)
        edge = ttk.Frame(frame, style="Border.TFrame", padding=1)
        edge.grid(row=0, column=0, sticky="nsew")
        self.conversation = Conversation(edge, self.theme, self.showable)
        self.conversation.pack(fill="both", expand=True)
        self.side_panel = ttk.Frame(frame, padding=(self.theme.pixels(10), 0, 0, 0))
        self.side_panel.grid(row=0, column=1, sticky="nsew")
        self.build_side_panel(self.side_panel)

    def build_side_panel(self, panel: ttk.Frame) -> None:
        """What stands to the right of the conversation."""
        self.online_list = OnlineList(panel, self.theme, self.showable, self.entry.begin_private)
        self.online_list.pack(fill="both", expand=True)

    def build_bottom(self, frame: ttk.Frame) -> None:
        """What stands below: a place for panels of later stages, the entry, and the buttons."""
        frame.grid(row=3, sticky="ew")
        frame.columnconfigure(0, weight=1)
        small = self.theme.pixels(8)
        self.entry = MessageEntry(frame, self.theme.font, self.send_text)
        self.send_button = ttk.Button(
            frame, text="Send", style="Accent.TButton", command=self.send_pressed
        )
        self.lower_panel = ttk.Frame(frame)
        self.toolbar = Toolbar(frame, self.theme)
        self.lower_panel.grid(row=0, column=0, columnspan=2, sticky="ew")
        self.entry.grid(row=1, column=0, sticky="ew")
        self.send_button.grid(row=1, column=1, sticky="ns", padx=(small, 0))
        self.toolbar.grid(row=2, column=0, columnspan=2, sticky="ew", pady=(small, 0))
        self.build_toolbar()

    def build_toolbar(self) -> None:
        """The row of buttons below the entry."""
        self.online_button = self.add_button("Online List", self.list_online)
        self.clear_button = self.add_button("Clear", self.clear)
        self.toolbar.show_hint("Enter sends   \u2191 earlier lines   /help")

    def add_button(
        self, text: str, command: Callable[[], None], style: str = "TButton"
    ) -> ttk.Button:
        """Add a button to the toolbar."""
        button = ttk.Button(self.toolbar, text=text, command=command, style=style)
        self.toolbar.add(button)
        return button

    def _bind_keys(self) -> None:
        self.root.protocol("WM_DELETE_WINDOW", self.close)
        self.root.bind("<Control-l>", lambda _: self.clear())
        self.entry.bind("<Prior>", lambda _: self.conversation.scroll_pages(-1))
        self.entry.bind("<Next>", lambda _: self.conversation.scroll_pages(+1))

    # What the user does.

    def _begin_to_join(self, nickname: str) -> None:
        self.title.nickname = nickname
        self.bar.show_name(nickname)
        self.root.deiconify()
        self.entry.focus_set()

    def connect_pressed(self) -> None:
        """Connect again, or disconnect."""
        if self.connect_button["text"] == "Disconnect":
            self.session.disconnect()
        else:
            self.joining.join_again()

    def send_pressed(self) -> None:
        """Send what stands in the entry."""
        self.entry.submit()
        self.entry.focus_set()

    def send_text(self, text: str) -> None:
        """Do what was typed."""
        self.conversation.show_newest()
        if isinstance(self.session.typed(text), Quit):
            self.close()

    def list_online(self) -> None:
        """Show who is online in the conversation."""
        self.session.list_online()

    def clear(self) -> None:
        """Empty the conversation."""
        self.conversation.clear()
        self.entry.focus_set()

    def change_look(self) -> None:
        """Light to dark, dark to light."""
        self.theme.use(other_look(self.theme.palette))
        self.restyle()

    def restyle(self) -> None:
        """Give the theme's colours to all that is not ttk."""
        self.conversation.restyle()
        self.online_list.restyle()
        self.bar.look_button.configure(text=other_look(self.theme.palette).name.capitalize())

    def close(self) -> None:
        """Close the window; what was sent still goes out, for a bounded time."""
        if not self._closing:
            self._closing = True
            self.joining.close_dialog()
            cancel_file_dialog(self.root)
            self.root.withdraw()
            self.pump.stop_at(Finished, GOODBYE, self._end)
            self.session.finish()

    def _end(self) -> None:
        self.ended = True
        self.root.quit()

    # What events change.

    def _connect_failed(self, advice: str) -> None:
        self.bar.show_disconnected()
        self.show_line("error", "Error", advice)
        self.joining.failed(advice)

    def _disconnected(self, why: str) -> None:
        self.bar.show_disconnected()
        if why:
            self.show_line("error", "Error", f"Connection lost: {why}. Connect mends it.")
        else:
            self.show_line("system", "System", "Disconnected")

    def _named(self, nickname: str) -> None:
        self.joining.named(nickname)
        self.title.nickname = nickname
        self.bar.show_name(self.showable(nickname))
        self.conversation.watch_for(nickname)
        self.title.show()

    def _nickname_refused(self, nickname: str, why: str) -> None:
        self.show_line("error", "Error", why)
        self.joining.nickname_refused(nickname, why)
