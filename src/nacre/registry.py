# SPDX-License-Identifier: Apache-2.0
"""Which model is in use, and how that changes."""

from __future__ import annotations

from collections.abc import Callable

from nacre.errors import NetworkRefused
from nacre.features.catalogue import Removal
from nacre.following import Following
from nacre.learning.shipped import shipped_size
from nacre.network.artifact import ModelRefused
from nacre.network.training_report import TrainingReport
from nacre.network_desk import ModelInfo
from nacre.shelves import Shelves, canonise, in_use
from nacre.store.models import SHIPPED, Entry
from nacre.store.network_state import NetworkState


class Registry:
    """
    Lists models, and puts one in use everywhere.

    Args:
        following: What this process knows.
        shelves: Where models are kept.
        clock: Tells Unix seconds.
    """

    def __init__(self, following: Following, shelves: Shelves, clock: Callable[[], float]) -> None:
        self._following = following
        self._shelves = shelves
        self._state = shelves.state
        self._clock = clock

    async def models(self) -> list[ModelInfo]:
        """Return the models that are kept, the newest first."""
        await self._following.follow()
        entries = await self._shelves.models.entries()
        if (shipped := self._shipped()) is not None:
            entries.append(shipped)
        return [self._info(entry) for entry in entries]

    def _info(self, entry: Entry) -> ModelInfo:
        known = self._following.known
        if entry.version == (known.current or SHIPPED):
            state = "current"
        else:
            named = {known.previous: "previous", known.challenger: "challenger", SHIPPED: "shipped"}
            state = named.get(entry.version, "kept")
        return ModelInfo(
            version=entry.version, created=entry.created, state=state, gate=entry.gate, reasons=entry.reasons,
            who=entry.who, recall=entry.recall, hits=entry.hits, size=entry.size,
        )  # fmt: skip

    async def report(self, version: str) -> TrainingReport | None:
        """Return the report of a model, ``None`` if it has none."""
        await self._entry(version)
        return await self._shelves.models.report(version)

    async def publish(self, version: str, *, force: bool) -> ModelInfo:
        """Put a model in use everywhere."""
        entry = await self._entry(version)
        if entry.ours and not entry.gate and not force:
            against = " ".join(entry.reasons) or "it was never asked"
            raise NetworkRefused("gate_closed", f"the gate is closed to {version}: {against}")
        await self._use(version)
        return self._info(entry)

    async def rollback(self) -> ModelInfo:
        """Put the previous model in use again."""
        previous = (await self._state.read()).previous
        if not previous:
            raise NetworkRefused("unknown_model", "there is no previous model to go back to")
        entry = await self._entry(previous)
        await self._use(previous)
        return self._info(entry)

    async def retreat(self, current: str) -> str:
        """
        Put the previous model in use again if one is still in use and nobody went back before.

        Args:
            current: Version of the model to leave.

        Returns:
            The version that is in use now, ``""`` if nothing changed.

        Raises:
            NetworkRefused: ``unknown_model``: the previous one is gone or cannot be used.
        """
        state = await self._state.read()
        version, now = state.previous, self._clock()
        if state.current != current or not version or state.rolled:
            return ""
        await self._entry(version)
        await self._usable(version)
        changes = in_use(version, state, now, shipped=self._following.shipped is not None) | {"rolled": now}
        changed = await self._state.change(changes, expected={"current": current, "rolled": ""})
        await self._following.follow()
        return version if changed else ""

    async def _use(self, version: str) -> None:
        """Put a model in use, if it can be used, and follow."""
        while True:
            state = await self._state.read()
            if state.current == version or (version == SHIPPED and not state.current):
                break
            await self._usable(version)
            changes = in_use(version, state, self._clock(), shipped=self._following.shipped is not None)
            if await self._state.change(changes, expected={"current": state.current}):
                break
        await self._following.follow()

    async def _usable(self, version: str) -> None:
        """Make the features of a model canonical, or say why it cannot be used."""
        if version == SHIPPED:
            return
        try:
            problem = await canonise(self._state, await self._shelves.models.load(version))
        except ModelRefused as error:
            problem = str(error)
        if problem:
            raise NetworkRefused("unknown_model", f"the model {version} cannot be used: {problem}")

    async def _entry(self, version: str) -> Entry:
        entry = self._shipped() if version == SHIPPED else await self._shelves.models.entry(version)
        if entry is None:
            raise NetworkRefused("unknown_model", f"there is no model {version!r}")
        return entry

    async def remove_features(self, names: list[str]) -> Removal:
        """Remove additional features; if a model may use one of them, the network is reset."""
        while True:
            state = await self._state.read()
            removal = state.features.remove(names)
            if not removal.removed:
                break
            changes = {"catalogue": removal.catalogue.to_bytes(), **(anew(state) if removal.resets else {})}
            if await self._state.change(changes, expected={"catalogue": state.catalogue, "current": state.current}):
                break
        await self._following.follow()
        return removal

    def _shipped(self) -> Entry | None:
        """Return what is known of the shipped model; the same build gives the same model, so it bears no time."""
        live = self._following.shipped
        if live is None:
            return None
        made = live.model.artifact.created
        return Entry(version=SHIPPED, created=made, ours=False, who="nacre", size=shipped_size())

    async def reset(self) -> str:
        """Go back to the shipped model and the canonical features, and to learning; returns what was in use."""
        while True:
            state = await self._state.read()
            features = state.features.reset()
            packed = features.to_bytes() if features.features or features.freed else b""
            if await self._state.change(
                {**anew(state), "catalogue": packed},
                expected={"catalogue": state.catalogue, "current": state.current},
            ):
                await self._following.follow()
                return state.current or SHIPPED


def anew(state: NetworkState) -> dict[str, str | int]:
    """Return the changes of a reset: the shipped model, no experience, and nobody who said otherwise."""
    gone = ("current", "challenger", "learning", "since", "successes", "held", "rolled")
    return {"previous": state.current, **dict.fromkeys(gone, "")}
