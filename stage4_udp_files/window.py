"""The window with downloads: what the server has, and a bar for each file on its way.

Strategy: the session downloads in threads of its own, several files at once. Ten times a second
each brings an event, and the bar with that file's name shows it.
"""

from collections.abc import Callable
from tkinter import ttk
from typing import Any

from stage1_basic.command_line import UserError
from stage2_gui.events import Disconnected
from stage2_gui.palettes import Palette
from stage3_images.folders import open_folder, prepare_folder
from stage3_images.window import ChatWindow as ImageChatWindow
from stage4_udp_files.console import file_lines
from stage4_udp_files.download_bar import DownloadActions
from stage4_udp_files.download_list import DownloadList
from stage4_udp_files.events import (
    DownloadFailed,
    DownloadFinished,
    DownloadProgress,
    DownloadStarted,
    FilesListed,
    NoFiles,
    SharedFile,
)
from stage4_udp_files.file_browser import BrowserActions, FileBrowser
from stage4_udp_files.session import NO_FILES, Session


class ChatWindow(ImageChatWindow):
    """Stage 3's window, with downloads."""

    session: Session

    def __init__(
        self,
        make_session: Callable[[Callable[[Any], None]], Session],
        palette: Palette | None = None,
    ) -> None:
        self._file_browser: FileBrowser | None = None
        super().__init__(make_session, palette)

    # Building.

    def build_bottom(self, frame: ttk.Frame) -> None:
        """Stage 3's, with the downloads above the entry."""
        super().build_bottom(frame)
        actions = DownloadActions(
            cancel=self.session.cancel_download,
            go_on=self.session.download,
            open_folder=self.open_downloads,
        )
        self.downloads = DownloadList(self.lower_panel, self.theme, self.showable, actions)

    def build_toolbar(self) -> None:
        """The button for files, then stage 3's."""
        self.files_button = self.add_button("Files List", self.browse_files)
        super().build_toolbar()

    def restyle(self) -> None:
        """Give the theme's colours to all that is not ttk."""
        super().restyle()
        self.downloads.restyle()
        if self.file_browser is not None:
            self.file_browser.restyle()

    @property
    def file_browser(self) -> FileBrowser | None:
        """The list of the server's files, while it is open."""
        if self._file_browser is not None and not self._file_browser.winfo_exists():
            self._file_browser = None
        return self._file_browser

    # What the user does.

    def browse_files(self) -> None:
        """Show what the server has; where it has nothing, the session says so."""
        if self.file_browser is None and self.session.server_has_files:
            actions = BrowserActions(
                self.session.download, self.session.list_files, self.open_downloads
            )
            self._file_browser = FileBrowser(self.root, self.theme, self.showable, actions)
        if self.file_browser is not None:
            self.file_browser.lift()
        self.session.list_files()

    def open_downloads(self) -> None:
        """Open the folder with the downloaded files."""
        folder = self.session.downloads.options.folder
        try:
            prepare_folder(folder)
            open_folder(folder)
        except (OSError, UserError) as error:
            self.show_line("error", "Error", str(error))

    def close(self) -> None:
        """Close the window; what is on its way can be continued another day."""
        self.session.downloads.cancel_all()
        super().close()

    # What events change.

    def handle(self, event: Any) -> None:
        """Take in one event."""
        match event:
            case DownloadStarted(name, size):
                self.downloads.bar(name).show_started(size)
            case DownloadProgress(name):
                self.downloads.bar(name).show_progress(event)
            case DownloadFinished(name, path):
                self.downloads.bar(name).show_finished(event)
                self.show_line("system", "System", f"{name} is here, verified: {path}")
            case DownloadFailed():
                self._failed(event)
            case FilesListed(files, for_user):
                self._show_files(files, for_user)
            case NoFiles():
                self._say_in_browser(NO_FILES)
            case _:
                super().handle(event)
                if isinstance(event, Disconnected):
                    self._say_in_browser("Not connected")

    def _failed(self, event: DownloadFailed) -> None:
        if event.name in self.downloads.bars:
            self.downloads.bars[event.name].show_failed(event)
        if not event.cancelled:
            self.show_line("error", "Error", f"{event.name}: not downloaded: {event.why}")

    def _show_files(self, files: tuple[SharedFile, ...], for_user: bool) -> None:
        if self.file_browser is not None:
            self.file_browser.show(files)
        elif for_user:
            for line in file_lines(files):
                self.show_line("system", "System", line)

    def _say_in_browser(self, words: str) -> None:
        if self.file_browser is not None:
            self.file_browser.show_words(words)
