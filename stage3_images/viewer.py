"""An image in a window of its own, full size, to be moved with scroll bars, wheel or mouse."""

import tkinter as tk
from tkinter import ttk

from stage2_gui.theme import Theme
from stage3_images.image_workshop import DrawnImage

LARGEST = (2_400, 2_400)
"""What is larger is shown smaller: showing more pixels would keep the window from its work."""


class ImageViewer(tk.Toplevel):
    """Shows one image until it is closed."""

    def __init__(self, root: tk.Misc, theme: Theme, name: str, drawn: DrawnImage) -> None:
        super().__init__(root, background=theme.palette.background)
        # Kept in an attribute: Tk shows a picture only as long as Python has it.
        picture = tk.PhotoImage(master=self, data=drawn.picture, format="ppm")
        self.picture: tk.PhotoImage | None = picture
        width, height = picture.width(), picture.height()
        smaller = "" if width == drawn.facts.width else f", shown as {width} x {height}"
        self.title(f"{name} ({drawn.facts}{smaller})")
        self.canvas = tk.Canvas(self, highlightthickness=0, background=theme.palette.background)
        self.canvas.configure(width=width, height=height, scrollregion=(0, 0, width, height))
        self.canvas.create_image(0, 0, image=picture, anchor="nw")
        self._fit_the_screen(width, height)
        self._bind_keys()
        self.focus_set()

    def destroy(self) -> None:
        """Close the window, and let go of the picture here: Tk is for the main thread only.

        Left to the garbage collector, the picture might be let go of by any thread.
        """
        super().destroy()
        self.picture = None

    def _fit_the_screen(self, width: int, height: int) -> None:
        """Open as large as the image, with scroll bars where the screen is smaller."""
        widest = self.winfo_screenwidth() * 9 // 10
        highest = self.winfo_screenheight() * 8 // 10
        down = ttk.Scrollbar(self, command=self.canvas.yview)
        across = ttk.Scrollbar(self, orient="horizontal", command=self.canvas.xview)
        self.canvas.configure(xscrollcommand=across.set, yscrollcommand=down.set)
        self.columnconfigure(0, weight=1)
        self.rowconfigure(0, weight=1)
        self.canvas.grid(row=0, column=0, sticky="nsew")
        if height > highest:
            down.grid(row=0, column=1, sticky="ns")
        if width > widest:
            across.grid(row=1, column=0, sticky="ew")
        self.geometry(f"{min(width, widest)}x{min(height, highest)}")

    def _bind_keys(self) -> None:
        canvas = self.canvas
        self.bind("<Escape>", lambda _: self.destroy())
        canvas.bind("<ButtonPress-1>", lambda event: canvas.scan_mark(event.x, event.y))
        canvas.bind("<B1-Motion>", lambda event: canvas.scan_dragto(event.x, event.y, gain=1))
        canvas.bind("<MouseWheel>", lambda event: self._scroll(-1 if event.delta > 0 else 1))
        canvas.bind("<Button-4>", lambda _: self._scroll(-1))
        canvas.bind("<Button-5>", lambda _: self._scroll(1))

    def _scroll(self, steps: int) -> None:
        self.canvas.yview_scroll(steps, "units")
