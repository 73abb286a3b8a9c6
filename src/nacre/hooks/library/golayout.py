# SPDX-License-Identifier: Apache-2.0
"""
Times as Go writes and reads them: a layout shows how the second of January 2006, 15:04:05 at UTC-7, would look.

Source:
    Package time of Go, "Constants".
    https://pkg.go.dev/time#pkg-constants
"""

from __future__ import annotations

import re
from calendar import day_abbr, day_name, month_abbr, month_name
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_ELEMENTS = (
    *("January", "Jan", "Monday", "Mon", "MST", "2006"),
    *("Z07:00:00", "Z070000", "Z07:00", "Z0700", "Z07", "-07:00:00", "-070000", "-07:00", "-0700", "-07"),
    *("__2", "002", "_2", "01", "02", "03", "04", "05", "06", "15", "PM", "pm", "1", "2", "3", "4", "5"),
)
_SPLIT = re.compile(rf"([.,](?:0+|9+)(?![0-9])|{'|'.join(re.escape(element) for element in _ELEMENTS)})")
_MONTHS, _MONTHS3 = list(month_name), list(month_abbr)
_DAYS, _DAYS3 = list(day_name), list(day_abbr)

_WRITERS: dict[str, Callable[[datetime], str]] = {
    "January": lambda t: _MONTHS[t.month],
    "Jan": lambda t: _MONTHS3[t.month],
    "Monday": lambda t: _DAYS[t.weekday()],
    "Mon": lambda t: _DAYS3[t.weekday()],
    "MST": lambda t: t.tzname() or "UTC",
    "2006": lambda t: f"{t.year:04}",
    "06": lambda t: f"{t.year % 100:02}",
    "01": lambda t: f"{t.month:02}",
    "1": lambda t: str(t.month),
    "02": lambda t: f"{t.day:02}",
    "_2": lambda t: f"{t.day:2}",
    "2": lambda t: str(t.day),
    "002": lambda t: f"{t.timetuple().tm_yday:03}",
    "__2": lambda t: f"{t.timetuple().tm_yday:3}",
    "15": lambda t: f"{t.hour:02}",
    "03": lambda t: f"{t.hour % 12 or 12:02}",
    "3": lambda t: str(t.hour % 12 or 12),
    "04": lambda t: f"{t.minute:02}",
    "4": lambda t: str(t.minute),
    "05": lambda t: f"{t.second:02}",
    "5": lambda t: str(t.second),
    "PM": lambda t: "PM" if t.hour >= 12 else "AM",
    "pm": lambda t: "pm" if t.hour >= 12 else "am",
}

_READERS = {
    "January": ("month_name", "[A-Za-z]+"),
    "Jan": ("month_name", "[A-Za-z]{3}"),
    "Monday": ("", "[A-Za-z]+"),
    "Mon": ("", "[A-Za-z]{3}"),
    "MST": ("zone", "[A-Z]{1,5}"),
    "2006": ("year", "[0-9]{4}"),
    "06": ("year2", "[0-9]{2}"),
    "01": ("month", "[0-9]{2}"),
    "1": ("month", "[0-9]{1,2}"),
    "02": ("day", "[0-9]{2}"),
    "_2": ("day", " ?[0-9]{1,2}"),
    "2": ("day", "[0-9]{1,2}"),
    "002": ("yearday", "[0-9]{3}"),
    "__2": ("yearday", " {0,2}[0-9]{1,3}"),
    "15": ("hour", "[0-9]{1,2}"),
    "03": ("hour", "[0-9]{2}"),
    "3": ("hour", "[0-9]{1,2}"),
    "04": ("minute", "[0-9]{2}"),
    "4": ("minute", "[0-9]{1,2}"),
    "05": ("second", "[0-9]{2}"),
    "5": ("second", "[0-9]{1,2}"),
    "PM": ("half", "[AaPp][Mm]"),
    "pm": ("half", "[AaPp][Mm]"),
}
_FRACTION = r"(?:[.,][0-9]{1,9})?"
_OFFSET = r"[+-][0-9]{2}:?(?:[0-9]{2})?(?::?[0-9]{2})?"


@lru_cache(maxsize=256)
def zone(name: str) -> tzinfo:
    """
    Return a time zone of the IANA database; ``""`` and ``"UTC"`` are UTC.

    Raises:
        ValueError: there is none of this name.
    """
    if name in {"", "UTC", "Local"}:
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"unknown time zone {name[:64]}") from error


