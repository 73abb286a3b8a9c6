# SPDX-License-Identifier: Apache-2.0
"""A model: what was learned, ready to score, never changed once made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from nacre.network.artifact import Artifact, Head, digest, expect, floats, raw, seal, unseal
from nacre.network.explanation import Explainer
from nacre.network.scoring import Scorer
from nacre.network.training import Fit, HeadFit

GUESS, ACCEPT = "guess", "accept"
"""The heads of a model."""

Thresholds = Mapping[str, Mapping[str, float]]


class Model:
    """
    Scores attempts.

    Args:
        artifact: The model as plain values that fit together.

    Attributes:
        artifact: As given.
        scorer: Its arithmetic; counts the values that it had to replace.
    """

    def __init__(self, artifact: Artifact) -> None:
        self.artifact = artifact
        self.scorer = Scorer(artifact)
        self._explainers: dict[str, Explainer] = {}

    @classmethod
    def of(
        cls,
        fit: Fit,
        *,
        version: str,
        created: float,
        columns: Sequence[str],
        schema: str | None = None,
        provenance: Mapping[str, Any] | None = None,
        extras: bytes = b"",
    ) -> Model:
        """
        Return the model of a fit with the heads ``guess`` and ``accept``.

        Args:
            fit: What was learned.
            version: Name of the model.
            created: Unix seconds.
            columns: Names of the columns, in the order of the rows that were learned from.
            schema: Digest of what the columns mean; that of their names if none is given.
            provenance: What else to keep: hash of the data, version of the code.  Plan, rows per class and
                metrics are added.
            extras: How additional features become the last columns, packed.
        """
        if len(columns) != len(fit.scaling.centre):
            raise ValueError(f"{len(columns)} names were given for {len(fit.scaling.centre)} columns")
        known = {
            "plan": msgspec.to_builtins(fit.plan),
            "rows": fit.rows,
            "metrics": {name: head.metrics for name, head in fit.heads.items()},
        }
        return cls(
            Artifact(
                version=version,
                created=created,
                columns=tuple(columns),
                schema=digest(columns) if schema is None else schema,
                shape=fit.shape,
                centre=raw(fit.scaling.centre),
                gain=raw(fit.scaling.gain),
                guess=_head(fit.heads[GUESS]),
                accept=_head(fit.heads[ACCEPT]),
                edges=raw(fit.edges),
                shares=raw(fit.shares),
                provenance=dict(provenance or {}) | known,
                extras=extras,
            )
        )

    @classmethod
    def from_bytes(cls, data: bytes, key: bytes, *, columns: Sequence[str], schema: str | None = None) -> Model:
        """
        Return the model that :meth:`to_bytes` wrote.

        Args:
            data: The sealed model.
            key: It was sealed with.
            columns: Names of the columns that will be scored, in order.
            schema: Digest of what they mean; that of their names if none is given.

        Raises:
            ModelRefused: It was changed, sealed with another key, or made for other columns; says which.
        """
        artifact = unseal(data, key)
        expect(artifact, columns, digest(columns) if schema is None else schema)
        return cls(artifact)

    def to_bytes(self, key: bytes) -> bytes:
        """Return the model, sealed; see :func:`~nacre.network.artifact.seal`."""
        return seal(self.artifact, key)

    @property
    def version(self) -> str:
        """Name of the model."""
        return self.artifact.version

    @cached_property
    def edges(self) -> NDArray[np.float32]:
        """(width, 9), the deciles of each column over the legitimate rows that were learned from."""
        return floats(self.artifact.edges).reshape(-1, 9)

    @cached_property
    def shares(self) -> NDArray[np.float32]:
        """(width, 10), the share of those rows in each of the bins between them."""
        return floats(self.artifact.shares).reshape(-1, 10)

    def score(self, x: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """
        Return the probabilities that some attempts are attacks.

        Args:
            x: (n, width) float32.  What is not finite is replaced by the centre of its column, and counted
                in ``scorer.replaced``.

        Returns:
            ``guess`` and ``accept``, each (n,) and strictly between 0 and 1: that the attempt is a guess; that its
            password, should it be right, is one that was guessed or stolen.  A row has the same score alone and among
            others, to 1e-9 of it.

        Raises:
            ValueError: A row has another width.
        """
        if len(x) == 1:
            guess, accept = self.scorer.score_one(x[0])
            return np.array([guess]), np.array([accept])
        scores = self.scorer.score(x)
        return scores[:, 0], scores[:, 1]

    def score_one(self, row: NDArray[np.float32]) -> tuple[float, float]:
        """
        Return ``guess`` and ``accept`` of one attempt, as :meth:`score` does.

        Args:
            row: (width,) float32.
        """
        return self.scorer.score_one(row)

    def explainer(self, head: str) -> Explainer:
        """
        Return what explains the scores of a head, ``guess`` or ``accept``; it is made when it is first asked for.

        Raises:
            KeyError: There is no such head.
        """
        explainer = self._explainers.get(head)
        if explainer is None:
            asked = {GUESS: self.artifact.guess, ACCEPT: self.artifact.accept}[head]
            explainer = self._explainers[head] = Explainer(self.artifact, asked)
        return explainer

    def with_thresholds(self, guess: Thresholds, accept: Thresholds) -> Model:
        """Return this model with other thresholds, by pair group and answer; everything else is the same."""
        replace = msgspec.structs.replace
        old = self.artifact
        return Model(
            replace(
                old,
                guess=replace(old.guess, thresholds={group: dict(given) for group, given in guess.items()}),
                accept=replace(old.accept, thresholds={group: dict(given) for group, given in accept.items()}),
            )
        )


def _head(fitted: HeadFit) -> Head:
    return Head(
        columns=fitted.columns,
        parameters=raw(fitted.parameters),
        slope=fitted.calibration.slope,
        intercept=fitted.calibration.intercept,
    )
