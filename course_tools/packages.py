"""The groups of packages in pyproject.toml, and which of them a Python already has."""

import importlib.metadata
import re
import tomllib
from collections.abc import Iterable

from course_tools.stages import PROJECT

PYPROJECT = PROJECT / "pyproject.toml"


def required(groups: Iterable[str]) -> list[str]:
    """What the groups ask for, as pip takes it, such as "Pillow>=11.0"."""
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    return [line for group in groups for line in project["optional-dependencies"][group]]


def name_of(requirement: str) -> str:
    """The package that a requirement is about: "mkdocs>=1.6,<2" asks for "mkdocs"."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    return found[0] if found else requirement


def this_python_has(group: str) -> bool:
    """Whether the running Python has the packages of a group, none older than asked for."""
    return all(_is_met(requirement) for requirement in required([group]))


def _is_met(requirement: str) -> bool:
    wanted = re.search(r">=([\d.]+)", requirement)
    try:
        version = importlib.metadata.version(name_of(requirement))
    except importlib.metadata.PackageNotFoundError:
        return False
    return wanted is None or _numbers(version) >= _numbers(wanted[1])


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]
