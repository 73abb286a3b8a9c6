# SPDX-License-Identifier: Apache-2.0
"""``time``, as scripts use it."""

from __future__ import annotations

import time
from typing import Any

import pytest

from nacre.errors import HookError
from nacre.hooks.call import Call
from nacre.hooks.library.gll_time import open_time

HEAD = 'local T = require("time")\n'


def test_the_clock_and_texts(lua: Any) -> None:
    """
    The examples of the module's own documents.
    """
    seen = lua(
        f"""{HEAD}
        return math.abs(T.unix() - os.time()) < 2, T.unix_nano() / T.unix() > 9e8,
            T.format(1543721585, "Jan  2 15:04:05 2006", "Europe/Moscow"),
            T.parse("Dec  2 03:33:05 2018", "Jan  2 15:04:05 2006"),
            T.format(0)
        """,
        time=open_time,
    )

    assert seen == (True, True, "Dec  2 06:33:05 2018", 1543721585, "Thu Jan 1 00:00:00 +0000 UTC 1970")


def test_what_cannot_be_read_is_nil_and_a_reason(lua: Any) -> None:
    """
    A zone or a text that means nothing.
    """
    assert lua(f'{HEAD}return T.format(0, "2006", "Nowhere")', time=open_time) == (None, "unknown time zone Nowhere")
    value, error = lua(f'{HEAD}return T.parse("soon", "2006")', time=open_time)

    assert value is None
    assert "cannot parse" in error


def test_sleep_ends_with_the_run(lua: Any) -> None:
    """
    A thread that sleeps serves nobody; the run ends where the sleep does.
    """
    begun = time.monotonic()
    lua(f"{HEAD}T.sleep(0.01)", time=open_time)
    slept = time.monotonic() - begun
    with pytest.raises(HookError):
        lua(f"{HEAD}T.sleep(50) while true do end", Call("t", "hook", deadline=time.monotonic() + 0.02), time=open_time)

    assert 0.01 <= slept <= time.monotonic() - begun < 45
