"""Takes the picture of a window that is not quite the real one, as a drift would make it.

python -m tests.docs.changed_windows CHANGE FILE
"""

import sys

from docs_tools.screenshots import conversation
from docs_tools.window_scene import screen
from stage2_gui.palettes import LIGHT, Palette
from stage2_gui.session import Session
from stage2_gui.window import ChatWindow


class LabelChanged(ChatWindow):
    """One letter of a button is another one."""

    def build_toolbar(self) -> None:
        """The real ones, and one renamed."""
        super().build_toolbar()
        self.clear_button.configure(text="Cleat")


class ButtonGone(ChatWindow):
    """A button is missing."""

    def build_toolbar(self) -> None:
        """The real ones but for one."""
        super().build_toolbar()
        self.clear_button.destroy()


CHANGES: dict[str, type[ChatWindow]] = {
    "a label": LabelChanged,
    "a button": ButtonGone,
}


def main() -> None:
    """Take it."""
    kind = CHANGES[sys.argv[1]]

    def make_window(palette: Palette) -> ChatWindow:
        return kind(lambda put_event: Session(put_event, ""), palette)

    with screen():
        conversation(LIGHT, make_window).save(sys.argv[2])


if __name__ == "__main__":
    main()
