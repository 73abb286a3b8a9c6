# SPDX-License-Identifier: Apache-2.0
"""Logs for tests: written on the spot, or recorded by real machines and kept outside the repository."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from nacre.replay.open import read
from nacre.replay.record import Recorded, Tally

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def tally() -> Tally:
    """Return a fresh account of what is read."""
    return Tally()


@pytest.fixture
def attempts_of(tmp_path: Path, tally: Tally) -> Callable[..., list[Recorded]]:
    """Return a function that reads lines as a syslog file of 2017."""

    def attempts(*lines: str) -> list[Recorded]:
        path = tmp_path / "auth.log"
        path.write_text("".join(f"{line}\n" for line in lines))
        return list(read(path, format="sshd", year=2017, tally=tally))

    return attempts


@pytest.fixture
def shared_data() -> Path:
    """
    Return the folder of recorded logs.

    ``NACRE_SHARED_DATA`` names it, or it lies in ``shared/data`` beside the repository.  At a desk without it
    the test is skipped.
    """
    folder = Path(os.environ.get("NACRE_SHARED_DATA") or REPOSITORY.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip("no recorded logs here; NACRE_SHARED_DATA names their folder")
    return folder
