# SPDX-License-Identifier: Apache-2.0
"""
What became of an attempt, as one row of fixed size.

Rows of fixed size can be appended to one value of the store, are read by numpy without parsing, and are
overwritten in place when a person asks to be forgotten.
"""

from __future__ import annotations

import numpy as np

from nacre.features.flags import Flag

__all__ = ["EVENT", "Flag"]


EVENT = np.dtype(
    [
        ("id", "<u8"),
        ("time", "<f8"),
        ("ip", "<u4"),
        ("net", "<u4"),
        ("user", "<u4"),
        ("token", "<u4"),
        ("asn", "<u4"),
        ("client", "<u4"),
        ("country", "<u4"),
        ("flags", "<u4"),
        ("score", "<f4"),
        ("accept", "<f4"),
        ("rules", "<f4"),
    ]
)
"""
One attempt with its outcome, 60 bytes.

``id`` is a digest of the request id; ``time`` is in Unix seconds; the digests of address, network, account, password,
autonomous system, client string and country are keyed, and 0 where nothing is known; ``flags`` is a :class:`Flag`;
``score`` and ``accept`` are the probabilities as served, NaN without a model; ``rules`` is how full the
fullest bucket was, 0-1.
"""
