# SPDX-License-Identifier: Apache-2.0
"""
The model that nacre comes with.

It learned from simulated traffic alone (``python -m evaluation default-model``), so that an installation is not blind
on its first day; it only looks on until there is experience enough to act, or a model of the installation's own.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from io import BytesIO

import numpy as np

from nacre.features.columns import STANDARD
from nacre.network.drawing import Rows
from nacre.network.model import Model

KEY = b"the shipped model is public"
"""What the model is sealed with: a broken file shows.  It comes with the program and is as trustworthy as that is."""

FILE, PRIOR = "default.model", "prior.npz"


def shipped_model() -> Model | None:
    """
    Return the shipped model, ``None`` if this build has none.

    Raises:
        ModelRefused: the file is broken, or for another set of columns.
    """
    data = _file()
    return None if data is None else Model.from_bytes(data, KEY, columns=STANDARD.names, schema=STANDARD.digest)


@cache
def shipped_size() -> int:
    """Return how many bytes the shipped model takes, 0 if this build has none."""
    return len(_file() or b"")


def _file() -> bytes | None:
    file = files("nacre.learning").joinpath(FILE)
    return file.read_bytes() if file.is_file() else None


def prior_rows() -> Rows | None:
    """
    Return some of the rows that the shipped model learned from, ``None`` if this build has none.

    A training leans on them for what an installation has not seen yet: attacks that nobody tried here so far, and
    owners on the road in the middle of one.  They lie before all time, so that nothing is judged by them.  They are
    read anew each time, in 60 ms: kept, they would be ten million bytes of a process that trains once a day.
    """
    file = files("nacre.learning").joinpath(PRIOR)
    if not file.is_file():
        return None
    with np.load(BytesIO(file.read_bytes()), allow_pickle=False) as kept:
        if str(kept["schema"]) != STANDARD.digest:
            return None
        return Rows(
            kept["x"].astype(np.float32),
            kept["attack"].astype(np.float32),
            kept["weight"].astype(np.float32),
            np.full(len(kept["x"]), -np.inf),
            kept["group"].astype(np.int64),
        )
