#!/usr/bin/env python3
"""The front door of the course: `python3 course.py --help` says what it can do.

Every Python since 2.7 can read this file, so that an old one can say which one is needed. What the
commands do is written in the folder course_tools.
"""

import os
import sys

if sys.version_info < (3, 11):
    names = ["python3.%d" % minor for minor in range(30, 10, -1)]
    folders = os.environ.get("PATH", "").split(os.pathsep)
    newer = [n for n in names if any(os.path.exists(os.path.join(f, n)) for f in folders)]
    sys.exit(
        "This course needs Python 3.11 or newer, but this is Python %d.%d. " % sys.version_info[:2]
        + (
            "This computer has a newer one: %s course.py" % newer[0]
            if newer
            else "Get one from https://www.python.org/downloads/"
        )
    )

if __name__ == "__main__":
    try:
        from course_tools.main import main

        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:  # Ctrl+C, also while the commands are being loaded
        sys.stderr.write("\nInterrupted.\n")
        sys.exit(130)
