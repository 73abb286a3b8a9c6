# SPDX-License-Identifier: Apache-2.0
"""`nacre lua`."""

from __future__ import annotations

from pathlib import Path

import pytest
from terminal import Run

pytestmark = pytest.mark.usefixtures("embedded")  # the environment changes nothing


def test_a_script_is_told_what_it_can_be_used_as(run: Run, tmp_path: Path) -> None:
    """
    Before it is named in the settings, and without any store.
    """
    file = tmp_path / "geo.lua"
    file.write_text("local json = require('json')\nfunction nauthilus_call_feature(request) return false end")

    ran = run("lua", "check", file)

    assert (ran.code, ran.out) == (0, "It can be used as feature.\nIt requires json.\n")
    assert run("lua", "check", file, "--json").json["kinds"] == ["feature"]


def test_a_script_that_is_no_lua_stops_a_deployment(run: Run, tmp_path: Path) -> None:
    """
    The exit code says so, and the sentence names the line.
    """
    file = tmp_path / "broken.lua"
    file.write_text("x = 1\ny = = 2")

    ran = run("lua", "check", file)

    assert ran.code == 2
    assert "broken.lua:2: unexpected symbol" in ran.out
