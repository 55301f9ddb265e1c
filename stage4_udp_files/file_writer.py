"""Write and hash what has been received, in a thread of its own, so that a slow disk delays no ACK.

Strategy: one thread takes pieces from a bounded queue; both writing and hashing let other threads
run. When the queue is full the receiver has to wait: the sender notices by the missing ACKs.
"""

import hashlib
import queue
import threading
from typing import BinaryIO

PIECE_SIZE = 256 * 1024
MOST_PIECES = 32


class FileWriter:
    """Takes bytes in order (`put`); `finish` gives the SHA-256 of the whole file."""

    def __init__(self, file: BinaryIO, sha256: "hashlib._Hash") -> None:
        """`sha256` has taken in what is in the file already."""
        self._file = file
        self._sha256 = sha256
        self._collected: list[bytes] = []
        self._collected_size = 0
        self._queue: queue.Queue[list[bytes] | None] = queue.Queue(MOST_PIECES)
        self._error: OSError | None = None
        self._thread = threading.Thread(target=self._run, name="file writer", daemon=True)
        self._thread.start()

    def put(self, piece: bytes) -> None:
        """Take more of the file. Raises the OSError that writing an earlier piece ended with."""
        self._collected.append(piece)
        self._collected_size += len(piece)
        if self._collected_size >= PIECE_SIZE:
            self.flush()
        if self._error:
            raise self._error

    def flush(self) -> None:
        """Hand over what has been collected."""
        if self._collected:
            self._queue.put(self._collected)
            self._collected, self._collected_size = [], 0

    def finish(self) -> bytes:
        """Wait until all is written; returns the digest of the whole file. Raises OSError."""
        self.stop()
        if self._error:
            raise self._error
        return self._sha256.digest()

    def stop(self) -> None:
        """Write what has been put, and end the thread."""
        self.flush()
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (pieces := self._queue.get()) is not None:
            if self._error:
                continue  # the rest is only taken so that nobody waits for room in the queue
            try:
                self._write(b"".join(pieces))
            except OSError as error:
                self._error = error

    def _write(self, piece: bytes) -> None:
        rest = memoryview(piece)
        while len(rest):
            rest = rest[self._file.write(rest) :]
        self._sha256.update(piece)
