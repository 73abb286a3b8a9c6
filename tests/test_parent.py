# SPDX-License-Identifier: Apache-2.0
"""What ties a process to the one that started it."""

from __future__ import annotations

import os

import pytest

from nacre.parent import die_with


def test_an_orphan_ends_at_once() -> None:
    """
    Its parent may have died before it could ask the kernel to be ended with it.
    """
    with pytest.raises(SystemExit, match="parent is gone"):
        die_with(os.getppid() + 1)
