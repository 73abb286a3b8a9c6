# SPDX-License-Identifier: Apache-2.0
"""
The nets that a training begins from, and that stay in what comes out.

What an installation saw in some weeks is little: a model of that alone takes last week's wave of attacks for the law.
So half of each answer is that of nets that learned elsewhere, from more attacks than one place ever meets.  Both
halves see the same scaled inputs and are calibrated on their own before they are added up.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from nacre.network.artifact import Artifact, Head, floats
from nacre.network.calibration import Calibration
from nacre.network.net import Net, layers
from nacre.network.plan import Shape
from nacre.network.scaling import Scaling


class RootHead(NamedTuple):
    """
    The nets of one head.

    Attributes:
        columns: Positions of the columns that they see, ascending.
        flats: (nets, parameters of a net) float32.
        calibration: Of their mean logits.
    """

    columns: tuple[int, ...]
    flats: NDArray[np.float32]
    calibration: Calibration


class Root(NamedTuple):
    """
    The nets that a training begins from.

    Attributes:
        shape: Theirs.
        scaling: Of their inputs.
        heads: By name.
    """

    shape: Shape
    scaling: Scaling
    heads: dict[str, RootHead]

    @classmethod
    def of(cls, artifact: Artifact) -> Root:
        """Return the nets of a model."""
        heads = {"guess": artifact.guess, "accept": artifact.accept}
        scaling = Scaling(floats(artifact.centre), floats(artifact.gain))
        return cls(artifact.shape, scaling, {name: _head(head, artifact.shape.nets) for name, head in heads.items()})

    def fits(self, shape: Shape) -> bool:
        """
        Whether nets of a shape can stand beside these.

        >>> Root(Shape(hidden=32), Scaling(np.zeros(1), np.zeros(1)), {}).fits(Shape(hidden=32, nets=7))
        True
        """
        return msgspec.structs.replace(shape, nets=self.shape.nets) == self.shape

    def rescale(self, scaling: Scaling) -> Scaling:
        """Return a scaling that agrees with ours in every column that varied where these nets learned."""
        centre, gain = scaling.centre.copy(), scaling.gain.copy()
        ours = np.flatnonzero(self.scaling.gain > 0.0)
        centre[ours], gain[ours] = self.scaling.centre[ours], self.scaling.gain[ours]
        return Scaling(centre, gain)


def _head(head: Head, nets: int) -> RootHead:
    flats = floats(head.parameters).reshape(nets, -1)
    return RootHead(head.columns, flats, Calibration(head.slope, head.intercept))


def widened(head: RootHead, shape: Shape, columns: tuple[int, ...]) -> NDArray[np.float32]:
    """
    Return the nets of a head as they are among more columns, of which they see nothing.

    Args:
        head: The nets.
        shape: Theirs.
        columns: All columns, ascending; the head's are among them.

    Raises:
        ValueError: a column of the head is missing.
    """
    places = np.searchsorted(columns, head.columns)
    if not np.array_equal(np.take(columns, places, mode="clip"), head.columns):
        raise ValueError("the columns of the nets to begin from are not among those to learn from")
    wide = np.zeros((len(head.flats), shape.parameters(len(columns))), np.float32)
    for old, new in zip(head.flats, wide, strict=True):
        theirs, ours = layers(old, shape, len(head.columns)), layers(new, shape, len(columns))
        ours.first[places] = theirs.first
        if ours.skip is not None and theirs.skip is not None:
            ours.skip[places] = theirs.skip
        for mine, given in zip(ours[1:6], theirs[1:6], strict=True):  # what does not depend on the inputs
            if mine is not None and given is not None:
                mine[...] = given
    return wide


def joined(
    own: NDArray[np.float32], calibration: Calibration, root: NDArray[np.float32], theirs: Calibration, shape: Shape,
    inputs: int,
) -> NDArray[np.float32]:  # fmt: skip
    """
    Return nets whose mean logit is halfway between two calibrated means.

    Args:
        own: (nets, parameters of a net) float32.
        calibration: Of their mean logits.
        root: Likewise.
        theirs: Of the mean logits of these.
        shape: Of both.
        inputs: Columns that they see.
    """
    count = len(own) + len(root)
    return np.concatenate(
        [
            _calibrated(flats, fitted, shape, inputs, times=count / (2.0 * len(flats)))
            for flats, fitted in ((own, calibration), (root, theirs))
        ]
    )


def _calibrated(
    flats: NDArray[np.float32], calibration: Calibration, shape: Shape, inputs: int, *, times: float
) -> NDArray[np.float32]:
    """Return nets with their calibration in their last layer, some times over."""
    done = flats.copy()
    for flat in done:
        net = layers(flat, shape, inputs)
        net.last[...] *= calibration.slope * times
        net.last_bias[...] = (calibration.slope * net.last_bias + calibration.intercept) * times
        if net.skip is not None:
            net.skip[...] *= calibration.slope * times
    return done


def mean_logits(flats: NDArray[np.float32], shape: Shape, x: NDArray[np.float32]) -> NDArray[np.float32]:
    """
    Return the mean logits of some nets.

    Args:
        flats: (nets, parameters of a net).
        shape: Theirs.
        x: (n, inputs) float32, scaled.
    """
    logits = np.zeros(len(x), np.float32)
    for flat in flats:
        net = Net(shape, x.shape[1], flat.copy(), most=_BLOCK)
        for start in range(0, len(x), _BLOCK):
            logits[start : start + _BLOCK] += net.forward(x[start : start + _BLOCK], learn=False)
    return logits / np.float32(len(flats))


_BLOCK = 512
