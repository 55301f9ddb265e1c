"""`--container`: the command lines, which promise what the docs say. No engine is needed here."""

import os
import stat
from pathlib import Path

import pytest

from course_tools.stages import PROJECT
from grading import container
from grading.container import CONTAINERFILE, Engine, EngineError, engine_named
from grading.submissions import Entry


@pytest.fixture(params=["docker", "podman"])
def command(request: pytest.FixtureRequest) -> list[str]:
    """The command that runs something in a container."""
    engine = Engine(request.param, "image:1", 1.5)
    return engine.run_command("name", Path("/class/Ada"), Path("/out"), ["python", "x"])


def test_nothing_is_within_reach(command: list[str]) -> None:
    """No network, no powers, bounded memory, processes, cores and disk; gone when it ends."""
    options = command[: command.index("image:1")]
    for promise in (
        "--rm",
        "--network=none",
        "--read-only",
        "--cap-drop=ALL",
        "--security-opt=no-new-privileges",
        "--memory=4g",
        "--memory-swap=4g",
        "--pids-limit=4096",
        "--cpus=1.5",
    ):
        assert promise in options
    assert any(option.startswith("--tmpfs=/tmp:") and "size=2g" in option for option in options)
    assert not any("docker.sock" in option or option[2:] == "privileged" for option in options)


def test_only_the_results_can_be_written(command: list[str]) -> None:
    """The course and the submission are mounted read-only, one folder takes what comes out."""
    mounts = [option for option in command if option.startswith("--mount=")]
    assert mounts == [
        f"--mount=type=bind,source={PROJECT},target=/grader,readonly",
        "--mount=type=bind,source=/class/Ada,target=/submission/Ada,readonly",
        "--mount=type=bind,source=/out,target=/results",
    ]


def test_it_never_runs_as_root(command: list[str]) -> None:
    """The user who grades, or nobody when root grades."""
    users = [option for option in command if option.startswith("--user=")]
    assert len(users) == 1
    assert not users[0].startswith("--user=0")


def test_a_comma_in_a_name_adds_no_option() -> None:
    """A submission's name cannot add a mount's option, such as another target."""
    command = Engine("docker", "image").run_command(
        "name", Path('/class/a,target=x,"b'), Path("/out"), []
    )
    mount = '"source=/class/a,target=x,""b","target=/submission/a,target=x,""b",readonly'
    assert f"--mount=type=bind,{mount}" in command


def test_a_class_gets_a_container_each() -> None:
    """The same promises; each has a name of its own, by which it can be ended."""
    engine, entry = Engine("podman", "image"), Entry(Path("/class/Ada"), "Ada", "1")
    (first, ends_first), (second, _) = (
        container.wrap(engine, entry, Path("/out")) for _ in range(2)
    )
    assert first[first.index("image") + 1 :] == [
        *("python", "-P", "-m", "grading.one", "/submission/Ada", "/results")
    ]
    names = [next(o for o in c if o.startswith("--name=")) for c in (first, second)]
    assert names[0] != names[1]
    assert ends_first == ["podman", "kill", names[0].removeprefix("--name=")]


def test_an_engine_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line: which one, and what else could be said."""
    monkeypatch.setenv("PATH", "")
    with pytest.raises(EngineError, match="podman is not installed here"):
        engine_named("podman")


@pytest.mark.skipif(os.name != "posix", reason="the engine is played by a shell script")
def test_the_image_is_built_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for an image that it lacks, the engine builds it, from an empty folder."""
    log = tmp_path / "log"
    engine = tmp_path / "docker"
    engine.write_text(
        f'#!/bin/sh\necho "$@" >> {log}\n[ "$1" != image ] || [ "$(grep -c ^build {log})" = 1 ]\n',
        encoding="utf-8",
    )
    engine.chmod(engine.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    image = engine_named("docker").image
    assert engine_named("docker").image == image
    lines = log.read_text(encoding="utf-8").splitlines()
    builds = [line for line in lines if line.startswith("build")]
    assert len(builds) == 1
    assert builds[0].startswith(f"build --tag {image} --file {CONTAINERFILE} ")


@pytest.mark.skipif(os.name != "posix", reason="the engine is played by a shell script")
def test_an_engine_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own last line says why."""
    engine = tmp_path / "docker"
    engine.write_text(
        "#!/bin/sh\necho Cannot connect to the daemon >&2\nexit 1\n", encoding="utf-8"
    )
    engine.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(EngineError, match="docker does not answer: Cannot connect to the daemon"):
        engine_named("docker")
