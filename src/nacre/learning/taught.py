# SPDX-License-Identifier: Apache-2.0
"""What a fit learns from: the rows that were drawn, behind those that every installation begins with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nacre.features.encoding import Encoding
from nacre.features.pack import NOT_GIVEN
from nacre.learning.draw import Drawn
from nacre.learning.hits import dearer
from nacre.learning.shipped import prior_rows
from nacre.learning.summary import Labelled
from nacre.network.drawing import Rows

PRIOR_WEIGHT = 0.5
"""Weight of the rows that every installation begins with, all together, beside its own."""

_BLOCK = 4096
"""Rows copied at a time."""


def taught(rows: Labelled, drawn: Drawn, *, encoding: Encoding | None) -> Rows:
    """
    Return what a fit learns from.

    Args:
        rows: Labelled samples.
        drawn: Which of them.
        encoding: How additional features become columns, for the rows that every installation begins with: nobody
            gave any there.  ``None`` leaves these rows out.
    """
    chosen = drawn.rows
    y, time, group = rows.labels.attack[chosen], rows.samples["time"][chosen], drawn.group.astype(np.int64)
    prior = prior_rows() if encoding is not None else None
    if prior is None or encoding is None:
        return dearer(Rows(_columns(rows, chosen, 0), y, drawn.natural, time, group))
    x = _columns(rows, chosen, len(prior.y))
    width = prior.x.shape[1]
    x[: len(prior.y), :width] = prior.x
    if encoding.width:
        x[: len(prior.y), width:] = encoding.encode(np.frombuffer(NOT_GIVEN, np.uint8)[None])
    scale = PRIOR_WEIGHT * float(drawn.natural.sum()) / float(prior.weight.sum())
    return dearer(
        Rows(
            x,
            np.concatenate((prior.y, y)),
            np.concatenate((prior.weight * scale, drawn.natural)).astype(np.float32),
            np.concatenate((prior.time, time)),
            np.concatenate((prior.group, group)),
        )
    )


def _columns(rows: Labelled, chosen: NDArray[np.int64], before: int) -> NDArray[np.float32]:
    """Return the columns of some rows behind room for others, copied once and a few at a time."""
    width = rows.samples["vector"].shape[1] + rows.extra.shape[1]
    x = np.empty((before + len(chosen), width), np.float32)
    for start in range(0, len(chosen), _BLOCK):
        part = chosen[start : start + _BLOCK]
        x[before + start : before + start + len(part)] = rows.seen(part)
    return x
