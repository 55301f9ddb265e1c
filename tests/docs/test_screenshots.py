"""The pictures of the windows show what the programs show; a change is seen, a grain is not."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

if sys.platform != "linux" or not all(map(importlib.util.find_spec, ("PIL", "_tkinter"))):
    pytest.skip("the pictures need Linux, tkinter and Pillow", allow_module_level=True)

from PIL import Image

from docs_tools.likeness import difference
from docs_tools.screenshots import SCREENS, SCREENSHOTS
from docs_tools.window_scene import NEEDED
from tests.docs.changed_windows import CHANGES
from tests.support.submission import PROJECT


def take(module: str, *arguments: str) -> None:
    """Have a module take a picture; skip the test where Xvfb or the font is missing, but in CI."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    if done.returncode and NEEDED in done.stderr and not os.environ.get("CI"):
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stderr


def drift(name: str, made: Path) -> str:
    """How a picture differs from the committed one."""
    return difference(Image.open(SCREENS / f"{name}.png"), Image.open(made))


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", SCREENSHOTS)
def test_nothing_has_drifted(name: str, tmp_path: Path) -> None:
    """A picture taken now shows the committed one. If it may differ: `course.py docs regenerate`"""
    take("docs_tools.screenshots", str(tmp_path), name)
    made = tmp_path / f"{name}.png"
    found = drift(name, made)
    assert not found, f"{name}.png has drifted: {found}. The new one is {made}"


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_seen(change: str, tmp_path: Path) -> None:
    """One letter of a label, or a missing button."""
    made = tmp_path / "changed.png"
    take("tests.docs.changed_windows", change, str(made))
    assert drift("stage2_light", made)


@pytest.mark.parametrize("share", [0.1, 0.25])
def test_letters_drawn_a_little_otherwise_are_no_change(share: float) -> None:
    """Every letter begins a part of a pixel further to the left."""
    committed = Image.open(SCREENS / "stage2_light.png").convert("RGB")
    moved = (1, 0, share, 0, 1, 0)
    other = committed.transform(
        committed.size, Image.Transform.AFFINE, moved, Image.Resampling.BILINEAR
    )
    assert other.tobytes() != committed.tobytes()
    assert not difference(committed, other)


def test_another_size_is_a_change() -> None:
    """A dialog that has grown."""
    assert "size" in difference(Image.new("RGB", (30, 20)), Image.new("RGB", (30, 21)))


def test_nothing_is_left_over() -> None:
    """Each picture is made by the program, and shown on some page."""
    pages = [PROJECT / "README.md", *(PROJECT / "docs").rglob("*.md")]
    shown = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    there = {path.stem for path in SCREENS.iterdir()}
    assert there == set(SCREENSHOTS) == set(re.findall(r"assets/screens/(\w+)\.png", shown))
