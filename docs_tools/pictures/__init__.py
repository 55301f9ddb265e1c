"""The walkthroughs' drawings that explain an idea; those of recorded exchanges are in scenes/."""

from pathlib import Path

from docs_tools.pictures import stage1, stage2, stage3, stage4


def draw_all(_folder: Path) -> dict[str, str]:
    """Every drawing, by file name."""
    pictures = [*stage1.PICTURES, *stage2.PICTURES, *stage3.PICTURES, *stage4.PICTURES]
    return {f"drawings/{draw.__name__}.svg": draw() for draw in pictures}
