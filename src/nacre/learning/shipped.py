# SPDX-License-Identifier: Apache-2.0
"""
The model that nacre comes with.

It learned from simulated traffic alone (``python -m evaluation default-model``), so that an installation is not blind
on its first day; it only looks on until there is experience enough to act, or a model of the installation's own.
"""

from __future__ import annotations

from importlib.resources import files

from nacre.features.columns import STANDARD
from nacre.network.model import Model

KEY = b"the shipped model is public"
"""What the model is sealed with: a broken file shows.  It comes with the program and is as trustworthy as that is."""

FILE = "default.model"


def shipped_model() -> Model | None:
    """
    Return the shipped model, ``None`` if this build has none.

    Raises:
        ModelRefused: the file is broken, or for another set of columns.
    """
    file = files("nacre.learning").joinpath(FILE)
    if not file.is_file():
        return None
    return Model.from_bytes(file.read_bytes(), KEY, columns=STANDARD.names, schema=STANDARD.digest)
