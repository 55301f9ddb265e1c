"""The window with images: selected, sent, shown in the conversation, and opened full size.

Strategy: nothing is decoded here. The session draws pictures in the background, each for a wish
that says what it is for, and brings the wish back with the picture.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tkinter import filedialog, ttk
from typing import Any

from stage1_basic.command_line import UserError
from stage2_gui.events import Disconnected, Kind
from stage2_gui.palettes import Palette
from stage2_gui.window import ChatWindow as TextChatWindow
from stage3_images.console import count_images
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
from stage3_images.folders import open_folder, prepare_folder
from stage3_images.image_browser import ImageBrowser
from stage3_images.image_workshop import DrawnImage
from stage3_images.images import EXTENSIONS, images_available, pillow_cure
from stage3_images.selected_image import PREVIEW, SelectedImage
from stage3_images.session import Session
from stage3_images.thumbnails import Thumbnails
from stage3_images.viewer import LARGEST, ImageViewer

THUMBNAIL = (280, 200)
CAMERA = "\N{CAMERA}"


@dataclass(frozen=True, slots=True)
class ForPreview:
    """The picture is for the strip of the selected image."""


@dataclass(frozen=True, slots=True)
class ForConversation:
    """The picture is for the conversation, under a line of `sender`."""

    kind: Kind
    sender: str


@dataclass(frozen=True, slots=True)
class ForViewer:
    """The picture is for a viewer."""


class ChatWindow(TextChatWindow):
    """Stage 2's window, with images."""

    session: Session

    def __init__(
        self,
        make_session: Callable[[Callable[[Any], None]], Session],
        palette: Palette | None = None,
    ) -> None:
        self.selected: Path | None = None
        self.browser: ImageBrowser | None = None
        self.viewer: ImageViewer | None = None
        self._senders: dict[str, str] = {}  # of announced images, by name
        super().__init__(make_session, palette)
        self.session.fetches_announced = True
        self.thumbnails = Thumbnails(self.conversation)
        self.camera = f"{CAMERA} " if self.showable.shows_emoji else ""

    # Building.

    def build_bottom(self, frame: ttk.Frame) -> None:
        """Stage 2's, with a place for the selected image above the entry."""
        super().build_bottom(frame)
        self.send_button.configure(text="Send Text")
        self.strip = SelectedImage(self.lower_panel, self.theme, self.unselect_image)

    def build_toolbar(self) -> None:
        """The buttons for images, then stage 2's."""
        if images_available():
            self.select_button = self.add_button("Select Image", self.ask_for_image)
            self.send_image_button = self.add_button("Send Image", self.send_selected)
            self.send_image_button.state(["disabled"])
            self.browse_button = self.add_button("Server Images", self.browse_images)
            self.view_button = self.add_button("View Received", self.view_received)
            self.save_to_button = self.add_button("Save to\u2026", self.ask_for_folder)
        else:
            self.warning_button = self.add_button(
                "Images are off", self.explain_pillow, style="Warning.TButton"
            )
        super().build_toolbar()

    def restyle(self) -> None:
        """Give the theme's colours to all that is not ttk."""
        super().restyle()
        if self.browser is not None and self.browser.winfo_exists():
            self.browser.restyle()

    # What the user does.

    def ask_for_image(self) -> None:
        """Let the user choose an image file."""
        patterns = [f"*{extension}" for kind in EXTENSIONS.values() for extension in kind]
        types = [("Images", patterns + [pattern.upper() for pattern in patterns])]
        name = filedialog.askopenfilename(parent=self.root, title="Select Image", filetypes=types)
        if name:
            self.select_image(Path(name))

    def select_image(self, path: Path) -> None:
        """Show an image file as the one to be sent."""
        self.session.draw_image(ForPreview(), path, PREVIEW)

    def unselect_image(self) -> None:
        """Have no image selected."""
        self.selected = None
        self.strip.hide()
        self.select_button.state(["!disabled"])
        self.send_image_button.state(["disabled"])

    def send_selected(self) -> None:
        """Send the selected image to everyone."""
        if self.selected is not None:
            self.session.send_image(str(self.selected))

    def browse_images(self) -> None:
        """Show what the server has."""
        if self.browser is None or not self.browser.winfo_exists():
            self.browser = ImageBrowser(
                self.root,
                self.theme,
                self.showable,
                fetch=self.session.request_image,
                refresh=self.session.list_images,
            )
        self.browser.lift()
        self.session.list_images()

    def view_received(self) -> None:
        """Open the folder with the received images."""
        try:
            prepare_folder(self.session.received)
            open_folder(self.session.received)
        except (OSError, UserError) as error:
            self.show_line("error", "Error", str(error))

    def ask_for_folder(self) -> None:
        """Let the user choose where images are saved."""
        folder = filedialog.askdirectory(
            parent=self.root, title="Save images to", initialdir=self.session.received
        )
        if folder:
            self.save_to(Path(folder))

    def save_to(self, folder: Path) -> None:
        """Save images in this folder from now on."""
        try:
            prepare_folder(folder)
        except UserError as error:
            self.show_line("error", "Error", str(error))
            return
        self.session.received = folder
        self.show_line("system", "System", f"Images are saved in {folder.absolute()}")

    def explain_pillow(self) -> None:
        """Say why there are no images, and what to do."""
        self.show_line("error", "Error", pillow_cure("client", self.session.stage))

    def view(self, path: Path) -> None:
        """Open an image full size."""
        self.session.draw_image(ForViewer(), path, LARGEST)

    def clear(self) -> None:
        """Empty the conversation, pictures included."""
        super().clear()
        self.thumbnails.clear()

    # What events change.

    def handle(self, event: Any) -> None:
        """Take in one event."""
        match event:
            case ImageDrawn(wish, path, drawn):
                self._drawn(wish, path, drawn)
            case ImageNotDrawn(_, path, why):
                self.show_line("error", "Error", f"{path.name}: {why}")
            case ImageNotSent(path, why):
                self.show_line("error", "Error", f"{path.name}: not sent: {why}")
                self._image_may_leave()
            case ImageLeaving(path, size):
                self.select_button.state(["disabled"])
                self.send_image_button.state(["disabled"])
                self.strip.show_leaving(self.showable(path.name), size)
            case ImageProgress(sent, total):
                self.strip.show_progress(sent, total)
            case ImageSent(path, _):
                if path == self.selected:
                    self.selected = None
                self._image_may_leave()
                self._wish_for(path, "you", "You")
            case ImageAnnounced(sender, name):
                self._senders[name] = sender
                self.show_line("system", "System", f"{self.camera}{sender} has sent {name}")
            case ImageSaved(name, path, _):
                sender = self._senders.pop(name, "Server")
                self._wish_for(path, "server" if sender == "Server" else "other", sender)
            case ImageNotSaved(name, why):
                self._senders.pop(name, None)
                self.show_line("error", "Error", f"{name}: not saved: {why}")
            case ImagesListed(names, for_user):
                self._show_list(names, for_user)
            case _:
                super().handle(event)
                if isinstance(event, Disconnected) and images_available():
                    self._image_may_leave()

    def _wish_for(self, path: Path, kind: Kind, sender: str) -> None:
        self.session.draw_image(ForConversation(kind, sender), path, THUMBNAIL)

    def _drawn(self, wish: object, path: Path, drawn: DrawnImage) -> None:
        name = self.showable(path.name)
        match wish:
            case ForPreview():
                self.selected = path
                self.strip.show(drawn.picture, name, str(drawn.facts))
                self._image_may_leave()
            case ForConversation(kind, sender):
                self.show_line(kind, sender, f"{self.camera}{path.name} ({drawn.facts})")
                self.news.show()  # the picture belongs below this line
                self.thumbnails.add(drawn.picture, lambda: self.view(path))
            case ForViewer():
                self.viewer = ImageViewer(self.root, self.theme, name, drawn)

    def _image_may_leave(self) -> None:
        """No image is under way: another one may be selected, and the selected one sent."""
        if self.selected is None:
            self.unselect_image()
        else:
            self.select_button.state(["!disabled"])
            self.send_image_button.state(["!disabled"])
            self.strip.show_waiting()

    def _show_list(self, names: tuple[str, ...], for_user: bool) -> None:
        if self.browser is not None and self.browser.winfo_exists():
            self.browser.show(names)
        elif for_user:
            self.show_line("system", "System", f"{count_images(names)}: {', '.join(names)}")
