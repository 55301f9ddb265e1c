"""Strangers' folders: copied without what leads out of them, and removed whatever is in them."""

import contextlib
import fnmatch
import os
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

MOST_FILES, MOST_BYTES = 20_000, 500_000_000
NOT_COPIED = (
    *(".git", ".venv", "venv", "__pycache__", ".*_cache"),
    *("site", "node_modules", ".hypothesis", "__MACOSX"),
)


class SubmissionError(Exception):
    """A submission that cannot be graded; the message is one line."""


def copy(source: Path, target: Path) -> None:
    """Copy a folder; links out of it, pipes and devices stay behind.

    Raises SubmissionError when there is too much of it, or something cannot be read.
    """
    try:
        shutil.copytree(source, target, symlinks=True, ignore=_left_out(source.resolve()))
    except RecursionError:
        raise SubmissionError(f"{source.name}: its folders are nested too deep") from None
    except shutil.Error as error:
        name, _, why = error.args[0][0]
        raise SubmissionError(f"{name} cannot be copied: {why}") from None
    except OSError as error:
        raise SubmissionError(f"{source.name} cannot be copied: {error}") from None


def is_left_out(names: Iterable[str]) -> bool:
    """Whether one of these names is that of a folder that has nothing to do with the grade."""
    return any(fnmatch.fnmatch(name, pattern) for name in names for pattern in NOT_COPIED)


def _left_out(root: Path) -> Callable[[str, list[str]], set[str]]:
    files = total = 0

    def choose(folder: str, names: list[str]) -> set[str]:
        nonlocal files, total
        left = {name for name in names if is_left_out([name])}
        for name in set(names) - left:
            path = Path(folder, name)
            status = path.lstat()
            if not _is_harmless(path, status.st_mode, root):
                left.add(name)
                continue
            files, total = files + 1, total + status.st_size
            if files > MOST_FILES or total > MOST_BYTES:
                raise SubmissionError(
                    f"{root.name} holds more than {MOST_FILES:,} files"
                    f" or {MOST_BYTES // 1_000_000} MB"
                )
        return left

    return choose


def _is_harmless(path: Path, mode: int, root: Path) -> bool:
    if stat.S_ISLNK(mode):
        return path.resolve().is_relative_to(root) and not path.readlink().is_absolute()
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode)


def remove(folder: Path) -> None:
    """Remove a folder as far as possible, nested however deep, forbidden or not. Never fails."""
    with contextlib.suppress(RecursionError):  # before Python 3.13
        shutil.rmtree(folder, ignore_errors=True)
    if os.name == "posix" and folder.exists():
        for command in (["chmod", "-R", "u+rwX"], ["rm", "-rf"]):
            subprocess.run([*command, str(folder)], capture_output=True, check=False)
