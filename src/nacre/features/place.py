# SPDX-License-Identifier: Apache-2.0
"""Where an address is."""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """
    Where an address is.

    Attributes:
        country: Two letters, ISO 3166; ``""`` if not known.
        asn: Number of the autonomous system; 0 if not known.
    """

    country: str = ""
    asn: int = 0


NOWHERE = Place()
