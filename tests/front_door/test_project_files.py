"""The files around the code agree with each other."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.front_door.stub_project import PROJECT


def test_requirements_are_those_of_pyproject() -> None:
    """requirements.txt lists what the groups of pyproject.toml list."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = project["optional-dependencies"].values()
    lines = (PROJECT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    listed = {line for line in lines if line and not line.startswith("#")}
    assert listed == {requirement for group in groups for requirement in group}


def slug(heading: str) -> str:
    """The anchor of a heading, as the docs and the code's host make it."""
    return re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-")


def anchors(page: Path) -> set[str]:
    """The anchors of a page."""
    return {slug(line) for line in re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)}


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_links_lead_somewhere(page: str) -> None:
    """Every file, and every heading, that the first pages link to is there."""
    text = (PROJECT / page).read_text(encoding="utf-8")
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]+)#?([^)]*)\)", text):
        assert (PROJECT / target).exists(), f"{page} links to {target}"
        assert not anchor or anchor in anchors(PROJECT / target), f"{target} has no #{anchor}"
