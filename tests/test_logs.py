# SPDX-License-Identifier: Apache-2.0
"""Operational logs go to standard error, as lines of JSON."""

from __future__ import annotations

import json
import subprocess
import sys

SCRIPT = """
import structlog
from nacre.logs import configure_logs
configure_logs("warning")
log = structlog.get_logger("x")
log.info("quiet")
log.warning("loud", subject='a"\\nb')
"""


def test_lines_below_the_level_are_left_out_and_others_are_json() -> None:
    """
    Whoever reads them is a program, and standard output belongs to decisions.
    """
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        capture_output=True,
        text=True,
        timeout=200,
        check=True,
        stdin=subprocess.DEVNULL,
    )

    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    said = json.loads(line)
    assert (said["event"], said["level"], said["subject"]) == ("loud", "warning", 'a"\nb')
