# SPDX-License-Identifier: Apache-2.0
"""
Inputs of one size: centred, scaled by the bulk of the rows, bounded.

``z = (x - centre) * gain``, then ``z / sqrt(1 + (z/3)^2)``, which leaves the bulk as it is and lets nothing
pass 3: one absurd value moves a score no further than a large one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nacre.network.quantile import weighted_quantiles

_BLOCK = 1024
"""Rows scaled at a time: what is computed on the way stays small."""


class Scaling(NamedTuple):
    """
    The statistics of the training rows that inputs are scaled by.

    Attributes:
        centre: (width,) float32, the median of the legitimate rows: scaled, an ordinary request is all zeros, which
            makes it the natural one to compare with, and to take a missing value from.
        gain: (width,) float32, 3 / (98 % quantile - 2 % quantile) of all rows; 0 for a column that never varied,
            so that it contributes nothing whatever it does later.
    """

    centre: NDArray[np.float32]
    gain: NDArray[np.float32]

    @classmethod
    def of(
        cls,
        x: NDArray[np.float32],
        typical: NDArray[np.bool_],
        weight: NDArray[np.float64],
        *,
        among: NDArray[np.bool_] | None = None,
    ) -> Scaling:
        """
        Return the scaling for some rows.

        Args:
            x: (n, width) float32; what is not finite is left out.
            typical: (n,) which rows the centre is taken from.
            weight: (n,) what each of them stands for, at least 0.
            among: (n,) which rows there are; ``None`` for all.  They are looked at column by column and never copied
                as a whole.
        """
        if among is not None:
            typical, weight = typical[among], weight[among]
        centre, gain = np.zeros(x.shape[1], np.float32), np.zeros(x.shape[1], np.float32)
        for column in range(x.shape[1]):
            values = x[:, column] if among is None else x[among, column]
            finite = np.isfinite(values)
            if not finite.any():
                continue
            usual = finite & typical if (finite & typical).any() else finite
            centre[column] = weighted_quantiles(values[usual], weight[usual], np.array([0.5]))[0]
            low, high = np.quantile(values[finite].astype(np.float64), [0.02, 0.98])
            # A column that varies in one row of a hundred only, such as a rare flag, is scaled by its range.
            spread = high - low if high > low else float(np.ptp(values[finite].astype(np.float64)))
            gain[column] = min(3.0 / spread, 1e30) if spread > 0.0 else 0.0
        return cls(centre, gain)

    def apply(self, x: NDArray[np.float32], columns: Sequence[int] | None = None) -> NDArray[np.float32]:
        """
        Return rows scaled, each value between -3 and 3 and what was not finite 0.

        Args:
            x: (n, width) float32.
            columns: Which columns to return, in order; ``None`` for all.

        >>> scaling = Scaling(np.zeros(2, np.float32), np.ones(2, np.float32))
        >>> scaling.apply(np.array([[4.0, np.nan], [-np.inf, 1e9]], np.float32)).round(2).tolist()
        [[2.4000000953674316, 0.0], [0.0, 3.0]]
        """
        chosen = np.arange(x.shape[1]) if columns is None else np.asarray(columns, np.intp)
        centre, gain = self.centre[chosen], self.gain[chosen]
        scaled = np.empty((len(x), len(chosen)), np.float32)
        for start in range(0, len(x), _BLOCK):
            part, out = np.take(x[start : start + _BLOCK], chosen, axis=1), scaled[start : start + _BLOCK]
            z = np.where(np.isfinite(part), part, centre).astype(np.float64)
            z -= centre
            z *= gain
            np.divide(z, np.sqrt(1.0 + z * z * (1.0 / 9.0)), out=z)
            out[...] = z
        return scaled
