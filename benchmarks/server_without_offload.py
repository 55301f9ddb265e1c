"""Stage 4's server as it runs where the system cuts no datagrams: one system call for each.

Started as the server, it names itself as the program of the UDP side; started as that, it is the
file server with `--no-offload`.
"""

import os
import sys
from pathlib import Path

if __package__ in {None, ""}:  # started by its path: let Python find the stages
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from stage4_udp_files import file_server, file_service, server

MARK = "BENCHMARK_IS_FILE_SERVER"


def main() -> int:
    if MARK in os.environ:
        sys.argv.append("--no-offload")
        return file_server.main()
    os.environ[MARK] = "yes"
    file_service.PROGRAM = Path(__file__)
    return server.Server().main()


if __name__ == "__main__":
    sys.exit(main())
