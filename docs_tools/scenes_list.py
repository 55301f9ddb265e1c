"""All recordings by name."""

from docs_tools import pictures
from docs_tools.scenes import (
    broken,
    command_lines,
    first_steps,
    graded_parts,
    stage1,
    stage2,
    stage3,
    stage4,
)

SCENES = (
    first_steps.SCENES
    | stage1.SCENES
    | stage2.SCENES
    | stage3.SCENES
    | stage4.SCENES
    | command_lines.SCENES
    | graded_parts.SCENES
    | broken.SCENES
    | {"drawings": pictures.draw_all}
)
