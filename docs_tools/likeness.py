"""Whether two pictures show the same, though another computer may have drawn the letters.

Strategy: each pixel is taken together with its eight neighbours. Edges of letters that are a little
darker here and lighter there even out; a letter that is another one does not.
"""

from PIL import Image, ImageChops, ImageFilter

AROUND = ImageFilter.BoxBlur(1)
STEP = 32  # of 255: by how much a colour may be off
FEW = 5  # pixels that may be off by more


def difference(committed: Image.Image, made: Image.Image) -> str:
    """What differs, in words; empty when they show the same."""
    if committed.size != made.size:
        return f"its size is {made.size}, and was {committed.size}"
    off = _far_off(committed, made)
    count = off.histogram()[255]
    if count <= FEW:
        return ""
    left, top, right, bottom = off.getbbox() or (0, 0, 0, 0)
    return f"{count} pixels differ, all between ({left}, {top}) and ({right}, {bottom})"


def _far_off(one: Image.Image, other: Image.Image) -> Image.Image:
    """White where the pictures differ, black elsewhere."""
    one, other = (picture.convert("RGB").filter(AROUND) for picture in (one, other))
    red, green, blue = ImageChops.difference(one, other).split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return most.point([0] * (STEP + 1) + [255] * (255 - STEP))
