"""Which of stage 1's tests are about this project's own insides.

They import its modules, so they say nothing about another folder given with `--submission`, whose
author may have built the inside otherwise.
"""

from pathlib import Path

import pytest

from tests.support.submission import PROJECT

OWN_INSIDES = {"test_engines.py"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the tests of our own insides out when another folder is tested."""
    if Path(config.getoption("submission")).resolve() == PROJECT:
        return
    here = Path(__file__).parent
    kept = [item for item in items if item.path.parent != here or item.path.name not in OWN_INSIDES]
    config.hook.pytest_deselected(items=list(set(items).difference(kept)))
    items[:] = kept
