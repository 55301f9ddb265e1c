"""The session with downloads: what files there are, and fetching them.

The conversation about a file is a few verbs more; `downloads` remembers what was asked, and runs
each download in a thread of its own.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from stage1_basic.lines import clean_text, decode_text, encode_line
from stage2_gui.answers import UNKNOWN_VERB, ListRequests
from stage3_images.names import is_safe
from stage3_images.session import Session as ImageSession
from stage4_udp_files.downloads import LARGEST_SIZE, Downloads
from stage4_udp_files.events import DownloadFailed, FilesListed, NoFiles, SharedFile
from stage4_udp_files.running_download import DownloadOptions

NO_FILES = "this server has no files (they begin with the server of stage 4)"


class Session(ImageSession):
    """Stage 3's session, with downloads."""

    stage = 4

    def __init__(
        self,
        put_event: Callable[[Any], None],
        start_server: str,
        received: Path,
        options: DownloadOptions,
    ) -> None:
        super().__init__(put_event, start_server, received)
        self.downloads = Downloads(
            options, lambda text: self.link.send(encode_line(text)), put_event
        )
        self.server_has_files = False  # until it has said which
        self._file_requests = ListRequests(lambda: self._send("FILES:"))

    # The connection.

    def connected(self, address: str) -> None:
        """The connection stands."""
        self.downloads.server = address
        super().connected(address)

    def greet(self) -> None:
        """Ask for the files first, so that it is known whether there are any."""
        self._file_requests.ask(for_user=False)
        super().greet()

    def finish(self) -> None:
        """Leave once the downloads have ended."""
        self.downloads.finish(super().finish)

    def _forget(self) -> None:
        super()._forget()
        self.server_has_files = False
        self._file_requests.forget()
        self.downloads.connection_lost()

    # What a user can do.

    def list_files(self) -> None:
        """Ask for the server's files."""
        if self._files_usable():
            self._file_requests.ask(for_user=True)

    def download(self, name: str) -> None:
        """Download a file."""
        if not is_safe(name):
            self.put_event(DownloadFailed(clean_text(name), "not a plain file name"))
        elif self._files_usable() and not self.downloads.request(name):
            self.show_error(f"{name} is on its way already")

    def cancel_download(self, name: str) -> None:
        """End a download; asked for again, it goes on from there."""
        self.downloads.cancel(name)

    def help_lines(self) -> list[tuple[str, str]]:
        """What can be typed, and what it does."""
        own = [
            ("/files", "which files the server has (also: files)"),
            ("/download NAME", "fetch a file over UDP (also: download,NAME)"),
        ]
        *earlier, help_line, quit_line = super().help_lines()
        return [*earlier, *own, help_line, quit_line]

    # What the server says.

    def received_file_list(self, rest: bytes) -> None:
        """`FILE_LIST:<json array of {"name","size"}>`."""
        self.server_has_files = True
        files = files_in_list(decode_text(rest))
        self.put_event(FilesListed(files, self._file_requests.answered()))

    def refused_files(self, why: str) -> None:
        """A server of an earlier stage: there are no files."""
        asked_for = self._file_requests.answered()
        if why == UNKNOWN_VERB:
            self.put_event(NoFiles())
        elif asked_for:
            self.show_error(why)

    def received_download_ready(self, rest: bytes) -> None:
        """`DOWNLOAD_READY:<json>`."""
        self.downloads.ready(decode_text(rest))

    def received_file_error(self, rest: bytes) -> None:
        """`FILE_ERROR:<filename>|<text>`."""
        name, _, why = decode_text(rest).partition("|")
        self.downloads.refused(name, why)

    def refused_download(self, why: str) -> None:
        """The whole line was refused."""
        self.downloads.refused("", why)

    def refused_cancel(self, why: str) -> None:  # noqa: ARG002 - it had ended: all the better
        """There is no such download any more."""
        self.downloads.cancel_refused()

    # How it is done.

    def _files_usable(self) -> bool:
        if not self._connected_or_told():
            return False
        if not self.server_has_files:
            self.show_error(NO_FILES)
        return self.server_has_files


def files_in_list(text: str) -> tuple[SharedFile, ...]:
    """Read a FILE_LIST from a server that may send anything; what is no file is left out."""
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    if not isinstance(entries, list):
        return ()
    return tuple(
        SharedFile(clean_text(entry["name"]), entry["size"])
        for entry in entries
        if isinstance(entry, dict)
        and isinstance(entry.get("name"), str)
        and type(entry.get("size")) is int
        and 0 <= entry["size"] < LARGEST_SIZE
    )
