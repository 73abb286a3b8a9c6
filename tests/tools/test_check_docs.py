# SPDX-License-Identifier: Apache-2.0
"""The check of documents, run as the Makefile runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "tools" / "check_docs.py"


def complaints(root: Path) -> list[str]:
    """Run the check over *root* and return what it says, without the closing line."""
    run = subprocess.run([sys.executable, SCRIPT, root], capture_output=True, text=True, check=False)
    lines = run.stdout.splitlines()[:-1]
    assert run.returncode == bool(lines), run.stderr
    return lines


def test_a_sound_page_passes(tmp_path: Path) -> None:
    """
    Links to files, folders, headings and the web, and Python with a bare await, are what pages are made of.
    """
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "guide.md").write_text("# First steps\n\n## First steps\n\nUp: [home](../README.md)\n")
    (tmp_path / "README.md").write_text(
        "[guide](docs/guide.md#first-steps-1), [all](docs), [web](https://example.org/x), [here](#top)\n"
        "# Top\n"
        "`[no link](missing.md)`\n"
        "```python\nasync with Guard.open() as guard:\n    await guard.check()\n```\n"
        "```python\n>>> 1 + 1\n2\n```\n"
        "```\n[no link](missing.md)\n```\n"
    )

    assert complaints(tmp_path) == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("see [this](missing.md)", "README.md:1: missing.md is not there"),
        ("a\n\n[this]: docs/missing.md", "README.md:3: docs/missing.md is not there"),
        ("# Here\n[this](#there)", "README.md:2: #there: no heading of that name"),
        ("```python\nx = (\n```", "README.md:2: Python that does not compile: '(' was never closed"),
        ("text\n```pycon\n>>> 1 +\n```", "README.md:3: Python that does not compile: invalid syntax"),
    ],
)
def test_a_fault_is_named_with_its_line(tmp_path: Path, text: str, complaint: str) -> None:
    """
    Each check finds its fault: a check that never complains would pass every page.
    """
    (tmp_path / "README.md").write_text(text)

    assert complaints(tmp_path) == [complaint]
