# SPDX-License-Identifier: Apache-2.0
"""Memory that goes back to the machine."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc is asked for it")

_HELD = """
import os
from nacre.heap import give_back, keep_little
def held():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20
"""


def _said(code: str) -> list[int]:
    """Return the numbers that a process of its own prints."""
    run = subprocess.run([sys.executable, "-c", _HELD + code], check=True, capture_output=True, text=True, timeout=60)
    return [int(number) for number in run.stdout.split()]


def test_large_blocks_go_back_as_they_are_freed() -> None:
    """
    A training frees one large array after the other, with smaller ones in between that stay.
    """
    before, full, after = _said("""
keep_little()
one = b"x" * (2 << 20)
del one
before = held()
blocks = [b"x" * size for _ in range(50) for size in (2 << 20, 50_000)]
full = held()
del blocks[::2]
print(before, full, held())
""")

    assert full - before >= 100
    assert after - before <= 10


def test_what_is_free_between_smaller_blocks_goes_back_when_asked() -> None:
    """
    Arrays of a megabyte and less lie in one heap, which ends behind the last of them.
    """
    before, full, kept, after = _said("""
keep_little()
before = held()
blocks = [b"x" * 500_000 for _ in range(200)]
full = held()
del blocks[:-1]
kept = held()
give_back()
print(before, full, kept, held())
""")

    assert full - before >= 90
    assert kept - before >= 85
    assert after - before <= 10
