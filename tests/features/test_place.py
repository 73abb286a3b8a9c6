# SPDX-License-Identifier: Apache-2.0
"""Where an address is, or that nobody knows."""

from __future__ import annotations

from nacre.features.place import NOWHERE, Place


def test_nowhere_has_neither_a_country_nor_an_operator() -> None:
    """
    A place that nobody looked up is the same as one that no database knows.
    """
    assert (NOWHERE.country, NOWHERE.asn) == ("", 0)
    assert Place() == NOWHERE
