"""Stage 4: a file is listed and fetched, over a good line and over a bad one."""

import random
import re
import socket
from pathlib import Path

from course_tools.stages import PROJECT
from docs_tools.scene import Actor, Scene, output_of, scene, text_of

STAGE = "stage4_udp_files"
SPEED = re.compile(r"in [\d.,]+ s, [\d.,]+ \w+/s")
TIME = re.compile(r"in [\d.,]+ s\b")
REPEATED = re.compile(r"[\d,]+ of [\d,]+ packets")


def serve(playing: Scene, folder: Path) -> tuple[Actor, str]:
    """The server, with one file."""
    files = folder / "server_files"
    files.mkdir()
    (files / "lecture.pdf").write_bytes(random.Random(4).randbytes(300_000))
    server, port = playing.server(STAGE)
    return server, port


def chat(folder: Path) -> dict[str, str]:
    """Ann lists the files and fetches one."""
    with scene(folder) as playing:
        server, port = serve(playing, folder)
        ann = playing.client(STAGE, port, "--console", "--nickname", "Ann")
        ann.expect("you are Ann")
        ann.type("/files")
        ann.expect("lecture.pdf")
        ann.type("/download lecture.pdf")
        ann.expect("file saved.*\n")
        ann.type("/quit")
        ann.expect_end()
        server.expect("Ann disconnected")
        return {number: without_speed(text) for number, text in text_of([server, ann]).items()}


def lossy(folder: Path) -> dict[str, str]:
    """The same over a link that loses every tenth packet."""
    with scene(folder) as playing:
        _, port = serve(playing, folder)
        link = playing.start(
            "link",
            f"python3 -m {STAGE}.lossy_link --listen 12346 --to 12345 --loss 10 --delay 20",
            str(PROJECT / STAGE / "lossy_link.py"),
            *("--listen", "0", "--to", port, "--loss", "10", "--delay", "20", "--seed", "1"),
        )
        link_port = link.expect(r"Listening on 127\.0\.0\.1:(\d+)")[1]
        playing.stands_for(link_port, "12346")
        get = playing.start(
            "get",
            f"python3 -m {STAGE}.client --udp-port 12346 --get lecture.pdf",
            str(PROJECT / STAGE / "client.py"),
            *("--port", port, "--udp-port", link_port, "--get", "lecture.pdf"),
        )
        get.expect_end()
        return {"1": without_speed(get.shown())}


def errors(folder: Path) -> dict[str, str]:
    """Exact messages, for the troubleshooting page: silence over UDP, no such file, no files."""
    with scene(folder) as playing, socket.socket(type=socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        silent_port = str(silent.getsockname()[1])
        _, port = serve(playing, folder)
        _, old_port = playing.server("stage1_basic")
        get = ("-m", f"{STAGE}.client", "--get", "lecture.pdf")
        texts = {
            "silence": output_of(folder, *get, "--port", port, "--udp-port", silent_port),
            "missing": output_of(folder, *get[:-1], "missing.pdf", "--port", port),
            "no_files": output_of(folder, *get, "--port", old_port),
        }
        return {name: playing.normal(last_line(text)) for name, text in texts.items()}


def last_line(text: str) -> str:
    """What a program says last."""
    return text.splitlines()[-1] + "\n"


def without_speed(text: str) -> str:
    """What depends on the computer is left out."""
    text = TIME.sub("in … s", SPEED.sub("in … s, … MB/s", text))
    return REPEATED.sub("… of … packets", text)


SCENES = {"stage4_chat": chat, "stage4_lossy": lossy, "stage4_errors": errors}
