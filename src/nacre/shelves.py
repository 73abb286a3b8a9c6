# SPDX-License-Identifier: Apache-2.0
"""Where all that the network knows is kept, and the changes to it that several make alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nacre.features.catalogue import Catalogue
from nacre.features.encoding import Encoding, EncodingMismatch
from nacre.learning.event import EVENT
from nacre.learning.journal import Material
from nacre.learning.row import read_rows, row_dtype
from nacre.network.model import Model
from nacre.store.feedback import Claims, Said
from nacre.store.journal import LAYOUT, Journal
from nacre.store.models import SHIPPED, Models
from nacre.store.network_state import NetworkState, SharedState, Value


class Shelves(NamedTuple):
    """
    Where all of it is kept.

    Attributes:
        state: What all instances know.
        models: The registry.
        journal: Events and samples.
        claims: Feedback.
    """

    state: SharedState
    models: Models
    journal: Journal
    claims: Claims


class Lost(Exception):
    """Another process trains by now."""


def in_use(version: str, state: NetworkState, now: float, *, shipped: bool = True) -> dict[str, Value]:
    """Return the changes that put a model in use; what was before can be gone back to."""
    before = state.current or (SHIPPED if shipped else "")
    fresh: dict[str, Value] = {"challenger": "", "held": "", "rolled": ""}
    return {"current": version, "previous": before, "published": now, **fresh}


async def canonise(state: SharedState, model: Model, *, fence: str = "") -> str:
    """
    Make the additional features that a model was trained with canonical.

    Returns:
        Why it cannot be used, ``""`` if it can.

    Raises:
        Lost: another process trains by now.
    """
    encoding = Encoding.from_bytes(model.artifact.extras) if model.artifact.extras else Encoding()
    if not encoding.coded:
        return ""
    names = {coded.feature.name: coded.feature for coded in encoding.coded}
    while True:
        known = await state.read()
        if fence and known.fence != fence:
            raise Lost
        features = known.features
        made = Catalogue(
            tuple(
                canonical if canonical == names.get(each.name) else each
                for each, canonical in zip(features.features, features.canonise().features, strict=True)
            ),
            features.freed,
        )
        try:
            encoding.check(made)
        except EncodingMismatch as error:
            return str(error)
        if made == features or await state.change(
            {"catalogue": made.to_bytes()}, expected={"catalogue": known.catalogue}
        ):
            return ""


def with_claims(material: Material, said: Iterable[Said]) -> Material:
    """Return what there is to learn from with the rows of all claims, each once."""
    rows = {one.digest: one.row for one in said if one.layout == LAYOUT and one.row}
    given = read_rows(b"".join(rows.values()), row_dtype())
    if not len(given):
        return material
    samples = given[~np.isin(given["id"], material.samples["id"])]
    lacking = given[~np.isin(given["id"], material.events["id"])]
    events = np.zeros(len(lacking), EVENT)
    for name in EVENT.names or ():
        events[name] = lacking[name]
    return Material(_merged(material.events, events), _merged(material.samples, samples))


def _merged(rows: NDArray[np.void], more: NDArray[np.void]) -> NDArray[np.void]:
    """Return some rows among many, in the order of time; of the many there are two copies at most."""
    if not len(more):
        return rows
    more = more[np.argsort(more["time"], kind="stable")]
    return np.insert(rows, np.searchsorted(rows["time"], more["time"], side="right"), more)
