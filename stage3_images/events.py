"""What a session with images tells its face, besides the events of stage 2."""

from dataclasses import dataclass
from pathlib import Path

from stage3_images.image_workshop import DrawnImage
from stage3_images.images import ImageFacts


@dataclass(frozen=True, slots=True)
class ImagesListed:
    """The server's images; `for_user` when the user asked for the list."""

    names: tuple[str, ...]
    for_user: bool


@dataclass(frozen=True, slots=True)
class ImageAnnounced:
    """`sender` has sent an image; it can be fetched by its `name`."""

    sender: str
    name: str


@dataclass(frozen=True, slots=True)
class ImageLeaving:
    """An image of the user's, of so many bytes, is on its way to the server."""

    path: Path
    size: int


@dataclass(frozen=True, slots=True)
class ImageProgress:
    """So many bytes of a line with an image have gone."""

    sent: int
    total: int


@dataclass(frozen=True, slots=True)
class ImageSent:
    """The server has taken the user's image, and calls it `name`."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class ImageSaved:
    """An image of the server's was checked, and saved at `path` (absolute)."""

    name: str
    path: Path
    facts: ImageFacts


@dataclass(frozen=True, slots=True)
class ImageNotSent:
    """The user's image is not on the server, and why."""

    path: Path
    why: str


@dataclass(frozen=True, slots=True)
class ImageNotSaved:
    """An image of the server's did not come, or was not fit to be saved, and why."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class ImageDrawn:
    """The picture that the face wished for, by its `wish`."""

    wish: object
    path: Path
    drawn: DrawnImage


@dataclass(frozen=True, slots=True)
class ImageNotDrawn:
    """The picture that the face wished for cannot be drawn."""

    wish: object
    path: Path
    why: str
