"""Our own download without the chat client around it: time one file, from request to verified.

    own_download.py HOST PORT NAME --into FOLDER [--congestion rate] [--no-offload]

Asks a stage 4 server with `DOWNLOAD:`, runs the stage's own `Download`, and prints one line of
JSON: the seconds from that request to the verified file under its final name.
"""

import argparse
import json
import socket
import sys
import time
from pathlib import Path

if __package__ in {None, ""}:  # started by its path: let Python find the stages
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from stage4_udp_files.download import Download, DownloadError, Grant


def offer_for(conversation: socket.socket, name: str) -> dict[str, object]:
    """Ask for a file and return the server's DOWNLOAD_READY."""
    conversation.sendall(f"DOWNLOAD:{name}\n".encode())
    with conversation.makefile("r", encoding="utf-8", newline="\n") as lines:
        for line in lines:
            verb, _, rest = line.rstrip("\n").partition(":")
            if verb == "DOWNLOAD_READY":
                offer: dict[str, object] = json.loads(rest)
                return offer
            if verb in {"FILE_ERROR", "ERROR"}:
                raise SystemExit(rest)
    raise SystemExit("the server closed the connection")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("name")
    parser.add_argument("--into", type=Path, required=True)
    parser.add_argument("--congestion", default="rate")
    parser.add_argument("--no-offload", action="store_true", help="one datagram a system call")
    chosen = parser.parse_args()
    with socket.create_connection((chosen.host, chosen.port)) as conversation:
        started = time.monotonic()
        offer = offer_for(conversation, chosen.name)
        port = offer.pop("udp_port")
        fields = {key: offer[key] for key in ("token", "name", "size", "version")}
        grant = Grant(host=chosen.host, port=port, **fields)  # type: ignore[arg-type]
        try:
            path = Download(
                grant,
                chosen.into,
                congestion=chosen.congestion,
                offload=not chosen.no_offload,
            ).run()
        except DownloadError as error:
            raise SystemExit(f"{chosen.name}: {error}") from None
        seconds = time.monotonic() - started
    print(json.dumps({"seconds": seconds, "bytes": offer["size"], "path": str(path)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
