# SPDX-License-Identifier: Apache-2.0
"""What operators do with the network, as the parts that offer it understand it."""

from __future__ import annotations

import inspect

from nacre.network_desk import NetworkDesk
from nacre.workbench import Workbench


def test_the_workbench_is_called_as_the_desk_says() -> None:
    """
    Routes, commands and hooks are written against the desk; a renamed argument would fail in production first.
    """
    asked = {name: method for name, method in inspect.getmembers(NetworkDesk, inspect.isfunction) if name[0] != "_"}

    assert asked
    for name, method in asked.items():
        assert inspect.signature(getattr(Workbench, name)) == inspect.signature(method), name
