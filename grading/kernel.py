"""What Linux offers to hold strangers' programs: orphans, secrets of other processes, files.

Strategy: a few system calls through ctypes, since Python has none of them. Each function says
whether it could do its work; on other systems, and on kernels that lack it, the answer is no and
nothing has changed. Landlock (docs.kernel.org/userspace-api/landlock.html) needs no privileges, and
nobody who is under it can leave it, not even root.
"""

import ctypes
import os
import struct
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

_SET_DUMPABLE, _DROP_CAPABILITY, _SET_SUBREAPER, _SET_NO_NEW_PRIVILEGES = 4, 24, 36, 38
_POWERS = (2, 16, 17, 19, 21, 22, 24, 25, 38, 39, 40)
"""Root's capabilities to get round files' rights and limits, to load modules, to look into other
processes, to change the system: DAC_READ_SEARCH, SYS_MODULE, SYS_RAWIO, SYS_PTRACE, SYS_ADMIN,
SYS_BOOT, SYS_RESOURCE, SYS_TIME, PERFMON, BPF, CHECKPOINT_RESTORE."""

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_ASK_VERSION, _RULE_PATH_BENEATH, _SCOPE_SIGNALS = 1, 1, 2
_OLDEST_VERSION = 2  # in the first one no file could be moved to another folder
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_FOLDER, _TRUNCATE = 1, 2, 4, 8, 1 << 14
_EVERY_RIGHT = (1 << 14) - 1
_READ = _EXECUTE | _READ_FILE | _READ_FOLDER
_ONLY_FOR_FOLDERS = _EVERY_RIGHT & ~(_EXECUTE | _WRITE_FILE | _READ_FILE)

_DEVICES = ("null", "zero", "full", "tty", "ptmx", "pts", "shm")


def adopt_orphans() -> bool:
    """Become the parent of every descendant that loses its own, however it left its session."""
    return _control(_SET_SUBREAPER, 1)


def hide_from_own_user() -> bool:
    """Keep other processes of the same user out of this one's memory, environment and files.

    Root may look all the same, unless `give_up_powers` has taken that from it.
    """
    return _control(_SET_DUMPABLE, 0)


def give_up_powers() -> None:
    """Take from root, for all that this process will start, what goes beyond an owner's rights."""
    for power in _POWERS:
        _control(_DROP_CAPABILITY, power)


def can_confine() -> bool:
    """Whether this kernel has what `confine` needs."""
    return landlock_version() >= _OLDEST_VERSION


def confine(writable: Iterable[Path], readable: Iterable[Path], hidden: Iterable[Path]) -> bool:
    """Let this process, and all that it will start, change files in `writable` only.

    What lies in `hidden` cannot even be read, but for `readable`. Processes that are not under
    the same rules can't be looked into and, since Linux 6.12, get no signals. Stays for ever.
    """
    version = landlock_version()
    if version < _OLDEST_VERSION:
        return False
    every_right = _EVERY_RIGHT | (_TRUNCATE if version >= 3 else 0)
    scoped = _SCOPE_SIGNALS if version >= 6 else 0
    rules = struct.pack("=QQQ", every_right, 0, scoped)  # on files, on the network, beyond
    ruleset = _call(_CREATE_RULESET, rules, len(rules), 0)
    if ruleset < 0:
        return False
    try:
        for path in [*readable, *_beside(Path("/"), [folder.resolve() for folder in hidden])]:
            _allow(ruleset, path, _READ)
        for path in [*writable, *(Path("/dev", name) for name in _DEVICES)]:
            _allow(ruleset, path, every_right)
        return _control(_SET_NO_NEW_PRIVILEGES, 1) and _call(_RESTRICT_SELF, ruleset, 0) == 0
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        target = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what cannot be opened needs no permission
    try:
        rights &= -1 if path.is_dir() else ~_ONLY_FOR_FOLDERS
        _call(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, struct.pack("=Qi", rights, target), 0)
    finally:
        os.close(target)


def _beside(folder: Path, hidden: list[Path]) -> Iterator[Path]:
    """Everything in the folder but what is hidden: a rule holds for all that is beneath its path,
    so it is put on the entries beside the way to each hidden folder."""
    try:
        entries = list(folder.iterdir())
    except OSError:
        return
    for entry in entries:
        if entry in hidden or entry.is_symlink():  # a link leads to what has its own rule
            continue
        if any(entry in path.parents for path in hidden):
            yield from _beside(entry, hidden)
        else:
            yield entry


def landlock_version() -> int:
    """Landlock's version of this kernel; -1 without it."""
    return _call(_CREATE_RULESET, None, 0, _ASK_VERSION)


def _control(operation: int, argument: int) -> bool:
    if not sys.platform.startswith("linux"):
        return False
    library = ctypes.CDLL(None, use_errno=True)
    arguments = [ctypes.c_ulong(value) for value in (argument, 0, 0, 0)]
    return bool(library.prctl(ctypes.c_int(operation), *arguments) == 0)


def _call(number: int, *arguments: int | bytes | None) -> int:
    """A system call; -1 where there is none."""
    if not sys.platform.startswith("linux"):
        return -1
    library = ctypes.CDLL(None, use_errno=True)
    words = [ctypes.c_long(word) if isinstance(word, int) else word for word in arguments]
    return int(library.syscall(ctypes.c_long(number), *words))
