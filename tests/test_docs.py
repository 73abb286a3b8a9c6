# SPDX-License-Identifier: Apache-2.0
"""What the documents show, runs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"
_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PYTHON = [
    pytest.param(block, id=f"{page.stem}-{number}")
    for page in sorted((DOCS / "guide").glob("*.md"))
    for number, block in enumerate(_BLOCK.findall(page.read_text()), 1)
]


@pytest.mark.parametrize("block", PYTHON)
def test_python_of_the_guides_runs(block: str, tmp_path: Path) -> None:
    """
    An example that fails is worse than none.
    """
    script = tmp_path / "example.py"
    script.write_text(block)

    done = subprocess.run(
        [sys.executable, "-W", "error", script],
        cwd=tmp_path,
        env={"NACRE_DATA_DIR": str(tmp_path / "data"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )

    assert done.returncode == 0, done.stderr
