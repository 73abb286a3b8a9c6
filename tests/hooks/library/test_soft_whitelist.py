# SPDX-License-Identifier: Apache-2.0
"""Networks from which a user is neither counted nor refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from nacre.hooks.library.soft_whitelist import MOST, SoftWhitelist, soft_whitelist_module

HEAD = 'local W = require("nauthilus_soft_whitelist")\n'


async def test_a_network_that_a_script_adds_is_in_force_at_once(run_lua: Any) -> None:
    """
    The service is told of all networks, those of the settings included.
    """
    told: list[Mapping[str, Sequence[str]]] = []
    module = soft_whitelist_module(SoftWhitelist({"max": ["192.0.2.0/24"]}, told.append))

    seen = await run_lua(
        f"""{HEAD}
        local err = W.soft_whitelist_set("erika", "198.51.100.7/24", "brute_force")
        local listed = W.soft_whitelist_get("erika", "brute_force")
        W.soft_whitelist_delete("erika", "198.51.100.0/24", "brute_force")
        return err, listed, W.soft_whitelist_get("erika", "brute_force"), W.soft_whitelist_get("max", "brute_force")
        """,
        modules={"nauthilus_soft_whitelist": module},
    )

    assert seen == [None, ["198.51.100.0/24"], [], ["192.0.2.0/24"]]
    assert told == [{"max": ("192.0.2.0/24",), "erika": ("198.51.100.0/24",)}, {"max": ("192.0.2.0/24",)}]


@pytest.mark.parametrize(
    ("network", "control", "error"),
    [
        ("198.51.100.7", "brute_force", "invalid CIDR address"),
        ("nonsense/24", "brute_force", "no address and no network"),
        ("198.51.100.0/24", "nobody", "unknown control"),
    ],
)
def test_what_cannot_be_added_is_refused(network: str, control: str, error: str) -> None:
    """
    As in the original a plain address is no network.
    """
    with pytest.raises(ValueError, match=error):
        SoftWhitelist({}).add("erika", network, control)


def test_a_network_is_there_once_and_there_are_so_many() -> None:
    """
    User names come from attempts.
    """
    whitelist = SoftWhitelist({})
    for user in range(MOST):
        whitelist.add(f"u{user}", "192.0.2.0/24", "rbl")
        whitelist.add(f"u{user}", "192.0.2.0/24", "rbl")

    with pytest.raises(ValueError, match="no more can be"):
        whitelist.add("one", "192.0.2.0/24", "rbl")
    whitelist.drop("u1", "192.0.2.0/24", "rbl")
    whitelist.add("one", "192.0.2.0/24", "rbl")

    assert whitelist.get("one", "rbl") == ["192.0.2.0/24"]


def test_what_is_not_there_is_gone_already() -> None:
    """
    Deleting twice is no error, nor is deleting nonsense.
    """
    whitelist = SoftWhitelist({})
    whitelist.drop("erika", "192.0.2.0/24", "brute_force")
    whitelist.drop("erika", "nonsense", "brute_force")

    assert whitelist.get("erika", "brute_force") == []
