# SPDX-License-Identifier: Apache-2.0
"""Durations as Go writes them: ``15m``, ``1h30m``, ``250ms``."""

from __future__ import annotations

import math
import re
from decimal import Decimal

_NANOSECOND = Decimal("1e-9")
_UNITS = {
    "ns": _NANOSECOND,
    "us": Decimal("1e-6"),
    "µs": Decimal("1e-6"),
    "μs": Decimal("1e-6"),
    "ms": Decimal("1e-3"),
    "s": Decimal(1),
    "m": Decimal(60),
    "h": Decimal(3600),
    "d": Decimal(86400),
}
_NUMBER = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_PART = re.compile(rf"({_NUMBER})({'|'.join(_UNITS)})")
_WHOLE = re.compile(rf"(?:{_NUMBER}(?:{'|'.join(_UNITS)}))+")
_PLAIN = re.compile(_NUMBER)
_LONGEST_TEXT = 64
_SECOND = 1_000_000_000


class Duration(float):
    """
    Seconds, written and read as Go does, with ``d`` for days besides.

    >>> Duration.parse("1h30m"), str(Duration.parse("36h")), str(Duration(0.25))
    (Duration('1h30m'), '36h', '250ms')
    >>> Duration.parse(60) == Duration.parse("60") == Duration.parse("1m")
    True
    """

    __slots__ = ()

    @classmethod
    def parse(cls, value: object) -> Duration:
        """
        Return the duration that a text, or a number of seconds, means, to the nanosecond.

        Raises:
            ValueError: *value* is neither, is negative, or has no end.

        >>> Duration.parse("soon")
        Traceback (most recent call last):
        ...
        ValueError: 'soon' is no duration; write "15m", "1h30m" or a number of seconds
        """
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ValueError(f'{value!r} is no duration; write "15m", "1h30m" or a number of seconds')
        seconds = _seconds_of(value) if isinstance(value, str) else float(value)
        if not math.isfinite(seconds) or seconds < 0:
            raise ValueError(f"{value!r}: a duration is finite and not negative")
        return cls(round(seconds, 9))

    @property
    def spoken(self) -> str:
        """
        The duration for people: in days, where it is several whole days.

        >>> Duration.parse("168h").spoken, Duration.parse("24h").spoken
        ('7d', '24h')
        """
        days, rest = divmod(float(self), 86400)
        return f"{days:.0f}d" if days > 1 and not rest else str(self)

    def __mul__(self, factor: float) -> Duration:
        return Duration(float(self) * factor)

    __rmul__ = __mul__

    def __str__(self) -> str:
        total = round(Decimal(self) / _NANOSECOND)
        if total < _SECOND:
            return f"{_decimal(total, 6)}ms" if total else "0s"
        minutes, rest = divmod(total, 60 * _SECOND)
        hours, minutes = divmod(minutes, 60)
        amounts = ((hours, "h"), (minutes, "m"), (_decimal(rest, 9) if rest else 0, "s"))
        return "".join(f"{amount}{unit}" for amount, unit in amounts if amount)

    def __repr__(self) -> str:
        return f"Duration({str(self)!r})"


def _seconds_of(text: str) -> float:
    text = text.strip()
    if len(text) <= _LONGEST_TEXT:
        if _WHOLE.fullmatch(text):
            return float(sum(Decimal(amount) * _UNITS[unit] for amount, unit in _PART.findall(text)))
        if _PLAIN.fullmatch(text):
            return float(text)
    raise ValueError(f'{text[:_LONGEST_TEXT]!r} is no duration; write "15m", "1h30m" or a number of seconds')


def _decimal(number: int, places: int) -> str:
    """Return a whole number with its point moved *places* to the left, without idle zeros."""
    whole, fraction = divmod(number, 10**places)
    return f"{whole}.{fraction:0{places}}".rstrip("0").rstrip(".")
