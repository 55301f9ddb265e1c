"""Which of stage 2's tests are about this project's own insides.

They import its modules, so they say nothing about another folder given with `--submission`, whose
author may have built the inside otherwise. What can be seen from outside, and the graded parts, are
tested by the other files, on any submission.
"""

from pathlib import Path

import pytest

from tests.support.submission import PROJECT

OWN_INSIDES = {"nicknames", "people", "session", "window"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the tests of our own insides out when another folder is tested."""
    if Path(config.getoption("submission")).resolve() == PROJECT:
        return
    here = Path(__file__).parent
    ours = {here / f"test_{name}.py" for name in OWN_INSIDES}
    config.hook.pytest_deselected(items=[item for item in items if item.path in ours])
    items[:] = [item for item in items if item.path not in ours]
