# SPDX-License-Identifier: Apache-2.0
"""A look at a script without a service."""

from __future__ import annotations

from pathlib import Path

import pytest

from nacre.hooks.shelf import OUR_HOOKS
from nacre.hooks.trial import trial


def test_what_scripts_require_is_found_out_by_running_them(tmp_path: Path) -> None:
    """
    A name may be made up at run time; a module in Lua beside the script is run, too.
    """
    (tmp_path / "shared.lua").write_text("return {json = require('json')}")
    text = (
        b"local s = require('shared') local n = require('nauthilus' .. '_redis') function nauthilus_call_action() end"
    )

    found = trial(str(tmp_path / "a.lua"), text)

    assert found.kinds == ["action"]
    assert set(found.requires) >= {"nauthilus_redis", "json"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"x = 1", "it defines none of the functions that are called"),
        (b"\nerror('broken')", "a.lua:2: broken"),
        (b"while true do end", "computed for more than"),
    ],
)
def test_what_is_wrong_is_a_sentence(text: bytes, problem: str) -> None:
    """
    It is meant for whoever wrote the script.
    """
    assert problem in trial("a.lua", text).problem


@pytest.mark.parametrize("path", sorted(OUR_HOOKS.glob("*.lua")), ids=lambda path: path.stem)
def test_the_hooks_that_nacre_brings_are_hooks(path: Path) -> None:
    """
    They are served under the names of their files.
    """
    assert trial(str(path), path.read_bytes()).kinds == ["hook"]
