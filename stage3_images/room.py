"""The room with images: what strangers send is checked before anyone else gets to see its name.

Strategy: an image is a line like any other, only longer. The room looks at its first bytes, then
hands it on untouched: decoding, checking and everything that touches the disk happen in the
background, while this client (and no other) waits. Clients are told the name, and fetch the image
when they want it.
"""

import json
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path
from typing import Any

from stage1_basic.lines import decode_text, encode_line
from stage1_basic.room import Client, Engine
from stage2_gui.room import Room as NamedRoom
from stage3_images.image_lines import NAME_BYTES, split_image
from stage3_images.image_workshop import ImageWorkshop, StoredImage
from stage3_images.images import ImageRefusedError, images_available
from stage3_images.library import ImageLibrary
from stage3_images.shared_folder import NotSharedError
from stage3_images.storing import upload_name

UPLOADS_LIMIT = 1024**3
"""How many bytes all stored uploads may have together."""

REFUSALS = (ImageRefusedError, NotSharedError)
NO_PILLOW = "this server has no Pillow, so it takes no images"


class Room(NamedRoom):
    """Stage 2's room, in which images can be sent and fetched."""

    def __init__(
        self, engine: Engine, ping_interval: float, library_folder: Path, uploads_folder: Path
    ) -> None:
        super().__init__(engine, ping_interval)
        self.uploads_folder = uploads_folder
        self.library = ImageLibrary(library_folder, uploads_folder)
        self.workshop = ImageWorkshop()

    def tick(self, now: float) -> None:
        """Time has passed: images that nobody fetches any more need no memory."""
        super().tick(now)
        self.library.tick(now)

    # What clients can ask for.

    # --8<-- [start:handle_image]
    def handle_image(self, client: Client, rest: bytes) -> None:
        """`IMAGE:<filename>|<base64>`: check it, store it, tell everyone."""
        name, base64 = split_image(rest)
        if not images_available():
            self.refuse_image(client, name, NO_PILLOW)
            return
        sender = self.name_of(client)

        def check_and_store() -> StoredImage:
            stored_as = upload_name(sender, name, datetime.now())
            return self.workshop.receive(
                base64, self.uploads_folder, stored_as, folder_limit=UPLOADS_LIMIT
            )

        def tell(image: StoredImage) -> None:
            self.reply(client, f"IMAGE_OK:{image.name}")
            news = encode_line(f"MESSAGE:IMAGE_RECEIVED:{sender}|{image.name}")
            self.broadcast(news, but=client)
            self.engine.log(f"{sender} sent the image {image.name} ({image.facts})")

        self._answer_image(client, name, check_and_store, tell)

    # --8<-- [end:handle_image]

    def handle_request_list(self, client: Client) -> None:
        """`REQUEST_LIST:`: the names of all images, as a JSON array."""

        def send(names: list[str]) -> None:
            self.reply(client, f"IMAGE_LIST:{json.dumps(names, ensure_ascii=False)}")

        self._answer_image(client, "", self.library.names, send)

    def handle_request_image(self, client: Client, rest: bytes) -> None:
        """`REQUEST_IMAGE:<filename>`: one image."""
        name = decode_text(rest)
        self._answer_image(client, name, lambda: self.library.server_image(name), client.send)

    # What the operator can ask for.

    def operator_list(self) -> None:
        """List the images that can be sent and fetched."""

        def show(names: list[str]) -> None:
            self.engine.log(f"{len(names)} images")
            for name in names:
                self.engine.log(f"  {name}")

        self._do_for_operator(self.library.names, show)

    def operator_send(self, filename: str) -> None:
        """Send an image of the list to everyone."""

        def send(line: bytes) -> None:
            # To everyone: who knows no images skips the line, as every client does with verbs that
            # it does not know. Only a person at `nc` sees it, and it is one line there.
            self.broadcast(line)
            self.engine.log(f"Server sent the image {filename} to {len(self.clients)} clients")

        self._do_for_operator(lambda: self.library.server_image(filename), send)

    # How it is done.

    def refuse_image(self, client: Client, name: str, why: str) -> None:
        """Tell a client that it does not get, or could not send, an image."""
        named = name.replace("|", "_")[:NAME_BYTES]
        self.reply(client, f"IMAGE_ERROR:{named}|{why}")

    def _answer_image(
        self,
        client: Client,
        name: str,
        work: Callable[[], Any],
        answer: Callable[[Any], None],
    ) -> None:
        """Work in the background while the client waits, then answer it, or refuse."""

        def then(future: Future[Any]) -> None:
            try:
                result = future.result()
            except REFUSALS as error:
                self.refuse_image(client, name, str(error))
            except OSError as error:
                self.refuse_image(client, name, error.strerror or str(error))
            else:
                answer(result)

        self.engine.run_in_background(work, then, holds=client)

    def _do_for_operator(self, work: Callable[[], Any], show: Callable[[Any], None]) -> None:
        def then(future: Future[Any]) -> None:
            try:
                result = future.result()
            except (*REFUSALS, OSError) as error:
                self.engine.log(f"not sent: {error}")
            else:
                show(result)

        self.engine.run_in_background(work, then)
