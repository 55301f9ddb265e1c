"""What can be seen of stage 2's parts without a network; runs in the observing child."""


def parsed(lines: list[str], online: list[str], gone: list[str]) -> list[list[str]]:
    """What `parse` makes of typed lines: the name of each command, and what it carries."""
    from dataclasses import astuple

    from stage2_gui.commands import parse

    commands = [parse(line, online, gone) for line in lines]
    return [[type(command).__name__, *astuple(command)] for command in commands]
