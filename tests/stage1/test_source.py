"""What the programs of stage 1 look like inside: no error is hidden."""

import pytest

from tests.support.source import hidden_errors
from tests.support.submission import FOLDERS, Submission


@pytest.mark.stage(1, until=1)
@pytest.mark.points(1)
@pytest.mark.hint(
    "Catch the errors that you expect by their names (OSError, ValueError …), as near to the call "
    "as you can, and do something about them. Whatever else is caught along hides the mistakes "
    "that you are looking for.",
    docs="stage1#errors-that-hide",
)
def test_no_error_is_hidden(stage: int, submission: Submission) -> None:
    """Nowhere is every error caught without a look at it (`except:`)."""
    assert hidden_errors(submission.root / FOLDERS[stage]) == []
