"""Building the site with MkDocs: strictly, so a broken link or a missing region ends the build."""

import os
import subprocess
import tempfile
from pathlib import Path

from course_tools.launch import note
from course_tools.stages import PROJECT


def build(python: Path | str, site: Path, student: bool = False) -> int:
    """Build the site into the folder `site`; MkDocs' exit code.

    With `student`, the code that pages quote is that of starters: without the graded parts.
    """
    if not student:
        return _mkdocs(python, site, PROJECT)
    from docs_tools.student_code import copy_stages  # needs the grader, which is not everywhere

    with tempfile.TemporaryDirectory() as folder:
        copy_stages(Path(folder))
        return _mkdocs(python, site, Path(folder))


def _mkdocs(python: Path | str, site: Path, code: Path) -> int:
    environment = os.environ | {
        "DOCS_CODE": str(code),
        "DOCS_SITE": str(site),
        "NO_MKDOCS_2_WARNING": "1",
    }
    note("Building the site; that takes a few seconds.")
    # Not --quiet: it hides the warnings from --strict, too.
    command = [str(python), "-m", "mkdocs", "build", "--strict"]
    done = subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        note(f"Built: {site / 'index.html'} (opens from the disk, too)")
    else:
        said = [line for line in done.stderr.splitlines() if not line.startswith("INFO")]
        note("\n".join(said))
    return done.returncode
