"""The folder .venv: made, filled, mended, and what is said when that cannot be done."""

import shutil
import sys
from pathlib import Path

import pytest

from tests.front_door.stub_project import StubProject

pytestmark = pytest.mark.timeout(900)  # each makes a .venv, some of them several times


@pytest.mark.slow
def test_without_network_the_program_runs_without_images(stub_project: StubProject) -> None:
    """When Pillow cannot be had, the reason is clear, and the program starts all the same."""
    answer = stub_project.run("server", "3")
    assert answer.returncode == 0
    assert "about a minute" in answer.stderr
    assert "No matching distribution found for course-stub-package" in answer.stderr
    assert "Is there a network?" in answer.stderr
    assert "course.py server 1" in answer.stderr
    assert "Going on without Pillow" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert "started server.py" in answer.stdout


@pytest.mark.slow
def test_packages_are_installed_once_and_again_after_a_change(stub_project: StubProject) -> None:
    """The first start installs, the second does not, and a changed pyproject.toml is looked at."""
    stub_project.make_wheel()
    first = stub_project.run("client", "3", "--console")
    assert f"python {stub_project.environment}" in first.stdout
    assert "Installing into .venv: course-stub-package" in first.stderr
    second = stub_project.run("client", "3", "--console")
    assert "Installing" not in second.stderr
    with stub_project.pyproject.open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert "Installing" in stub_project.run("client", "3", "--console").stderr
    for package in stub_project.environment.rglob("course_stub_package*.dist-info"):
        shutil.rmtree(package)
    assert "Installing" in stub_project.run("client", "3", "--console").stderr


def interrupt(environment: Path) -> None:
    """Leave .venv as a set-up leaves it that was interrupted."""
    (environment / "course-setup-unfinished").touch()


def remove_python(environment: Path) -> None:
    """Leave .venv as it is after the system's Python was replaced."""
    for folder in ("bin", "Scripts"):
        shutil.rmtree(environment / folder, ignore_errors=True)


@pytest.mark.slow
@pytest.mark.parametrize("damage", [interrupt, remove_python])
def test_half_made_environment_is_mended(stub_project: StubProject, damage: object) -> None:
    """A .venv that is not whole is made anew, and says why."""
    stub_project.make_wheel()
    stub_project.environment.mkdir()
    assert callable(damage)
    damage(stub_project.environment)
    answer = stub_project.run("server", "3")
    assert "making it now" in answer.stderr
    assert f"python {stub_project.environment}" in answer.stdout
    assert not (stub_project.environment / "course-setup-unfinished").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_folder_that_cannot_be_written(stub_project: StubProject) -> None:
    """Where .venv cannot be made, that is said in words."""
    stub_project.environment.touch()
    answer = stub_project.run("test")
    assert answer.returncode == 1
    assert "Traceback" not in answer.stderr
    assert "cannot make" in answer.stderr
