# SPDX-License-Identifier: Apache-2.0
"""What a fit learns from."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from learning.material import NOW, material

from nacre.features.catalogue import Catalogue
from nacre.features.columns import STANDARD
from nacre.features.encoding import Encoding
from nacre.learning.draw import Drawn, draw
from nacre.learning.labels import Labels, label
from nacre.learning.shipped import prior_rows
from nacre.learning.summary import Labelled
from nacre.learning.taught import PRIOR_WEIGHT, taught

PLAIN = Encoding.fit(np.zeros((0, 128), np.uint8), Catalogue())


def _rows(*, width: int = 0) -> Labelled:
    given = material()
    extra = np.random.default_rng(0).normal(size=(len(given.samples), width)).astype(np.float32)
    return Labelled(given.samples, label(given.events, NOW), extra)


def _drawn(rows: Labelled, size: int = 600) -> Drawn:
    return draw(rows.samples, rows.labels, np.random.default_rng(0), size=size)


@pytest.mark.parametrize("width", [0, 3])
def test_rows_that_were_drawn_keep_their_columns_labels_and_times(width: int) -> None:
    """
    Side by side: standard columns first, then those of additional features.
    """
    rows = _rows(width=width)
    drawn = _drawn(rows)

    made = taught(rows, drawn, encoding=None)

    assert np.array_equal(made.x, np.hstack((rows.samples["vector"], rows.extra))[drawn.rows])
    assert made.y.tolist() == rows.labels.attack[drawn.rows].tolist()
    assert made.time.tolist() == rows.samples["time"][drawn.rows].tolist()
    assert made.group.tolist() == drawn.group.tolist()


@pytest.mark.skipif(prior_rows() is None, reason="this build comes without rows to lean on")
def test_rows_that_every_installation_begins_with_come_first_and_weigh_half() -> None:
    """
    And lie before all time, so that nothing is judged by them.
    """
    prior, rows = prior_rows(), _rows()
    assert prior is not None
    drawn = _drawn(rows)

    made = taught(rows, drawn, encoding=PLAIN)

    ours = len(prior.y)
    assert np.array_equal(made.x[:ours], prior.x, equal_nan=True)
    assert np.array_equal(made.x[ours:], rows.samples["vector"][drawn.rows])
    assert made.weight[:ours].sum() == pytest.approx(PRIOR_WEIGHT * made.weight[ours:].sum(), rel=0.05)
    assert set(made.time[:ours]) == {-np.inf}
    assert np.all(np.isfinite(made.time[ours:]))


def test_rows_are_copied_once() -> None:
    """
    80,000 of them are 35 MB, and a process that trains has 300 in all.
    """
    once, times = _rows(), 12
    labels = Labels(
        np.tile(once.labels.attack, times), np.tile(once.labels.weight, times), np.tile(once.labels.reason, times)
    )
    rows = Labelled(np.tile(once.samples, times), labels, np.zeros((times * len(once.samples), 0), np.float32))
    drawn = Drawn(
        np.arange(len(rows.samples)),
        np.zeros(len(rows.samples), np.uint8),
        *[np.ones(len(rows.samples), np.float32)] * 2,
    )
    taught(rows, drawn, encoding=None)  # what is imported or kept for later is no part of it

    tracemalloc.start()
    try:
        made = taught(rows, drawn, encoding=None)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert made.x.shape == (len(rows.samples), len(STANDARD))
    assert most < 1.5 * made.x.nbytes
