"""The demo's script: what is typed where, and what must be seen then.

One function a step, in the order of the stages; STEPS at the end says which stage shows what.
"""

import hashlib
import re
import shutil
import sys
from pathlib import Path

from course_tools import samples
from course_tools.demo.actor import ScriptError
from course_tools.demo.cast import Cast, Step

HOST = "127.0.0.1"
FILE_TO_DOWNLOAD = "five_megabytes.bin"
LOSS_IN_PERCENT = 10


def start_server(cast: Cast) -> None:
    """The server says where it listens; port 0 lets the system choose a free port."""
    folder = cast.folder_of("server")
    if cast.stage.number >= 3:
        samples.fill_with_images(folder / "server_images", announce=False)
    if cast.stage.number >= 4:
        samples.fill_with_files(folder / "server_files", announce=False)
    server = cast.start("server", "server", "--port", "0")
    listening = server.expect(r"^Listening on .+:(\d+)$", "the server listens for clients")
    cast.port = int(listening[1])


def connect_clients(cast: Cast) -> None:
    """Ada and Bob connect; the server logs each."""
    for name in ("Ada", "Bob"):
        named = ["--nickname", name, "--console"] if cast.stage.number >= 2 else []
        cast.start(name, "client", HOST, "--port", str(cast.port), *named)
        cast.server.expect(r"\[\+\] .+ connected", f"the server knows of {name}")
    cast.ada.expect(r"System: .+ joined", "Ada is told that Bob has joined")


def chat(cast: Cast) -> None:
    """Text goes both ways, letters and signs of every script included."""
    cast.ada.types("Hello! Is anybody there?")
    cast.bob.expect(r"\] .+: Hello! Is anybody there\?$", "Bob reads what Ada wrote")
    cast.bob.types("Grüße, 你好 and 👋 to you, Ada")
    cast.ada.expect(r"\] .+: Grüße, 你好 and 👋 to you, Ada$", "Ada reads Bob's answer")


def operator_speaks(cast: Cast) -> None:
    """What is typed into the server goes to everyone."""
    cast.server.types("Good evening from the operator")
    for client in (cast.ada, cast.bob):
        client.expect(r"\] Server: Good evening from the operator$", f"{client.label} reads it")


def see_who_is_online(cast: Cast) -> None:
    """The server keeps a list of nicknames."""
    cast.ada.types("/online")
    cast.ada.expect(r"(?=.*\bAda\b)(?=.*\bBob\b)", "Ada sees both nicknames")


def change_nickname(cast: Cast) -> None:
    """A nickname that someone has is refused."""
    cast.bob.types("/nick ADA")
    cast.bob.expect(r"(?i)nick.*\bADA\b|\bADA\b.*(taken|use)", "Bob cannot be a second Ada")


def write_privately(cast: Cast) -> None:
    """A private message goes to one person, and is nobody else's business."""
    cast.ada.types("/msg Bob there is cake in my room")
    cast.bob.expect(r"Ada.*there is cake in my room", "Bob reads Ada's private words")
    cast.ada.types("I keep a secret")
    cast.server.expect(r"Ada: I keep a secret", "the server's log shows what is public")
    cast.server.must_not_have_written("cake", "it is silent about what was private")


def send_image(cast: Cast) -> None:
    """An image travels inside the conversation, as base64 in a line of text."""
    sample = next(path for path in samples.sample_images() if path.suffix == ".jpg")
    picture = cast.ada.folder / "holiday.jpg"
    shutil.copyfile(sample, picture)
    cast.ada.types("/image holiday.jpg")
    offer = cast.bob.expect(r"/request (\S+holiday\.jpg)", "Bob is told of the image")
    cast.bob.types(f"/request {offer[1]}")
    saved = cast.bob.expect(r"((?:/|[A-Z]:\\).*holiday.*\.jpg)", "Bob's client has saved it")
    same_bytes(cast, picture, Path(saved[1]), "Bob has the very bytes that Ada sent")


def list_files(cast: Cast) -> None:
    """The server says what can be downloaded."""
    cast.ada.types("/files")
    cast.ada.expect(re.escape(FILE_TO_DOWNLOAD), "Ada sees which files there are")


def download_over_lossy_link(cast: Cast) -> None:
    """A relay between client and server loses packets; the file arrives whole all the same."""
    ways = ["--listen", "0", "--to", str(cast.port), "--loss", str(LOSS_IN_PERCENT)]
    link = cast.start("link", "lossy_link", *ways)
    relay_port = link.expect(r"^Listening on .+?:(\d+)\b", "a bad network lies between them")[1]
    ways = ["--port", str(cast.port), "--udp-port", relay_port]
    eve = cast.start("Eve", "client", HOST, *ways, "--get", FILE_TO_DOWNLOAD)
    eve.expect(r"\b[1-9][\d,]* of [\d,]+ packets were sent again", "what was lost was sent again")
    eve.ends("the download has ended well")
    if sys.platform != "win32":
        link.interrupt()
        link.expect(r"\blost\b", "the link tells how much it has lost")
    original = cast.server.folder / "server_files" / FILE_TO_DOWNLOAD
    arrived = eve.folder / "downloads" / FILE_TO_DOWNLOAD
    same_bytes(cast, original, arrived, "both files have the same SHA-256")


def leave(cast: Cast) -> None:
    """Ada leaves by typing `exit`; Bob hears of it."""
    cast.ada.types("exit")
    cast.ada.ends("Ada's client ends")
    cast.bob.expect(r"System: .+ left", "Bob is told that Ada has left")


def close_server(cast: Cast) -> None:
    """The operator ends the server, and the client that is left notices."""
    cast.server.types("quit")
    cast.server.ends("the server ends within 2 seconds", within=2)
    cast.bob.ends("Bob's client has noticed and ends, too", exit_code=None)


def same_bytes(cast: Cast, original: Path, copy: Path, what: str) -> None:
    """Compare two files by their SHA-256, and show it."""
    hashes = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (original, copy)]
    for path, digest in zip((original, copy), hashes, strict=True):
        cast.narrator.remark(f"{digest[:32]}…  {path.relative_to(cast.folder)}")
    if hashes[0] != hashes[1]:
        raise ScriptError(what, "two equal hashes")
    cast.narrator.checked(what)


STEPS = [
    Step("A server starts", start_server),
    Step("Two clients connect to it", connect_clients),
    Step("Ada and Bob talk", chat),
    Step("The operator speaks from the server's terminal", operator_speaks),
    Step("Ada asks who is online", see_who_is_online, since=2),
    Step("Nobody can take Ada's name", change_nickname, since=2),
    Step("Ada writes to Bob alone", write_privately, since=2),
    Step("Ada sends Bob an image", send_image, since=3, needs_images=True),
    Step("Ada asks for the server's files", list_files, since=4),
    Step(
        f"A download over UDP, {LOSS_IN_PERCENT} % of its packets lost on the way",
        download_over_lossy_link,
        since=4,
    ),
    Step("Ada leaves", leave),
    Step("The server closes", close_server),
]
