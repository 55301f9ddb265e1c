"""The names by which `--congestion` and START ask for a congestion control."""

import argparse

from stage4_udp_files.congestion import LARGEST_FIXED_WINDOW, CongestionControl, FixedWindow, Reno
from stage4_udp_files.rate_based import RateBased

DEFAULT_STRATEGY = "rate"


def strategy_named(name: str) -> CongestionControl:
    """Make the strategy `fixed:N`, `reno` or `rate`. Raises ValueError for any other name."""
    if name == "rate":
        return RateBased()
    if name == "reno":
        return Reno()
    kind, _, packets = name.partition(":")
    if kind == "fixed" and packets.isdecimal() and 1 <= int(packets) <= LARGEST_FIXED_WINDOW:
        return FixedWindow(int(packets))
    raise ValueError(
        f"no congestion control is called {name!r}: "
        f"use rate, reno, or fixed:N with N from 1 to {LARGEST_FIXED_WINDOW}"
    )


def chosen_strategy(wish: str, default: str) -> CongestionControl:
    """What the client wishes if the server knows it, else the server's own choice."""
    try:
        return strategy_named(wish)
    except ValueError:
        return strategy_named(default)


def strategy_name(text: str) -> str:
    """The name of a strategy, from the command line."""
    try:
        strategy_named(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text
