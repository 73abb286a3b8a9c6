# SPDX-License-Identifier: Apache-2.0
"""What becomes of memory: when it is looked through for garbage, and when what is free goes back to the machine."""

from __future__ import annotations

import contextlib
import ctypes
import gc

_MMAP_THRESHOLD, _LARGE, _ARENA_MAX = -3, 1 << 20, -8
"""Of glibc's mallopt: blocks of so many bytes have room of their own; one heap, not one for each thread."""


def collect_seldom() -> None:
    """Look for garbage after many objects: of those that live on for hours there are millions, and none is garbage."""
    gc.set_threshold(20_000, 20, 50)


def keep_little() -> None:
    """
    Let every large block go back by itself from now on, where one large array is freed after the other.

    By itself glibc keeps what was free once.  Where there is another C library, nothing changes.
    """
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(_MMAP_THRESHOLD, _LARGE)
        library.mallopt(_ARENA_MAX, 1)


def give_back() -> None:
    """Give back what is free between the smaller blocks; takes some milliseconds."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
