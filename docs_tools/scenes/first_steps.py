"""The naive programs: how they work in the easy case, and the three ways in which they break."""

import os
import re
import signal
from pathlib import Path

from course_tools.stages import PROJECT
from docs_tools.scene import Actor, Scene, scene, text_of, wait_until

FIRST_STEPS = PROJECT / "docs" / "first_steps"


def naive_server(playing: Scene) -> tuple[Actor, str]:
    """The naive server on a free port."""
    title = "python3 docs/first_steps/naive_server.py"
    server = playing.start("server", title, str(FIRST_STEPS / "naive_server.py"), "0")
    port = server.expect(r"Listening on 127\.0\.0\.1:(\d+)")[1]
    playing.stands_for(port, "12345")
    return server, port


def naive_client(playing: Scene, port: str) -> Actor:
    """The naive client."""
    title = "python3 docs/first_steps/naive_client.py"
    client = playing.start("client", title, str(FIRST_STEPS / "naive_client.py"), port)
    client.expect("Connected")
    return client


def easy(folder: Path) -> dict[str, str]:
    """Two people who type slowly."""
    with scene(folder) as playing:
        server, port = naive_server(playing)
        ann, ben = naive_client(playing, port), naive_client(playing, port)
        ann.type("hello")
        ben.expect("> hello")
        ben.type("hello Ann")
        ann.expect("> hello Ann")
        server.expect("hello Ann")
        return text_of([server, ann, ben])


def glued(folder: Path) -> dict[str, str]:
    """The server is busy for a moment while two messages come."""
    with scene(folder) as playing:
        server, port = naive_server(playing)
        ann = naive_client(playing, port)
        stop(server.pid)
        ann.type("How are you?", "Are you there?")
        ann.expect("Are you there")
        wait_until_sent(port)
        os.kill(server.pid, signal.SIGCONT)
        server.expect("Are you there")
        return text_of([server])


def stop(pid: int) -> None:
    """Stop a program as Ctrl+Z does, and wait until all its threads stand still (Linux)."""
    os.kill(pid, signal.SIGSTOP)
    threads = list(Path(f"/proc/{pid}/task").glob("*/stat"))
    wait_until(lambda: all(") T " in stat.read_text(encoding="utf-8") for stat in threads))


def wait_until_sent(port: str) -> None:
    """Wait until both messages lie in the receive buffer of the server's socket (Linux)."""
    waiting = len(b"How are you?Are you there?")
    local = f":{int(port):04X}"

    def have_come() -> bool:
        rows = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
        fields = [row.split() for row in rows]
        queues = [f[4] for f in fields if f[1].endswith(local) and f[3] == "01"]
        return any(int(queue.partition(":")[2], 16) >= waiting for queue in queues)

    wait_until(have_come)


def letter_cut(folder: Path) -> dict[str, str]:
    """A message longer than one `recv`, cut in the middle of a letter."""
    with scene(folder) as playing:
        server, port = naive_server(playing)
        ann = naive_client(playing, port)
        ann.type("x" + "ü" * 600)
        server.expect("UnicodeDecodeError.*\n")
        return {"1": shortened(server.shown())}


def vanished(folder: Path) -> dict[str, str]:
    """A client dies with unread messages, and the next who speaks is thrown out for it."""
    with scene(folder) as playing:
        server, port = naive_server(playing)
        victim = naive_client(playing, port)
        ann = naive_client(playing, port)
        victim.type("I am the victim")
        ann.expect("victim")
        stop(victim.pid)
        ann.type("hello")
        server.expect("passed on: hello")
        os.kill(victim.pid, signal.SIGKILL)
        server.expect("ConnectionResetError.*\n")
        ann.type("Did you see that?")
        server.expect("BrokenPipeError.*\n")
        ann.type("Hello? Can anyone hear me?")
        ann.expect("hear me")
        return {"1": shortened(server.shown()), "2": ann.shown()}


def shortened(text: str) -> str:
    """Tracebacks without what differs from one Python to the next."""
    lines = []
    within = False
    for line in text.splitlines():
        if line.startswith("Exception in thread"):
            lines.append("Exception in thread:")
            continue
        if line.startswith("Traceback"):
            within = True
        elif within and not line.startswith(" "):
            within = False
        if not within:
            lines.append(line)
    return re.sub(r"(.)\1{60,}", r"\1\1\1…\1\1\1", "\n".join(lines)) + "\n"


SCENES = {
    "naive_easy": easy,
    "naive_glued": glued,
    "naive_letter_cut": letter_cut,
    "naive_vanished": vanished,
}
