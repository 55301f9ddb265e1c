"""Draws the images in `samples`: a landscape, a diagram and an animation.

Run `python stage3_images/draw_samples.py` to draw them again. They are the project's own,
so anyone may use them, and small, so that a transfer can be watched line by line.
"""

import math
import random
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

SAMPLES = Path(__file__).with_name("samples")
Colour = tuple[int, int, int]
INK, PAPER, BLUE, GREEN, RED, GREY = (
    (33, 43, 54),
    (250, 250, 247),
    (32, 98, 164),
    (34, 139, 94),
    (196, 64, 52),
    (150, 158, 166),
)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Return a colour between two others."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def draw_landscape(width: int = 1200, height: int = 750) -> Image.Image:
    """Mountains in front of a low sun, mirrored in a lake."""
    picture = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(picture)
    shore = round(height * 0.68)
    draw_sky(picture, width, shore)
    chance = random.Random(7)
    far, near = (122, 96, 138), (28, 34, 58)
    for layer in range(5):
        colour = mix(far, near, layer / 4)
        base = shore * (0.55 + 0.11 * layer)
        draw.polygon(ridge(chance, width, shore, base, 120 - 18 * layer), fill=colour)
    lake = picture.crop((0, 0, width, shore)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    lake = lake.resize((width, height - shore)).filter(ImageFilter.GaussianBlur(3))
    picture.paste(Image.blend(lake, Image.new("RGB", lake.size, (24, 40, 74)), 0.35), (0, shore))
    ripples = Image.new("L", picture.size)
    for _ in range(150):
        y = shore + round((height - shore) * chance.random() ** 1.5)
        x, length = chance.randrange(width), 12 + (y - shore) // 3
        ImageDraw.Draw(ripples).line((x, y, x + length, y), fill=70)
    picture.paste((255, 214, 160), (0, 0), ripples)
    return picture


def draw_sky(picture: Image.Image, width: int, shore: int) -> None:
    """Fill the sky with a gradient, and add the sun and its glow."""
    draw = ImageDraw.Draw(picture)
    for y in range(shore):
        share = y / shore
        high, low = (
            ((38, 54, 110), (238, 132, 98)) if share < 0.6 else ((238, 132, 98), (255, 214, 150))
        )
        draw.line(
            (0, y, width, y),
            fill=mix(high, low, share / 0.6 if share < 0.6 else (share - 0.6) / 0.4),
        )
    glow = Image.new("L", picture.size)
    x, y = round(width * 0.46), round(shore * 0.4)
    for radius, light in ((230, 40), (150, 70), (100, 110), (58, 255)):
        ImageDraw.Draw(glow).ellipse((x - radius, y - radius, x + radius, y + radius), fill=light)
    glow = glow.filter(ImageFilter.GaussianBlur(14))
    picture.paste((255, 240, 205), (0, 0), glow)


def ridge(
    chance: random.Random, width: int, shore: int, base: float, height: float
) -> list[tuple[float, float]]:
    """Return the outline of a chain of mountains, made of waves of chance length."""
    waves = [
        (chance.uniform(0.6, 1) / n, chance.uniform(1, 2) * n, chance.random() * 7)
        for n in (1, 2, 4, 9, 19)
    ]
    top = [
        (
            x,
            base
            - height
            * sum(size * math.sin(x / width * 6 * often + start) for size, often, start in waves),
        )
        for x in range(0, width + 8, 4)
    ]
    return [(0, shore), *top, (width, shore)]


def draw_handshake(width: int = 900, height: int = 560) -> Image.Image:
    """How a TCP connection begins: SYN, SYN-ACK, ACK, and then the first line of a chat."""
    scale = 2  # drawn twice as large and scaled down: smooth lines
    picture = Image.new("RGB", (width * scale, height * scale), PAPER)
    draw = ImageDraw.Draw(picture)
    left, right = 180 * scale, (width - 180) * scale
    text(draw, (width // 2 * scale, 40 * scale), "How a TCP connection begins", 26 * scale, INK)
    for x, name in ((left, "client"), (right, "server")):
        draw.rounded_rectangle(
            (x - 80 * scale, 80 * scale, x + 80 * scale, 124 * scale), 10 * scale, fill=INK
        )
        text(draw, (x, 102 * scale), name, 20 * scale, PAPER)
        draw.line((x, 124 * scale, x, (height - 30) * scale), fill=GREY, width=2 * scale)
    steps = (
        ("SYN   seq=100", 160, True, BLUE),
        ("SYN-ACK   seq=300 ack=101", 240, False, GREEN),
        ("ACK   ack=301", 320, True, BLUE),
        ("CLIENT:Hello\\n   13 bytes", 420, True, RED),
    )
    for label, y, forth, colour in steps:
        start, end = (left, right) if forth else (right, left)
        arrow(draw, (start, y * scale), (end, (y + 50) * scale), colour, scale)
        text(draw, (width // 2 * scale, y * scale), label, 18 * scale, colour)
    return picture.resize((width, height), Image.Resampling.LANCZOS).quantize(64)


def arrow(
    draw: ImageDraw.ImageDraw,
    start: tuple[int, int],
    end: tuple[int, int],
    colour: Colour,
    scale: int,
) -> None:
    """Draw a line with a head."""
    draw.line((start, end), fill=colour, width=3 * scale)
    angle = math.atan2(end[1] - start[1], end[0] - start[0])
    head = [
        (end[0] - 16 * scale * math.cos(angle + turn), end[1] - 16 * scale * math.sin(angle + turn))
        for turn in (-0.4, 0.4)
    ]
    draw.polygon([end, *head], fill=colour)


def text(
    draw: ImageDraw.ImageDraw, middle: tuple[int, int], words: str, size: int, colour: Colour
) -> None:
    """Write words around a point."""
    draw.text(middle, words, colour, ImageFont.load_default(size), anchor="mm")


def draw_window_frames(width: int = 480, height: int = 200) -> list[Image.Image]:
    """A sliding window of four packets: sent (blue), acknowledged (green)."""
    frames = []
    for acknowledged in range(9):
        picture = Image.new("RGB", (width, height), PAPER)
        draw = ImageDraw.Draw(picture)
        text(draw, (width // 2, 32), "A sliding window of four packets", 20, INK)
        for packet in range(12):
            x = 18 + packet * 37
            sent = packet < acknowledged + 4
            colour = GREEN if packet < acknowledged else BLUE if sent else (224, 226, 228)
            draw.rounded_rectangle((x, 80, x + 30, 124), 5, fill=colour)
            text(draw, (x + 15, 102), str(packet), 15, PAPER if sent else GREY)
        x = 18 + acknowledged * 37
        draw.rounded_rectangle((x - 5, 70, x + 3 * 37 + 35, 134), 8, outline=RED, width=3)
        text(draw, (width // 2, 168), f"cumulative ACK {acknowledged}", 16, GREEN)
        frames.append(picture.quantize(16))
    return frames


def main() -> None:
    """Draw all samples."""
    draw_landscape().save(SAMPLES / "mountain_lake.jpg", quality=82, optimize=True)
    draw_handshake().save(SAMPLES / "handshake.png", optimize=True)
    first, *others = draw_window_frames()
    first.save(
        SAMPLES / "sliding_window.gif", save_all=True, append_images=others, duration=600, loop=0
    )


if __name__ == "__main__":
    main()
