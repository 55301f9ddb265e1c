"""Stage 2 on the console: nicknames, who is online, private messages."""

from pathlib import Path

from docs_tools.recording import Recording
from docs_tools.scene import Actor, Scene, scene, text_of

STAGE = "stage2_gui"


def join(playing: Scene, port: str, name: str) -> Actor:
    """A client on the console, with a nickname."""
    client = playing.client(STAGE, port, "--console", "--nickname", name)
    client.expect(f"you are {name}")
    return client


def chat(folder: Path) -> dict[str, str]:
    """Ann and Ben talk, in public and in private."""
    with scene(folder) as playing:
        server, port = playing.server(STAGE)
        ann = join(playing, port, "Ann")
        ben = join(playing, port, "Ben")
        ann.expect("Ben joined")
        ann.type("Good morning!")
        ben.expect("Good morning")
        ben.type("/online")
        ben.expect("online: .*Ben|Ann, Ben")
        ben.type("/msg Ann Lunch at noon?")
        ann.expect("Lunch at noon")
        ann.type("Ben,gladly")
        ben.expect("gladly")
        ann.expect("You > Ben")
        ben.type("/nick Benjamin")
        ann.expect("is now Benjamin")
        ben.expect("you are Benjamin")
        ann.type("/nick BENJAMIN")
        ann.expect("taken")
        ben.type("/quit")
        ben.expect_end()
        ann.expect("Benjamin left")
        server.expect("Benjamin disconnected")
        return text_of([server, ann, ben])


def wire(folder: Path) -> dict[str, str]:
    """The same between the programs: joining, a private message, a refused name."""
    with scene(folder) as playing:
        server, port = playing.server(STAGE)
        recording = Recording(playing, STAGE, port)
        ann = recording.client("Ann's client", "--console", "--nickname", "Ann")
        recording.wait_for("Ann's client", "ONLINE_LIST")
        ben = recording.client("Ben's client", "--console", "--nickname", "Ben")
        recording.wait_for("Ben's client", "ONLINE_LIST")
        server.shown()
        ann.type("Hello!")
        ben.expect("Hello!")
        ben.type("/msg Ann Lunch at noon?")
        ann.expect("Lunch")
        ann.type("/nick ben")
        ann.expect("taken")
        actors = ["Ann's client", "server", "Ben's client"]
        return {"svg": recording.drawn("Two clients join, talk, and whisper", actors)}


SCENES = {"stage2_chat": chat, "stage2_wire": wire}
