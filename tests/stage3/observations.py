"""What can be seen of stage 3's parts without a network; runs in the observing child.

Bytes travel as hexadecimal digits in the JSON between it and the tests.
"""

import os
from pathlib import Path
from typing import Any


def safe(names: list[str], limit: int = 200) -> list[str]:
    """What safe_name makes of names."""
    from stage3_images.names import safe_name

    return [safe_name(name, limit) for name in names]


def unsafe(names: list[str]) -> list[str]:
    """Those names that is_safe does not let pass."""
    from stage3_images.names import is_safe

    return [name for name in names if not is_safe(name)]


def with_number(name: str, number: int) -> str:
    """What a file is called when its name is taken."""
    from stage3_images.names import numbered

    return numbered(name, number)


def decoded(text: str) -> str:
    """What decode_base64 makes of a text: digits, or the reason of a refusal."""
    from stage3_images.images import ImageRefusedError, decode_base64

    try:
        return decode_base64(text.encode()).hex()
    except ImageRefusedError as error:
        return f"refused: {error}"


def checked(content: str) -> dict[str, Any] | str:
    """What check_image finds out: the facts, or the reason of a refusal."""
    return _checked(bytes.fromhex(content))


def beginnings_taken(content: str, step: int) -> list[int]:
    """At which lengths, multiples of `step`, a cut file is still taken for a whole one."""
    whole = bytes.fromhex(content)
    lengths = range(0, len(whole), step)
    return [length for length in lengths if not isinstance(_checked(whole[:length]), str)]


def _checked(content: bytes) -> dict[str, Any] | str:
    from dataclasses import asdict

    from stage3_images.images import ImageRefusedError, check_image

    try:
        return asdict(check_image(content))
    except ImageRefusedError as error:
        return f"refused: {error}"


def picture(content: str, box: tuple[int, int]) -> list[int]:
    """Draw an image: width and height of the picture, then the colour of its first pixel."""
    from stage3_images.images import draw_picture

    kind, measures, depth, pixels = draw_picture(bytes.fromhex(content), box).split(b"\n", 3)
    assert (kind, depth) == (b"P6", b"255")
    width, height = map(int, measures.split())
    assert len(pixels) == 3 * width * height
    return [width, height, *pixels[:3]]


def shared(folder: str) -> dict[str, int]:
    """The files that a folder shares, with their sizes."""
    from stage3_images.shared_folder import SharedFolder

    return SharedFolder(Path(folder)).sizes()


def read(folder: str, name: str, limit: int = 1000) -> str:
    """The content of a shared file, or why it is not to be had."""
    from stage3_images.shared_folder import NotSharedError, SharedFolder

    try:
        return SharedFolder(Path(folder)).read(name, limit).decode()
    except NotSharedError as error:
        return f"not shared: {error}"


def named(sender: str, name: str) -> str:
    """Under which name an upload is stored at 15:45 on 30 January 2026."""
    from datetime import datetime

    from stage3_images.storing import upload_name

    return upload_name(sender, name, datetime(2026, 1, 30, 15, 45))


def stored(
    folder: str, name: str, contents: list[str], folder_limit: int | None = None
) -> list[str]:
    """Store contents, all under one name: which names they got, or what was raised."""
    from stage3_images.storing import store

    answers = []
    for content in contents:
        try:
            answers.append(store(Path(folder), name, content.encode(), folder_limit))
        except OSError as error:
            answers.append(f"{type(error).__name__}: {error}")
    return answers


def stored_at_once(folder: str, name: str, count: int) -> list[str]:
    """Store in many threads at once, all under one name; the names they got."""
    from concurrent.futures import ThreadPoolExecutor

    from stage3_images.storing import store

    with ThreadPoolExecutor(count) as threads:
        jobs = [threads.submit(store, Path(folder), name, b"%d" % job) for job in range(count)]
        return [job.result() for job in jobs]


def stored_without_links(folder: str, name: str, contents: list[str]) -> list[str]:
    """Store on a file system that has no hard links."""
    import errno

    def no_links(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    link, os.link = os.link, no_links  # type: ignore[assignment]
    try:
        return stored(folder, name, contents)
    finally:
        os.link = link


def workshop(folder: str, content: str, time_limits: list[float]) -> list[str]:
    """Have images checked, each by a workshop with its own time limit: names, or refusals."""
    import base64

    from stage3_images.image_workshop import ImageWorkshop
    from stage3_images.images import ImageRefusedError

    answers = []
    for time_limit in time_limits:
        shop = ImageWorkshop(time_limit)
        for _ in range(2):
            try:
                text = base64.b64encode(bytes.fromhex(content))
                answers.append(shop.receive(text, Path(folder), "cat.png").name)
            except ImageRefusedError as error:
                answers.append(f"refused: {error}")
        shop.close()
        shop.close()
    return answers


def workshop_in_many_threads(folder: str, contents: list[str]) -> list[str]:
    """Have images checked from many threads at once."""
    import base64
    from concurrent.futures import ThreadPoolExecutor

    from stage3_images.image_workshop import ImageWorkshop

    shop = ImageWorkshop()
    texts = [base64.b64encode(bytes.fromhex(content)) for content in contents]
    with ThreadPoolExecutor(len(texts)) as threads:
        jobs = [threads.submit(shop.receive, text, Path(folder), "cat") for text in texts]
        names = [job.result().name for job in jobs]
    shop.close()
    return names


def workshop_in_this_group(folder: str, content: str) -> bool:
    """Whether Ctrl+C in this program's terminal goes to the workshop's process, too."""
    import base64

    from stage3_images.image_workshop import ImageWorkshop

    shop = ImageWorkshop()
    shop.receive(base64.b64encode(bytes.fromhex(content)), Path(folder), "cat.png")
    assert shop._process is not None
    group = os.getpgid(shop._process.pid)
    shop.close()
    return group == os.getpgrp()


def closed_workshop(folder: str, content: str) -> str:
    """What a workshop that was closed says to one more image."""
    import base64

    from stage3_images.image_workshop import ImageWorkshop
    from stage3_images.images import ImageRefusedError

    shop = ImageWorkshop()
    shop.close()
    try:
        return shop.receive(base64.b64encode(bytes.fromhex(content)), Path(folder), "cat.png").name
    except ImageRefusedError as error:
        return f"refused: {error}"
