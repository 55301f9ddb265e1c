"""Write and hash what has been received, in a thread of its own, so that a slow disk delays no ACK.

Strategy: what comes is collected in large blocks, because a thread that writes or hashes one lets
the others run meanwhile. There are only so many blocks, and they are used again and again: new
memory would cost more than copying does. When all are full the receiver has to wait: the sender
notices by the missing ACKs. What lies in the file from an earlier download is hashed while no block
waits to be written.
"""

import hashlib
import os
import queue
import threading
from typing import BinaryIO

BLOCK_SIZE = 1024 * 1024
MOST_BLOCKS = 8


class FileWriter:
    """Takes bytes in order (`put`); `finish` gives the SHA-256 of the whole file."""

    def __init__(self, file: BinaryIO) -> None:
        """`file` is open for reading and writing, unbuffered; what is put goes to its end."""
        self._file = file
        self._size = file.seek(0, os.SEEK_END)
        self._hashed = 0
        self._sha256 = hashlib.sha256()
        self._full: queue.SimpleQueue[memoryview | None] = queue.SimpleQueue()
        # The block that was used last comes back first: it is still in the processor's cache.
        self._empty: queue.LifoQueue[memoryview] = queue.LifoQueue()
        for _ in range(MOST_BLOCKS):
            self._empty.put(memoryview(bytearray(BLOCK_SIZE)))
        self._block = self._empty.get()
        self._filled = 0
        self._error: OSError | None = None
        self._thread = threading.Thread(target=self._run, name="file writer", daemon=True)
        self._thread.start()

    def put(self, piece: bytes) -> None:
        """Take more of the file. Raises the OSError that writing an earlier piece ended with."""
        rest = memoryview(piece)
        while len(rest):
            taken = rest[: BLOCK_SIZE - self._filled]
            self._block[self._filled : self._filled + len(taken)] = taken
            self._filled += len(taken)
            rest = rest[len(taken) :]
            if self._filled == BLOCK_SIZE:
                self._full.put(self._block)
                self._block, self._filled = self._empty.get(), 0
        if self._error:
            raise self._error

    def finish(self) -> bytes:
        """Wait until all is written; returns the digest of the whole file. Raises OSError."""
        self.stop()
        while not self._error and self._hashed < self._size:
            self._hash_earlier_bytes()
        if self._error:
            raise self._error
        if self._file.seek(0, os.SEEK_END) != self._size:
            raise OSError("another program has changed the file")
        return self._sha256.digest()

    def stop(self) -> None:
        """Write what has been put, and end the thread."""
        self._full.put(self._block[: self._filled])
        self._filled = 0
        self._full.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (block := self._next_block()) is not None:
            try:
                if not self._error:  # else the rest is only taken so that nobody waits for a block
                    self._write(block)
            except OSError as error:
                self._error = error
            self._empty.put(memoryview(block.obj))

    def _next_block(self) -> memoryview | None:
        while self._full.empty() and not self._error and self._hashed < self._size:
            self._hash_earlier_bytes()
        return self._full.get()

    def _write(self, block: memoryview) -> None:
        rest = block
        while len(rest):
            rest = rest[self._file.write(rest) :]
        if self._hashed == self._size:
            self._sha256.update(block)
            self._hashed += len(block)
        self._size += len(block)

    def _hash_earlier_bytes(self) -> None:
        """Hash a block of what is in the file and was not hashed when it was written."""
        try:
            self._file.seek(self._hashed)
            block = self._file.read(BLOCK_SIZE)
            self._file.seek(0, os.SEEK_END)
            if not block:
                raise OSError("another program has cut the file short")
        except OSError as error:
            self._error = error
        else:
            self._sha256.update(block)
            self._hashed += len(block)
