"""Something to look at and to download: samples for a server's library that is still empty."""

import random
import shutil
from collections.abc import Sequence
from pathlib import Path

from course_tools.launch import note
from course_tools.stages import PROJECT, Stage

SAMPLE_IMAGES = PROJECT / "stage3_images" / "samples"
FIVE_MEGABYTES = 5_000_000
README_TEXT = """This file came to you over UDP.

UDP loses packets, changes their order and sometimes brings one twice. That this text is whole is
the work of the sender and the receiver in stage4_udp_files/.
"""


def fill_empty_libraries(stage: Stage, arguments: Sequence[str]) -> None:
    """Put samples where a server with these arguments looks, if nothing is there."""
    if stage.number >= 3:
        fill_with_images(Path(_option(arguments, "--server-images", "server_images")))
    if stage.number >= 4:
        fill_with_files(Path(_option(arguments, "--files", "server_files")))


def sample_images() -> list[Path]:
    """The images that the project has drawn itself."""
    return sorted(SAMPLE_IMAGES.glob("*.*"))


def fill_with_images(folder: Path, announce: bool = True) -> None:
    """Copy the course's sample images into a folder that has no file yet."""
    images = sample_images()
    if images and _is_empty(folder):
        for image in images:
            shutil.copyfile(image, folder / image.name)
        if announce:
            note(f"Sample images are in {folder.resolve()}")


def fill_with_files(folder: Path, announce: bool = True) -> None:
    """Make a short text and five megabytes of random bytes in a folder that has no file yet."""
    if _is_empty(folder):
        (folder / "readme.txt").write_text(README_TEXT, encoding="utf-8", newline="\n")
        content = random.Random(FIVE_MEGABYTES).randbytes(FIVE_MEGABYTES)
        (folder / "five_megabytes.bin").write_bytes(content)
        if announce:
            note(f"Sample files are in {folder.resolve()}")


def _is_empty(folder: Path) -> bool:
    """Whether the folder has no entry; it is made if need be. One that cannot be made is not."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return not any(folder.iterdir())
    except OSError:
        return False  # the server says what is wrong with it


def _option(arguments: Sequence[str], name: str, default: str) -> str:
    """The value that the arguments give an option, as `--name VALUE` or `--name=VALUE`."""
    value = default
    for position, argument in enumerate(arguments):
        if argument == name and position + 1 < len(arguments):
            value = arguments[position + 1]
        elif argument.startswith(f"{name}="):
            value = argument.partition("=")[2]
    return value
