"""`course.py bench`: which benchmarks there are, and running one of them by its name.

Each is a module of this folder; what follows its name is its own options.
"""

import runpy
import sys

NAMES = {
    "fanout": "chat messages to many clients, against ncat and ngircd",
    "images": "one image to a hundred clients, and the chat meanwhile",
    "download": "downloads against QUIC, TCP and TFTP; loss, fairness, memory",
    "chat_beside_downloads": "the chat while four downloads run",
    "window_flood": "the window while 1,000 messages a second arrive",
    "check_link": "whether the emulated link is what it says",
    "plots": "the pictures of the documentation, from the last results",
}


def main() -> int:
    """Run the benchmark that the first argument names."""
    if len(sys.argv) < 2 or sys.argv[1] in {"-h", "--help"}:
        print(
            "\n".join(["benchmarks (each has --help):", *(f"  {n:<23}{NAMES[n]}" for n in NAMES)])
        )
        return 0
    name = sys.argv.pop(1)
    if name not in NAMES:
        print(f"there is no benchmark {name!r}; these are: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    runpy.run_module(f"benchmarks.{name}", run_name="__main__", alter_sys=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
