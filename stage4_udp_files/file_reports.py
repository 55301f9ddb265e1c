"""What the file server tells the chat server: one JSON line each on its stdout.

{"event": "listening", "host", "port"}, or {"event": "error", "why"} and exit code 1
{"event": "granted", "token", "size", "version"}    {"event": "started", "token"}
{"event": "finished", "token", "bytes", "seconds", "packets", "resent"}
{"event": "failed", "token", "why"}    {"event": "cancelled", "token"}
"""

import contextlib
import json
from typing import Any

from stage4_udp_files.transfer import Transfer


def report_line(**fields: Any) -> None:
    """Tell the chat server something. If it is gone, `read_orders` learns of it, and ends us."""
    with contextlib.suppress(OSError):
        print(json.dumps(fields), flush=True)


def report(event: str, transfer: Transfer, **fields: Any) -> None:
    """Tell the chat server something about a transfer."""
    report_line(event=event, token=transfer.token.hex(), **fields)


def report_finished(transfer: Transfer, now: float) -> None:
    """Tell the chat server what a whole download has cost."""
    sender = transfer.sender
    assert sender is not None
    report(
        "finished",
        transfer,
        bytes=transfer.source.size - sender.start,
        seconds=round(now - transfer.granted_at, 6),
        packets=sender.scoreboard.packets_sent,
        resent=sender.packets_resent,
    )
