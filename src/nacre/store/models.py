# SPDX-License-Identifier: Apache-2.0
"""The registry of models: sealed, with what is known of them, the last ten."""

from __future__ import annotations

import msgspec

from nacre.errors import StoreCorrupt
from nacre.features.columns import STANDARD
from nacre.features.encoding import Encoding
from nacre.network.artifact import ModelRefused, expect, unseal
from nacre.network.model import Model
from nacre.network.training_report import TrainingReport
from nacre.store.keys import Keys
from nacre.store.scripts import KEEP
from nacre.store.topology import Servers

SHIPPED = "shipped"
"""Version of the model that nacre comes with; it is in no store."""

MOST = 10
"""Models that are kept."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """
    What is known of a model beside it.

    Attributes:
        version: Its name.
        created: Unix seconds.
        ours: Whether it was trained here.
        gate: Whether the gate let it pass; ``None`` if it was never asked.
        reasons: What the gate had against it.
        who: Who or what made it.
        recall, hits: On its judged rows at 0.1 % harm; ``None`` if not measured.
        size: Bytes.
    """

    version: str
    created: float
    ours: bool = True
    gate: bool | None = None
    reasons: tuple[str, ...] = ()
    who: str = ""
    recall: float | None = None
    hits: float | None = None
    size: int = 0


class Models:
    """
    Keeps and finds models.

    Args:
        servers: Where they are.
        keys: Spells the keys.
        seal: 32 secret bytes: what was not sealed with them is refused.
    """

    def __init__(self, servers: Servers, keys: Keys, seal: bytes) -> None:
        self._servers = servers
        self._seal = seal
        names = ("state", "models", "entries", "reports", "versions")
        self._keys = [keys.network(name) for name in names]
        _, self._models, self._entries, self._reports, self._versions = self._keys

    async def keep(self, model: Model, entry: Entry, report: TrainingReport | None, *, fence: str = "") -> bool:
        """
        Keep a model; the oldest of more than ten goes, unless it is in use.

        Args:
            model: The model.
            entry: What is known of it; its size is filled in.
            report: How it was trained.
            fence: Number of the right to train; ``""`` where none is needed.

        Returns:
            Whether that number still holds.

        Raises:
            StoreUnavailable: the store refused or did not answer.
        """
        data = model.to_bytes(self._seal)
        entry = msgspec.structs.replace(entry, size=len(data))
        told = msgspec.json.encode(report) if report is not None else b""
        arguments = [fence, model.version, data, msgspec.json.encode(entry), told, MOST]
        return bool(await self._servers.script(KEEP, self._keys, arguments))

    async def load(self, version: str) -> Model:
        """
        Return a model.

        Raises:
            ModelRefused: it is not kept, was changed, or was made for other columns; says which.
            StoreUnavailable: the store refused or did not answer.
        """
        data = await self._servers.run(self._models, ("HGET", self._models, version))
        if data is None:
            raise ModelRefused(f"the model {version} is not kept")
        model = readable(data, self._seal)
        if model.version != version:
            raise ModelRefused(f"under the name {version} lies the model {model.version}")
        return model

    async def entries(self) -> list[Entry]:
        """
        Return what is known of the models that are kept, the newest first.

        Raises:
            StoreUnavailable: the store refused or did not answer.
            StoreCorrupt: it is not ours.
        """
        versions = await self._servers.run(self._versions, ("ZREVRANGE", self._versions, 0, -1))
        if not versions:
            return []
        found = await self._servers.run(self._entries, ("HMGET", self._entries, *versions))
        return [self._entry(value) for value in found if value is not None]

    async def entry(self, version: str) -> Entry | None:
        """Return what is known of a model, ``None`` if it is not kept."""
        value = await self._servers.run(self._entries, ("HGET", self._entries, version))
        return None if value is None else self._entry(value)

    async def report(self, version: str) -> TrainingReport | None:
        """Return how a model was trained, ``None`` if that is not known."""
        value = await self._servers.run(self._reports, ("HGET", self._reports, version))
        try:
            return None if value is None else msgspec.json.decode(value, type=TrainingReport)
        except msgspec.MsgspecError as error:
            raise StoreCorrupt(self._reports.decode(), f"no report of a training: {error}") from error

    def _entry(self, value: bytes) -> Entry:
        try:
            return msgspec.json.decode(value, type=Entry)
        except msgspec.MsgspecError as error:
            raise StoreCorrupt(self._entries.decode(), f"nothing that is known of a model: {error}") from error


def readable(data: bytes, seal: bytes) -> Model:
    """
    Return a sealed model if it can score what is seen here.

    Raises:
        ModelRefused: it cannot, or was not sealed with this key; says why.
    """
    artifact = unseal(data, seal)
    try:
        encoding = Encoding.from_bytes(artifact.extras) if artifact.extras else Encoding()
    except ValueError as error:
        raise ModelRefused(f"the additional features of the model {artifact.version}: {error}") from error
    expect(artifact, STANDARD.names + encoding.columns, STANDARD.digest)
    return Model(artifact)
