"""SHA-256 of files while they are sent, in a thread of its own (hashing lets other threads run).

Strategy: the sending loop says how far a file has been sent (`advance`); the thread hashes up to
there, block by block, all files in turn. Finished digests wait in a queue, and `wake` tells the
loop to look.
"""

import hashlib
import queue
import threading
from collections.abc import Callable

from stage4_udp_files.file_source import FileChangedError, FileSource

BLOCK_SIZE = 1024 * 1024


class HashJob:
    """One file being hashed. `digest` or `error` is set in the end."""

    def __init__(self, source: FileSource) -> None:
        self.source = source
        self.digest: bytes | None = None
        self.error: Exception | None = None
        self._sha256 = hashlib.sha256()
        self._hashed = 0
        self._blocks = max(1, -(-source.size // BLOCK_SIZE))
        self._blocks_asked_for = 0

    def blocks_up_to(self, position: int) -> int:
        """How many blocks more can be hashed when the file has been sent up to `position`."""
        blocks = self._blocks if position >= self.source.size else position // BLOCK_SIZE
        new, self._blocks_asked_for = blocks - self._blocks_asked_for, blocks
        return new

    def hash_block(self, buffer: memoryview) -> None:
        """Hash one block more. Raises FileChangedError."""
        block = buffer[: self.source.size - self._hashed]
        self.source.read_into([block], self._hashed)
        self.source.check()
        self._sha256.update(block)
        self._hashed += len(block)
        if self._hashed == self.source.size:
            self.digest = self._sha256.digest()


class HashingThread:
    """Hashes blocks in the order in which they are asked for; ends with the process."""

    def __init__(self, wake: Callable[[], None]) -> None:
        """`wake` is called in the thread whenever something has been put into `finished`."""
        self.finished: queue.SimpleQueue[HashJob] = queue.SimpleQueue()
        self._wake = wake
        self._waiting: queue.SimpleQueue[HashJob] = queue.SimpleQueue()
        threading.Thread(target=self._run, name="hashing", daemon=True).start()

    def advance(self, job: HashJob, position: int) -> None:
        """The job's file has been sent up to `position` (bytes): hash what is whole blocks."""
        for _ in range(job.blocks_up_to(position)):
            self._waiting.put(job)

    def _run(self) -> None:
        buffer = memoryview(bytearray(BLOCK_SIZE))
        while True:
            job = self._waiting.get()
            if job.error:
                continue
            try:
                job.hash_block(buffer)
            except (FileChangedError, OSError, ValueError) as error:  # ValueError: closed meanwhile
                job.error = error
            if job.digest or job.error:
                self.finished.put(job)
                self._wake()
