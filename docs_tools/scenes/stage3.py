"""Stage 3 on the console: an image is sent, announced, and fetched."""

import random
from pathlib import Path

from PIL import Image

from docs_tools.recording import Recording
from docs_tools.scene import Actor, Scene, scene, text_of

STAGE = "stage3_images"


def join(playing: Scene, port: str, name: str) -> Actor:
    """A client on the console, with a nickname."""
    client = playing.client(STAGE, port, "--console", "--nickname", name)
    client.expect(f"you are {name}")
    return client


def draw_image(folder: Path) -> None:
    """A small picture, and a file that only says that it is one."""
    picture = Image.new("RGB", (64, 48), "white")
    dots = random.Random(3)
    for _ in range(200):
        picture.putpixel((dots.randrange(64), dots.randrange(48)), (200, 60, 20))
    picture.save(folder / "dots.bmp")
    (folder / "holiday.png").write_text("I am no picture at all", encoding="utf-8")


def chat(folder: Path) -> dict[str, str]:
    """Ann sends an image, Ben fetches it; what is no image is refused."""
    with scene(folder) as playing:
        draw_image(folder)
        server, port = playing.server(STAGE)
        ann, ben = join(playing, port, "Ann"), join(playing, port, "Ben")
        ann.expect("Ben joined")
        ann.type("/image dots.bmp")
        ann.expect("here called")
        request = ben.expect(r"/request (\S+)")[1]
        ben.type(f"/request {request}")
        ben.expect("image saved")
        ann.type("/image holiday.png")
        ann.expect("not sent")
        return text_of([server, ann, ben])


def wire(folder: Path) -> dict[str, str]:
    """An image on its way."""
    with scene(folder) as playing:
        draw_image(folder)
        server, port = playing.server(STAGE)
        recording = Recording(playing, STAGE, port)
        ann = recording.client("Ann's client", "--console", "--nickname", "Ann")
        recording.wait_for("Ann's client", "IMAGE_LIST")
        ben = recording.client("Ben's client", "--console", "--nickname", "Ben")
        recording.wait_for("Ben's client", "IMAGE_LIST")
        server.shown()
        recording.heard.clear()
        ann.type("/image dots.bmp")
        request = ben.expect(r"/request (\S+)")[1]
        ann.expect("here called")
        ben.type(f"/request {request}")
        ben.expect("image saved")
        actors = ["Ann's client", "server", "Ben's client"]
        return {"svg": recording.drawn("An image is sent, announced, and fetched", actors)}


SCENES = {"stage3_chat": chat, "stage3_wire": wire}
