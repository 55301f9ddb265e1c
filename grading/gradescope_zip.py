"""Write an autograder for Gradescope: `python3 -m grading.gradescope_zip FILE --stage 1`.

The ZIP file has setup.sh and run_autograder on top, as Gradescope wants it, and beside them what
grading needs of this project. Source: gradescope-autograders.readthedocs.io/en/latest/specs.
"""

import argparse
import shlex
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from course_tools.stages import FOLDERS, PROJECT

SCRIPTS = ("setup.sh", "run_autograder")
CONTENTS = (
    *("course.py", "conftest.py", "pyproject.toml", "LICENSE", "course_tools", "grading"),
    *("tests/__init__.py", "tests/manifest.json", "tests/support"),
    *FOLDERS,
    *(f"tests/stage{number}" for number in range(1, len(FOLDERS) + 1)),
)


def main() -> int:
    """Read the command line, write the file."""
    parser = argparse.ArgumentParser(
        prog="python3 -m grading.gradescope_zip", description="Write an autograder for Gradescope."
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="the ZIP file to write")
    parser.add_argument(
        "--stage", type=int, choices=range(1, 5), metavar="N", help="grade only this stage"
    )
    parser.add_argument(
        "--docs", metavar="URL", default="", help="where your students read the course's site"
    )
    arguments = parser.parse_args()
    write_zip(arguments.file, arguments.stage, arguments.docs)
    size = arguments.file.stat().st_size / 1e6
    print(f"{arguments.file} ({size:.1f} MB): upload it at Configure Autograder")
    return 0


def write_zip(file: Path, stage: int | None, docs: str = "") -> None:
    """Write the autograder of a stage, or of all stages that a submission has."""
    settings = f"STAGE={stage or ''}\nCOURSE_DOCS={shlex.quote(docs)}\n"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in SCRIPTS:
            content = (PROJECT / "grading" / "gradescope" / name).read_bytes()
            _add(archive, name, content.replace(b"\r\n", b"\n"), mode=0o755)
        _add(archive, "settings.sh", settings.encode())
        for path in _files():
            _add(archive, path.relative_to(PROJECT).as_posix(), path.read_bytes())


def _add(archive: zipfile.ZipFile, name: str, content: bytes, mode: int = 0o644) -> None:
    """Add a file with its permissions, and with a date that makes equal files equal archives."""
    entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
    entry.create_system = 3  # Unix, whose permissions these are
    entry.external_attr = mode << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)


def _files() -> Iterator[Path]:
    for name in CONTENTS:
        path = PROJECT / name
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (file for file in inside if file.is_file() and not _is_left_out(file))


def _is_left_out(file: Path) -> bool:
    parts = file.relative_to(PROJECT).parts
    return any(part == "__pycache__" or part.endswith("_cache") for part in parts)


if __name__ == "__main__":
    sys.exit(main())
