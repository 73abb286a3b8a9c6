# SPDX-License-Identifier: Apache-2.0
"""``time``: the clock, and times as text by Go's layouts."""

from __future__ import annotations

import time

from nacre.hooks.call import Module, Seat
from nacre.hooks.library import golayout
from nacre.hooks.library.arguments import number, text

_LAYOUT = "Mon Jan 2 15:04:05 -0700 MST 2006"


def open_time(seat: Seat) -> Module:
    """Return the module."""

    def sleep(seconds: object) -> None:
        rest(seat, number(seconds, 1, "sleep"))

    def format_time(seconds: object, layout: object, location: object) -> object:
        shape = _LAYOUT if layout is None else text(layout, 2, "format")
        where = "" if location is None else text(location, 3, "format")
        try:
            return golayout.written(number(seconds, 1, "format"), shape, where)
        except ValueError as error:
            return None, str(error)

    def parse(value: object, layout: object, location: object) -> object:
        where = "" if location is None else text(location, 3, "parse")
        try:
            return golayout.read(text(value, 1, "parse"), text(layout, 2, "parse"), where)
        except (ValueError, OverflowError) as error:
            return None, str(error)

    return {
        "unix": lambda: time.time(),  # noqa: PLW0108  a builtin tells no signature
        "unix_nano": lambda: float(time.time_ns()),
        "sleep": sleep,
        "format": format_time,
        "parse": parse,
    }


def rest(seat: Seat, seconds: float) -> None:
    """Wait some seconds, or until the run of the script has to end."""
    left = seat.call.deadline - time.monotonic()
    time.sleep(max(0.0, min(seconds, left, 60.0)))
