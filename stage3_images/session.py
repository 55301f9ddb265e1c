"""The session with images: sending them, fetching them, and trusting none that comes.

Strategy: reading, checking and saving are done by a thread of the session's own, one image at a
time, so neither the face nor the receive thread waits for a disk or a decoder. What a server sends
is treated as a stranger's: checked like an upload, and saved under a name made safe here.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any

from stage1_basic.background import BackgroundWorker
from stage1_basic.lines import clean_text, decode_text, encode_line
from stage2_gui.answers import UNKNOWN_VERB, ListRequests
from stage2_gui.people import names_in_list
from stage2_gui.session import Session as TextSession
from stage3_images.events import (
    ImageAnnounced,
    ImageDrawn,
    ImageLeaving,
    ImageNotDrawn,
    ImageNotSaved,
    ImageNotSent,
    ImageProgress,
    ImageSaved,
    ImageSent,
    ImagesListed,
)
from stage3_images.image_lines import image_line, split_image
from stage3_images.image_workshop import ImageWorkshop
from stage3_images.images import (
    BYTE_LIMIT,
    TOO_LARGE,
    ImageRefusedError,
    image_kind,
    images_available,
    pillow_cure,
)
from stage3_images.names import safe_name
from stage3_images.outstanding import Fetch, OutstandingImages, Upload

RECEIVED_LIMIT = 1024**3
"""How many bytes a server can make this client save."""

WAITING_IMAGES = 4
"""How many received images wait to be checked before the session reads no more from the server."""


class Session(TextSession):
    """Stage 2's session, with images, which are saved in the folder `received`."""

    stage = 3

    def __init__(self, put_event: Callable[[Any], None], start_server: str, received: Path) -> None:
        super().__init__(put_event, start_server)
        self.received = received
        self.fetches_announced = False  # a window does; on a console the user decides
        self.saves_images = True  # also those that the operator sends unasked
        self.outstanding = OutstandingImages(self.link.send)
        self.workshop = ImageWorkshop()
        self._worker = BackgroundWorker(lambda function, *arguments: function(*arguments))
        self._places = threading.BoundedSemaphore(WAITING_IMAGES)
        self._server_has_images = False
        self._image_requests = ListRequests(lambda: self._send("REQUEST_LIST:"))

    # The connection.

    def greet(self) -> None:
        """Ask for the images first: once it is known who is here, it is known what is here too."""
        self._image_requests.ask(for_user=False)
        super().greet()

    def finish(self) -> None:
        """Leave once the images that are still being read are sent."""
        self._in_background(super().finish)

    def connection_lost(self, why: str) -> None:
        """The connection has ended; what came before is saved before the program ends."""
        tell = partial(super().connection_lost, why)
        if self._finishing:
            self._in_background(tell)
        else:
            tell()

    def _forget(self) -> None:
        super()._forget()
        self._server_has_images = False
        self._image_requests.forget()
        self.outstanding.forget()

    def send_progress(self, sent: int, total: int) -> None:
        """So many bytes of an image have gone."""
        self.put_event(ImageProgress(sent, total))

    # What a user can do.

    def list_images(self) -> None:
        """Ask for the server's images."""
        if self._images_usable():
            self._image_requests.ask(for_user=True)

    def send_image(self, path: str) -> None:
        """Send an image file to everyone."""
        if self._images_usable() and self._pillow_or_told():
            file = Path(path).expanduser()
            self._in_background(lambda: self._send_file(file))

    def request_image(self, name: str) -> None:
        """Fetch an image from the server."""
        if self._images_usable() and self._pillow_or_told():
            name = clean_text(name)
            self.outstanding.request(Fetch(name), encode_line(f"REQUEST_IMAGE:{name}"))

    def draw_image(self, wish: object, path: Path, box: tuple[int, int]) -> None:
        """Draw an image file to fit `box`; the event that follows brings the `wish` back."""
        self._in_background(lambda: self._draw(wish, path, box))

    def help_lines(self) -> list[tuple[str, str]]:
        """What can be typed, and what it does."""
        own = [
            ("/images", "which images the server has"),
            ("/image FILE", "send an image to everyone"),
            ("/request NAME", "fetch an image from the server"),
        ]
        *text, help_line, quit_line = super().help_lines()
        return [*text, *own, help_line, quit_line]

    # What the server says.

    def received_image_list(self, rest: bytes) -> None:
        """`IMAGE_LIST:<json array>`."""
        self._server_has_images = True
        names = tuple(clean_text(name) for name in names_in_list(decode_text(rest)))
        self.put_event(ImagesListed(names, self._image_requests.answered()))

    def refused_request_list(self, why: str) -> None:
        """A server of an earlier stage: there is no list, and there are no images."""
        if self._image_requests.answered() and why != UNKNOWN_VERB:
            self.show_error(why)

    def received_message(self, rest: bytes) -> None:
        """`MESSAGE:IMAGE_RECEIVED:<sender>|<filename>`, or what stage 2 knows."""
        if not rest.startswith(b"IMAGE_RECEIVED:"):
            super().received_message(rest)
            return
        sender, _, name = decode_text(rest).partition(":")[2].rpartition("|")
        self.put_event(ImageAnnounced(sender, name))
        if self.fetches_announced and images_available():
            self.outstanding.announced(name)

    def received_image_ok(self, rest: bytes) -> None:
        """`IMAGE_OK:<stored name>`: everyone else is told of our image now."""
        upload = self.outstanding.answered()
        if isinstance(upload, Upload):
            self.put_event(ImageSent(upload.path, decode_text(rest)))

    def received_image_error(self, rest: bytes) -> None:
        """`IMAGE_ERROR:<filename>|<text>`."""
        name, _, why = decode_text(rest).partition("|")
        request = self.outstanding.answered()
        if isinstance(request, Upload):
            self.put_event(ImageNotSent(request.path, why))
        else:
            name = request.name if request else name
            self.put_event(ImageNotSaved(name, why))
            self.outstanding.dealt_with(name)

    def refused_image(self, why: str) -> None:
        """The whole line was refused, by its length or by a server of an earlier stage."""
        request = self.outstanding.answered()
        if isinstance(request, Upload):
            self.put_event(ImageNotSent(request.path, why))

    def received_server_image(self, rest: bytes) -> None:
        """`SERVER_IMAGE:<filename>|<base64>`: check and save it, whoever sent it."""
        if not self.saves_images:
            return
        name, base64 = split_image(rest)
        self.outstanding.arrived(name)
        self._places.acquire()  # a server cannot fill the memory: it waits for us
        self._in_background(lambda: self._save(name, base64))

    def _save(self, name: str, base64: memoryview) -> None:
        try:
            stored = self.workshop.receive(
                base64, self.received, name, folder_limit=RECEIVED_LIMIT, fit_extension=True
            )
        except ImageRefusedError as error:
            self.put_event(ImageNotSaved(name, str(error)))
        else:
            path = self.received.absolute() / stored.name
            self.put_event(ImageSaved(name, path, stored.facts))
        finally:
            self._places.release()
            self.outstanding.dealt_with(name)

    # How it is done.

    def _send_file(self, path: Path) -> None:
        try:
            content = _read_image(path)
        except (OSError, ImageRefusedError) as error:
            why = getattr(error, "strerror", None) or str(error)
            self.put_event(ImageNotSent(path, why))
            return
        if self._connected_or_told():
            self.put_event(ImageLeaving(path, len(content)))
            line = image_line(safe_name(path.name), content)
            if not self.outstanding.request(Upload(path), line):
                self.put_event(ImageNotSent(path, "the connection to the server is lost"))

    def _draw(self, wish: object, path: Path, box: tuple[int, int]) -> None:
        try:
            self.put_event(ImageDrawn(wish, path, self.workshop.show(path, box)))
        except ImageRefusedError as error:
            self.put_event(ImageNotDrawn(wish, path, str(error)))

    def _images_usable(self) -> bool:
        if not self._connected_or_told():
            return False
        if not self._server_has_images:
            self.show_error("this server has no images (they begin with the server of stage 3)")
        return self._server_has_images

    def _pillow_or_told(self) -> bool:
        if not images_available():
            self.show_error(f"no images here: {pillow_cure('client', self.stage)}")
        return images_available()

    def _in_background(self, work: Callable[[], None]) -> None:
        self._worker.submit(work, self._done)

    def _done(self, future: Future[None]) -> None:
        if error := future.exception():
            self.show_error(f"{type(error).__name__}: {error}")


def _read_image(path: Path) -> bytes:
    """Return the content of a file that may be an image; raise OSError, ImageRefusedError."""
    with path.open("rb") as file:
        content = file.read(BYTE_LIMIT + 1)
    image_kind(content)
    if len(content) > BYTE_LIMIT:
        raise ImageRefusedError(TOO_LARGE)
    return content
