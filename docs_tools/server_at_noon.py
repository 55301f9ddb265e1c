"""A stage's server whose clock stands still, so that uploads always get the same name.

python -m docs_tools.server_at_noon STAGE [OPTIONS OF ITS SERVER]
"""

import runpy
import sys
from datetime import datetime, tzinfo
from unittest import mock


class Noon(datetime):
    """A clock that stands still."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Noon":
        """The first of March, two minutes to twelve."""
        return cls(2026, 3, 1, 11, 58, tzinfo=tz)


if __name__ == "__main__":
    with mock.patch("stage3_images.room.datetime", Noon):
        runpy.run_module(f"{sys.argv.pop(1)}.server", run_name="__main__", alter_sys=True)
