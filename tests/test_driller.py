# SPDX-License-Identifier: Apache-2.0
"""The process that drills; what it prints is tested in `drill/test_process`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_it_ends_at_once_if_its_parent_is_gone(tmp_path: Path) -> None:
    """
    Nobody would read what it found.
    """
    command = [sys.executable, "-m", "nacre.driller", "--data-dir", str(tmp_path), "--parent", "1"]

    done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)

    assert (done.returncode, done.stdout) == (1, "")
    assert "the parent is gone" in done.stderr
