"""Stage 1: a chat on the console, its bare lines, and the messages when something is wrong."""

from pathlib import Path

from course_tools.stages import PROJECT
from docs_tools.recording import Recording
from docs_tools.scene import output_of, scene, text_of

STAGE = "stage1_basic"


def chat(folder: Path) -> dict[str, str]:
    """Ann and Ben talk, the operator says a word, everyone leaves."""
    with scene(folder) as playing:
        server, port = playing.server(STAGE)
        ann = playing.client(STAGE, port)
        server.expect("connected")
        ben = playing.client(STAGE, port)
        ann.expect("joined")
        ann.type("Hello! Is anyone here?")
        ben.expect("anyone here")
        ben.type("Hi! Yes, I am.")
        ann.expect("I am")
        server.type("The library closes in five minutes")
        ann.expect("library")
        ben.expect("library")
        ann.type("exit")
        ann.expect_end()
        ben.expect("left")
        server.type("quit")
        server.expect_end()
        ben.expect_end()
        return text_of([server, ann, ben])


def raw(folder: Path) -> dict[str, str]:
    """The same conversation, seen and typed as bare lines."""
    with scene(folder) as playing:
        server, port = playing.server(STAGE, "--ping-interval", "1")
        ann = playing.client(STAGE, port)
        server.expect("connected")
        bare = playing.start(
            "raw client",
            f"python3 -m {STAGE}.client --raw",
            str(PROJECT / STAGE / "client.py"),
            *("--port", port, "--raw"),
        )
        bare.expect("ping")
        for typed, answer in TYPED_BARE:
            bare.type(typed)
            (ann if answer.startswith("(Ann) ") else bare).expect(answer.removeprefix("(Ann) "))
        ann.type("I see you")
        bare.expect("MESSAGE:.*see you")
        lines = bare.shown().split("\n")
        first = lines.index("ping")
        others = [line for line in lines[first + 1 :] if line != "ping"]
        return {"1": "\n".join([*lines[: first + 1], *others])}


TYPED_BARE = [
    ("CLIENT:I speak the protocol", "(Ann) I speak the protocol"),
    ("this is text, too", "(Ann) text, too"),
    ("ping", "pong"),
    ("DANCE:please", "ERROR:DANCE"),
]


def wire(folder: Path) -> dict[str, str]:
    """What a chat of two looks like between the programs."""
    with scene(folder) as playing:
        server, port = playing.server(STAGE)
        recording = Recording(playing, STAGE, port)
        ann = recording.client("Ann's client")
        server.expect("connected")
        ben = recording.client("Ben's client")
        ann.expect("joined")
        server.shown()  # gives the clients their ports, in this order
        ann.type("Hello!")
        ben.expect("Hello!")
        ben.type("Hi!")
        ann.expect("Hi!")
        server.type("Welcome")
        ann.expect("Welcome")
        ben.expect("Welcome")
        ann.type("exit")
        ann.expect_end()
        ben.expect("left")
        actors = ["Ann's client", "server", "Ben's client"]
        return {"svg": recording.drawn("A recorded chat of two clients", actors)}


def errors(folder: Path) -> dict[str, str]:
    """Exact messages, for the troubleshooting page."""
    with scene(folder) as playing:
        server, port = playing.server(STAGE, "--ping-interval", "1")
        in_use = output_of(folder, "-m", f"{STAGE}.server", "--port", port)
        probe_well = output_of(folder, "-m", f"{STAGE}.probe", "--port", port)
        server.type("quit")
        server.expect_end()
        texts = {
            "port_in_use": in_use,
            "probe_well": probe_well,
            "nobody_listens": output_of(folder, "-m", f"{STAGE}.client", "--port", port),
            "probe_nobody": output_of(folder, "-m", f"{STAGE}.probe", "--port", port),
            "bad_port": output_of(folder, "-m", f"{STAGE}.server", "--port", "70000"),
        }
        return {name: playing.normal(text).replace(port, "12345") for name, text in texts.items()}


SCENES = {
    "stage1_chat": chat,
    "stage1_raw": raw,
    "stage1_wire": wire,
    "stage1_errors": errors,
}
