# SPDX-License-Identifier: Apache-2.0
"""A drill in a process of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from nacre.drill.process import DrillProcess
from nacre.errors import StoreUnavailable
from nacre.store.embedded import EmbeddedStore


async def test_a_process_makes_a_quick_drill_on_the_store_of_the_installation(tmp_path: Path) -> None:
    """
    With the settings of its file: where many addresses are taken for usual, guessing is seen too late.
    """
    config = tmp_path / "nacre.yml"
    config.write_text("campaigns: {account_origins: 24}\n")
    store = EmbeddedStore(tmp_path / "data")
    await store.start()

    try:
        found = await DrillProcess(tmp_path / "data", config).run()
    finally:
        await store.stop()

    assert len(found.findings) == 8
    assert found.quick
    assert [each.exercise for each in found.findings if not each.passed] == ["guessing"]


async def test_a_drill_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    """
    Nobody has started the store, and a drill does not.
    """
    with pytest.raises(StoreUnavailable, match="its process ended with 2"):
        await DrillProcess(tmp_path / "data", None).run()
