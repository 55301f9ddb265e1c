"""Write down every packet event as one JSON line, for people and for the packet player of the docs.

Each line is an object. All have `time` (seconds; the clock starts anywhere, but at the same moment
for all programs of one computer), `side` ("server" or "client") and `event`:

| event      | further fields                                                                   |
|------------|----------------------------------------------------------------------------------|
| `sent`     | `kind` ("START", "DATA", "FIN", "ACK"), `number`, `why`                          |
| `received` | `kind`, `number`, `why`                                                          |
| `ignored`  | `why`: nothing else about the datagram can be trusted                            |
| `lost`     | `number`, `why`: the sender takes this packet for lost                           |
| `window`   | `window`, `in_flight` (packets), `rate` (bytes a second or null), `rtt` (s)      |

`why` of what the server sends: "new", "lost", "probe", "timeout". `why` of what the client
receives: "in order", "early", "of no use". An ACK has `ranges` too: pairs of numbers, first and
one past the last. `download` tells several downloads in one file apart (it is not the token).
"""

import json
import threading
import zlib
from pathlib import Path
from typing import Any


class TraceFile:
    """A file of JSON lines that many threads may write to."""

    def __init__(self, path: Path) -> None:
        """Begins the file anew; each line is in it at once. Raises OSError."""
        self._file = path.open("w", encoding="utf-8", buffering=1)
        self._writing = threading.Lock()

    def write(self, **fields: Any) -> None:
        """Write one event."""
        line = json.dumps(fields)
        with self._writing:
            self._file.write(line + "\n")

    def close(self) -> None:
        with self._writing:
            self._file.close()


class Trace:
    """The events of one side of one download. Without a file nothing is written."""

    def __init__(self, file: TraceFile | None = None, side: str = "", token: bytes = b"") -> None:
        self._file = file
        self._common = {"side": side, "download": f"{zlib.crc32(token):08x}"}

    def __bool__(self) -> bool:
        """Whether events are wanted at all."""
        return self._file is not None

    def write(self, time: float, event: str, **fields: Any) -> None:
        """Write one event of this download."""
        if self._file:
            self._file.write(time=round(time, 6), event=event, **self._common, **fields)


NO_TRACE = Trace()
