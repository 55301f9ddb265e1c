"""Style and types of everything, as CI checks them: ruff's rules and format, mypy --strict.

CI runs them on Linux; elsewhere mypy may miss what only Linux has.
"""

import subprocess
import sys

from course_tools.stages import PROJECT

CHECKS = [
    ["ruff", "check", "."],
    ["ruff", "format", "--check", "."],
    ["mypy"],
]


def main() -> int:
    """Run all checks, also after one has failed; return how many have failed."""
    failed = 0
    for check in CHECKS:
        print(f"$ {' '.join(check)}", flush=True)
        failed += subprocess.run([sys.executable, "-m", *check], cwd=PROJECT).returncode != 0
    print("Nothing to mend." if not failed else f"{failed} of {len(CHECKS)} checks failed.")
    return failed


if __name__ == "__main__":
    sys.exit(main())
