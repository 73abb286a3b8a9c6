# SPDX-License-Identifier: Apache-2.0
"""Countries, waiting, and what an address counts as."""

from __future__ import annotations

import time
from typing import Any

import pytest

from nacre.errors import HookError
from nacre.hooks.call import Call
from nacre.hooks.library.misc import Scope, misc_module, scoped

HEAD = 'local M = require("nauthilus_misc")\n'
MODULE = misc_module({"lua_generic": Scope(24, 64), "rwp": Scope(0, 56)})


def test_a_country_has_a_name(lua: Any) -> None:
    """
    An unknown code is no name and a reason.
    """
    source = HEAD + 'return M.get_country_name("DE"), M.get_country_name("ZZ")'

    assert lua(source, nauthilus_misc=MODULE) == ("Germany", None, "unknown country code")


@pytest.mark.parametrize(
    ("arguments", "subnet"),
    [
        ('"192.0.2.7"', "192.0.2.0/24"),
        ('"lua_generic", "2001:db8:0:1::7"', "2001:db8:0:1::/64"),
        ('"rwp", "2001:db8:0:1::7"', "2001:db8::/56"),
        ('"rwp", "192.0.2.7"', "192.0.2.7"),
    ],
)
def test_an_address_counts_as_its_subnet(lua: Any, arguments: str, subnet: str) -> None:
    """
    The context may be left out; 0 bits leave an address as it is.
    """
    assert lua(HEAD + f"return M.scoped_ip({arguments})", nauthilus_misc=MODULE) == subnet


@pytest.mark.parametrize("address", ["", "nonsense", "fe80::1%eth0%x"])
def test_what_is_no_address_stays_as_it_is(address: str) -> None:
    """
    A key is made of it either way.
    """
    assert scoped(address, Scope(0, 0)) == address


def test_an_unknown_context_is_an_error(lua: Any) -> None:
    """
    It would count under another key than was meant.
    """
    with pytest.raises(HookError, match="unknown scope"):
        lua(HEAD + 'M.scoped_ip("nobody", "192.0.2.1")', nauthilus_misc=MODULE)


def test_a_wait_ends_within_its_bounds_and_with_the_run(lua: Any) -> None:
    """
    A script that waits longer than its run lasts is woken by its end.
    """
    begun = time.monotonic()
    lua(HEAD + "M.wait_random(1, 2)", nauthilus_misc=MODULE)
    call = Call("test", "hook", deadline=time.monotonic() + 0.05)
    with pytest.raises(HookError):
        lua(HEAD + "M.wait_random(60000, 60000) while true do end", call, nauthilus_misc=MODULE)

    assert time.monotonic() - begun < 50


def test_nobody_waits_backwards(lua: Any) -> None:
    """
    The second bound is the greater one.
    """
    with pytest.raises(HookError, match="cannot wait between 5 and 2"):
        lua(HEAD + "M.wait_random(5, 2)", nauthilus_misc=MODULE)
