"""The server of stage 2: stage 1's engines and program around the room with names."""

import argparse
import sys
from pathlib import Path

if __package__ in {None, ""}:  # started by its path: let Python find the stages
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from stage1_basic.room import Engine
from stage1_basic.server import Server as NamelessServer
from stage2_gui.room import Room


class Server(NamelessServer):
    """The server program of stage 2."""

    description = "A chat server that knows nicknames and private messages."

    def make_room(self, engine: Engine, arguments: argparse.Namespace) -> Room:
        """The room that this stage's server keeps."""
        return Room(engine, arguments.ping_interval)


if __name__ == "__main__":
    sys.exit(Server().main())
