"""The session with downloads on a console: what there is, what has begun, and how it ended."""

from collections.abc import Iterator, Sequence
from typing import Any

from stage3_images.console import ConsoleFace as ImageConsoleFace
from stage3_images.images import readable_size
from stage4_udp_files.events import (
    DownloadFailed,
    DownloadFinished,
    DownloadStarted,
    FilesListed,
    SharedFile,
)


def statistics(event: DownloadFinished) -> str:
    """What a download has cost, in words."""
    return (
        f"{amount(event)} in {event.seconds:.1f} s, {readable_size(int(event.speed))}/s, "
        f"{event.repeated:,} of {event.packets:,} packets were sent again, SHA-256 verified"
    )


def amount(event: DownloadFinished) -> str:
    """How much has come, in words; it is less than the whole if an earlier download was resumed."""
    size = readable_size(event.size)
    if not event.resumed_at:
        return size
    return f"the last {readable_size(event.size - event.resumed_at)} of {size}"


def file_lines(files: Sequence[SharedFile]) -> Iterator[str]:
    """What the server has, in lines for a conversation."""
    count = "1 file" if len(files) == 1 else f"{len(files) or 'no'} files"
    yield f"{count} (/download NAME fetches one)" if files else count
    for file in files:
        yield f"  {file.name} ({readable_size(file.size)})"


class ConsoleFace(ImageConsoleFace):
    """Stage 3's console, which knows of files too."""

    def handle(self, event: Any) -> None:
        """Show one event, or do what was typed."""
        match event:
            case FilesListed(files, True):
                for line in file_lines(files):
                    self.show("System", line)
            case DownloadStarted(name, size):
                self.show("System", f"downloading {name} ({readable_size(size)})")
            case DownloadFinished(_, path):
                self.show("System", f"file saved: {path} ({statistics(event)})")
            case DownloadFailed(name, why, cancelled):
                again = f"; /download {name} goes on from there" if cancelled else ""
                self.show("Error", f"{name}: not downloaded: {why}{again}")
            case _:
                super().handle(event)
