"""A small copy of the project: the real course.py over stages that only tell how they were started.

It lies in a folder whose name has blanks and letters of other scripts. Its group `images` asks for
a package that a test makes itself, so set-ups run without a network.
"""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
STAGES = ("stage1_basic", "stage2_gui", "stage3_images", "stage4_udp_files")
STUB = """import os, sys
print("started", os.path.basename(__file__), *sys.argv[1:])
print("python", sys.executable)
sys.exit(int(os.environ.get("STUB_EXIT_CODE", "0")))
"""
PYPROJECT = """[project]
name = "stub"
[project.optional-dependencies]
images = ["course-stub-package>=1.0"]
"""
TIMEOUT = 600  # seconds; making a .venv takes a few, and many on a busy computer


class StubProject:
    """The copy, and the commands run in it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "Übung mit Leerzeichen 你好"
        self.wheels = folder / "wheels"
        self.wheels.mkdir()
        self.environment = self.root / ".venv"
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(PROJECT / "course_tools", self.root / "course_tools", ignore=ignored)
        shutil.copy(PROJECT / "course.py", self.root)
        self.pyproject = self.root / "pyproject.toml"
        self.pyproject.write_text(PYPROJECT, encoding="utf-8")
        for stage in STAGES:
            for program in ("server", "client"):
                self.write_program(stage, program, STUB)

    def write_program(self, stage: str, program: str, text: str) -> None:
        """Write a stage's program."""
        (self.root / stage).mkdir(exist_ok=True)
        (self.root / stage / f"{program}.py").write_text(text, encoding="utf-8")

    def make_wheel(self) -> None:
        """Put the package that the group `images` asks for into the folder of wheels."""
        name = "course_stub_package-1.0"
        with zipfile.ZipFile(self.wheels / f"{name}-py3-none-any.whl", "w") as wheel:
            wheel.writestr("course_stub_package.py", "")
            about = "Metadata-Version: 2.1\nName: course-stub-package\nVersion: 1.0\n"
            wheel.writestr(f"{name}.dist-info/METADATA", about)
            kind = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            wheel.writestr(f"{name}.dist-info/WHEEL", kind)
            wheel.writestr(f"{name}.dist-info/RECORD", "")

    def run(
        self, *arguments: str, cwd: Path | None = None, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run course.py with pip cut off from every network, and wait for its end."""
        offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": self.wheels.as_uri()}
        return run_course(self.root, *arguments, cwd=cwd or self.root, **offline, **variables)


def run_course(
    root: Path, *arguments: str, cwd: Path, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run the course.py in `root` from the folder `cwd`, and wait for its end."""
    course = "course.py" if cwd == root else str(root / "course.py")
    return subprocess.run(
        [sys.executable, course, *arguments],
        cwd=cwd,
        env=os.environ | {"PYTHONUTF8": "1"} | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=TIMEOUT,
        check=False,
    )
