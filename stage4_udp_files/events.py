"""What a session with downloads tells its face, besides the events of stage 3."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SharedFile:
    """A file that can be downloaded, and its size in bytes."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class FilesListed:
    """The server's files; `for_user` when the user asked for the list."""

    files: tuple[SharedFile, ...]
    for_user: bool


@dataclass(frozen=True, slots=True)
class NoFiles:
    """The server is one of an earlier stage: nothing can be downloaded from it."""


@dataclass(frozen=True, slots=True)
class DownloadStarted:
    """A file of so many bytes is on its way."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class DownloadProgress:
    """How far a download is, in bytes; of `packets` that came, `repeated` were sent again."""

    name: str
    received: int
    size: int
    speed: float  # bytes a second, over the last seconds
    packets: int
    repeated: int

    @property
    def seconds_left(self) -> float | None:
        """How long it takes at this speed; None while that cannot be known."""
        return (self.size - self.received) / self.speed if self.speed else None


@dataclass(frozen=True, slots=True)
class DownloadFinished:
    """The whole file lies at `path` (absolute), and its SHA-256 is the server's."""

    name: str
    path: Path
    size: int
    seconds: float
    packets: int
    repeated: int
    resumed_at: int = 0  # so many bytes were here already

    @property
    def speed(self) -> float:
        """Bytes a second, of those that have come now."""
        return (self.size - self.resumed_at) / max(self.seconds, 0.001)


@dataclass(frozen=True, slots=True)
class DownloadFailed:
    """There is no such file here now, and why. Asked for again, it goes on where it ended."""

    name: str
    why: str
    cancelled: bool = False
