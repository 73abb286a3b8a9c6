# SPDX-License-Identifier: Apache-2.0
"""The parts that check and report need, and the ones they get."""

from __future__ import annotations

import inspect
from typing import Protocol

import pytest

from nacre import ports
from nacre.hooks.guests import Guests
from nacre.hooks.heard import Hearing
from nacre.spool import Spool
from nacre.store.blocks import BlockCopy, Blocks
from nacre.store.decisions import Decisions
from nacre.store.journal import Journal
from nacre.store.keys import Keys
from nacre.store.observations import Observations
from nacre.store.profiles import Profiles
from nacre.store.sightings import Sightings

FILLED = {
    ports.SubjectKeys: Keys,
    ports.Subjects: Observations,
    ports.BlocksInForce: BlockCopy,
    ports.DecisionStore: Decisions,
    ports.ReportSpool: Spool,
    ports.ProfileKeys: Keys,
    ports.ProfileStore: Profiles,
    ports.JournalStore: Journal,
    ports.SightingStore: Sightings,
    ports.Guests: Guests,
    ports.Hearing: Hearing,
}


def methods(of: type) -> dict[str, list[tuple[str, object]]]:
    """Public methods with the names and kinds of their parameters."""
    return {
        name: [(one.name, one.kind) for one in inspect.signature(method).parameters.values()]
        for name, method in inspect.getmembers(of, inspect.isfunction)
        if name[0] != "_"
    }


@pytest.mark.parametrize(("port", "part"), list(FILLED.items()))
def test_a_part_is_called_as_its_port_says(port: type, part: type) -> None:
    """
    Arguments are named in calls: a renamed one in the store would fail in production first.
    """
    offered, asked = methods(part), methods(port)

    assert asked
    for name, parameters in asked.items():
        assert offered[name] == parameters


def test_blocks_begin_as_the_port_says_and_hold_a_copy() -> None:
    """
    The copy is an attribute of the part and a property of the port.
    """
    assert methods(Blocks)["begin"] == methods(ports.BlockStore)["begin"]
    assert isinstance(inspect.getattr_static(ports.BlockStore, "copy"), property)


def test_every_port_is_compared() -> None:
    """
    A new one is added here.
    """
    protocols = {value for value in vars(ports).values() if getattr(value, "_is_protocol", False)} - {Protocol}

    assert protocols == {*FILLED, ports.BlockStore}
