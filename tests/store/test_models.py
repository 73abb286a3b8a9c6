# SPDX-License-Identifier: Apache-2.0
"""The registry of models, in a real store."""

from __future__ import annotations

import msgspec
import pytest
from processes import Begin, Process
from traffic import shipped, variant

from nacre.network.artifact import ModelRefused
from nacre.network.model import Model
from nacre.store.models import MOST, Entry, Models
from nacre.store.network_state import SharedState
from nacre.store.news import News

_SEAL = b"s" * 32


def _models(process: Process, seal: bytes = _SEAL) -> Models:
    return Models(process.servers, process.keys, seal)


def _entry(version: str) -> Entry:
    return Entry(version=version, created=1.0, gate=True, who="nacre")


async def test_a_model_comes_back_with_the_scores_that_it_had(begin: Begin) -> None:
    """
    Bit by bit, in every process that has the key.
    """
    ours, theirs = _models(await begin()), _models(await begin())
    model = variant("v1")

    assert await ours.keep(model, _entry("v1"), None)
    loaded = await theirs.load("v1")
    entry = await theirs.entry("v1")

    assert loaded.artifact == model.artifact
    assert entry is not None
    assert entry.size == len(model.to_bytes(_SEAL))
    assert await theirs.report("v1") is None


async def test_what_was_changed_in_the_store_is_refused(begin: Begin) -> None:
    """
    A store that lies, or another installation's model, decides nothing.
    """
    process = await begin()
    models, key = _models(process), process.keys.network("models")
    data = bytearray(variant("v1").to_bytes(_SEAL))
    data[len(data) // 2] ^= 1
    await process.servers.run(key, ("HSET", key, "v1", bytes(data)))
    await process.servers.run(key, ("HSET", key, "v2", variant("v2").to_bytes(b"t" * 32)))

    for version in ("v1", "v2"):
        with pytest.raises(ModelRefused, match="changed after it was sealed"):
            await models.load(version)


async def test_an_old_model_under_a_new_name_is_refused(begin: Begin) -> None:
    """
    Whoever can write to the store cannot sign, but could put one signed model in the place of another.
    """
    process = await begin()
    key = process.keys.network("models")
    await process.servers.run(key, ("HSET", key, "v2", variant("v1").to_bytes(_SEAL)))

    with pytest.raises(ModelRefused, match="lies the model v1"):
        await _models(process).load("v2")
    with pytest.raises(ModelRefused, match="not kept"):
        await _models(process).load("v3")


async def test_a_model_for_other_columns_is_refused(begin: Begin) -> None:
    """
    A schema that moved on is told, never scored with.
    """
    process = await begin()
    model = Model(msgspec.structs.replace(variant("v1").artifact, schema="another"))

    await _models(process).keep(model, _entry("v1"), None)

    with pytest.raises(ModelRefused, match="schema"):
        await _models(process).load("v1")


async def test_the_last_ten_are_kept_and_those_in_use(begin: Begin) -> None:
    """
    However many come: what decides now, and what one can go back to, stays.
    """
    process = await begin()
    models = _models(process)
    state = SharedState(process.servers, process.keys, News(process.servers, process.keys))
    await models.keep(variant("v0"), _entry("v0"), None)
    await state.change({"current": "v0"})

    for number in range(1, MOST + 4):
        await models.keep(variant(f"v{number}"), _entry(f"v{number}"), None)

    kept = [entry.version for entry in await models.entries()]
    assert len(kept) == MOST
    assert kept[0] == f"v{MOST + 3}"
    assert kept[-1] == "v0"
    assert await models.entry("v1") is None


async def test_who_lost_the_lease_keeps_nothing(begin: Begin) -> None:
    """
    A trainer that hung for a minute does not write over what came out meanwhile.
    """
    process = await begin()
    models = _models(process)
    state = SharedState(process.servers, process.keys, News(process.servers, process.keys))
    old = await state.lease("one")
    await state.release("one")
    new = await state.lease("other")

    assert not await models.keep(variant("v1"), _entry("v1"), None, fence=old)
    assert await models.keep(variant("v2"), _entry("v2"), None, fence=new)
    assert [entry.version for entry in await models.entries()] == ["v2"]


def test_the_shipped_model_scores_the_standard_columns() -> None:
    """
    It is what decides on the first day.
    """
    assert shipped().version == "shipped"
