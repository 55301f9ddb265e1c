"""What clients and a server said to each other in a scene, drawn as a sequence."""

import time
from collections.abc import Sequence
from itertools import groupby

from docs_tools.drawings import Say, sequence
from docs_tools.scene import Actor, Scene, wait_until
from docs_tools.tap import LET_OTHERS_HEAR, Heard, Tap


class Recording:
    """Clients behind taps: what they and the server say to each other."""

    def __init__(self, playing: Scene, stage: str, server_port: str) -> None:
        self._playing, self._stage, self._server_port = playing, stage, server_port
        self.heard: list[Heard] = []

    def client(self, who: str, *options: str) -> Actor:
        """A client whose lines are recorded."""
        tap = Tap(who, int(self._server_port), self.heard.append)
        return self._playing.client(self._stage, tap.port, *options)

    def wait_for(self, who: str, beginning: str) -> None:
        """Wait until a line with this beginning has gone to or from a client."""
        wait_until(
            lambda: any(h.who == who and h.line.startswith(beginning) for h in list(self.heard))
        )
        time.sleep(2 * LET_OTHERS_HEAR)  # the client has it, too

    def drawn(self, title: str, actors: list[str], but: tuple[str, ...] = ()) -> str:
        """The recorded lines as a drawing: who says what to whom. Pings can be left out."""
        heard = [line for line in self.heard if line.line not in but]
        return sequence(title, actors, [self._step(line) for line in in_order(heard)])

    def _step(self, line: Heard) -> Say:
        text = self._playing.normal(line.line)
        if line.to_server:
            return Say(line.who, "server", text, "data")
        return Say("server", line.who, text, "answer")


def in_order(heard: Sequence[Heard]) -> list[Heard]:
    """What the server says at once to several clients, client by client."""
    ordered: list[Heard] = []
    for _, run in groupby(heard, key=lambda line: line.to_server):
        ordered += sorted(run, key=lambda line: line.who)
    return ordered