def written(seconds: float, layout: str, location: str = "UTC") -> str:
    """
    Return a time as a layout shows it.

    Args:
        seconds: Since 1970, in UTC.
        layout: Go's.
        location: Name of a time zone.

    Raises:
        ValueError: there is no such zone, or the time is beyond the year 9999.

    >>> written(1543721585, "Jan _2 15:04:05 2006", "Europe/Moscow")
    'Dec  2 06:33:05 2018'
    >>> written(1543721585.25, "2006-01-02T15:04:05.000Z07:00")
    '2018-12-02T03:33:05.250Z'
    """
    whole, fraction = divmod(round(seconds * 1_000_000), 1_000_000)
    try:
        when = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=whole)).astimezone(zone(location))
    except OverflowError as error:
        raise ValueError(f"{seconds} is no time that can be written") from error
    return "".join(_piece(part, when, fraction * 1000) for part in _SPLIT.split(layout))


def read(value: str, layout: str, location: str = "UTC") -> float:
    """
    Return the seconds since 1970 that a text means.

    Args:
        value: The text.
        layout: How it was written.
        location: The zone of a text that names none.

    Raises:
        ValueError: the text does not look like the layout, or means no time.

    >>> read("Dec  2 03:33:05 2018", "Jan  2 15:04:05 2006")
    1543721585.0
    """
    match = _reader(layout).fullmatch(value)
    if match is None:
        raise ValueError(f"cannot parse {value[:64]!r} as {layout[:64]!r}")
    found: dict[str, str] = {}
    for name, part in match.groupdict().items():
        if part is not None:
            found[name.rpartition("_")[0]] = part.strip()
    when = datetime(_year(found), _month(found), int(found.get("day", 1)), tzinfo=_zone(found, location))
    if "yearday" in found:
        when = when.replace(month=1, day=1) + timedelta(days=int(found["yearday"]) - 1)
    when = when.replace(hour=_hour(found), minute=int(found.get("minute", 0)), second=int(found.get("second", 0)))
    fraction = float(f"0.{found['fraction'][1:]}") if found.get("fraction") else 0.0
    return when.timestamp() + fraction


def _piece(part: str, when: datetime, nanoseconds: int) -> str:
    if part in _WRITERS:
        return _WRITERS[part](when)
    if part[:1] in "Z-" and "07" in part:
        return _offset(part, when)
    if _SPLIT.fullmatch(part) and part[0] in ".,":
        digits = f"{nanoseconds:09}"[: len(part) - 1]
        kept = digits.rstrip("0") if part[1] == "9" else digits
        return part[0] + kept if kept else ""
    return part


def _offset(part: str, when: datetime) -> str:
    seconds = int((when.utcoffset() or timedelta()).total_seconds())
    if part[0] == "Z" and seconds == 0:
        return "Z"
    minutes, rest = divmod(abs(seconds), 60)
    numbers = [f"{minutes // 60:02}", f"{minutes % 60:02}", f"{rest:02}"]
    many = 1 + part.count(":") if ":" in part else (len(part) - 1) // 2
    return ("-" if seconds < 0 else "+") + (":" if ":" in part else "").join(numbers[:many])


@lru_cache(maxsize=256)
def _reader(layout: str) -> re.Pattern[str]:
    pieces = []
    for place, part in enumerate(_SPLIT.split(layout)):
        if place % 2 == 0:
            pieces.append("".join(r"\s*" if character.isspace() else re.escape(character) for character in part))
        elif part in _READERS:
            name, pattern = _READERS[part]
            pieces.append(f"(?P<{name}_{place}>{pattern})" if name else pattern)
            if part in {"05", "5"} and not _SPLIT.fullmatch(layout.partition(part)[2][:2]):
                pieces.append(f"(?P<fraction_{place}>{_FRACTION})")
        elif part[0] in ".,":
            pieces.append(f"(?P<fraction_{place}>{_FRACTION})")
        else:
            pieces.append(f"(?P<offset_{place}>{'Z|' if part[0] == 'Z' else ''}{_OFFSET})")
    return re.compile("".join(pieces))


def _year(found: dict[str, str]) -> int:
    if "year2" in found:
        short = int(found["year2"])
        return short + (1900 if short >= 69 else 2000)
    return int(found.get("year", 1))


def _month(found: dict[str, str]) -> int:
    if "month_name" not in found:
        return int(found.get("month", 1))
    short = found["month_name"][:3].title()
    if short not in _MONTHS3[1:]:
        raise ValueError(f"{found['month_name'][:32]!r} is no month")
    return _MONTHS3.index(short)


def _hour(found: dict[str, str]) -> int:
    hour = int(found.get("hour", 0))
    if "half" in found:
        return hour % 12 + (12 if found["half"].lower() == "pm" else 0)
    return hour


def _zone(found: dict[str, str], location: str) -> tzinfo:
    offset = found.get("offset")
    if offset in {None, "", "Z"}:
        return UTC if offset == "Z" or found.get("zone") in {"UTC", "GMT"} else zone(location)
    numbers = offset[1:].replace(":", "") if offset else ""
    length = timedelta(hours=int(numbers[:2]), minutes=int(numbers[2:4] or 0), seconds=int(numbers[4:6] or 0))
    return timezone(-length if offset and offset[0] == "-" else length)
