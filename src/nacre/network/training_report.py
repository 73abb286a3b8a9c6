# SPDX-License-Identifier: Apache-2.0
"""All that is told of a training run: what it learned from, how good it became, whether it may be used."""

from __future__ import annotations

import msgspec

from nacre.network.evaluation import Comparison
from nacre.network.gate import Verdict
from nacre.network.importance import Importance


class LabelCount(msgspec.Struct, frozen=True, kw_only=True):
    """
    Rows that a reason has labelled.

    Attributes:
        reason: Why they are labelled so.
        attack: As what.
        rows: How many there were.
        weight: Sum of their weights.
    """

    reason: str
    attack: bool
    rows: int
    weight: float


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """
    A stretch of time and what it was used for.

    Attributes:
        name: Such as ``train``, ``validation`` or ``test``.
        began, ended: Unix seconds of its first and last row.
        attacks, legitimate: Rows of each class.
    """

    name: str
    began: float
    ended: float
    attacks: int
    legitimate: int


class Threshold(msgspec.Struct, frozen=True, kw_only=True):
    """
    From which score on something is done.

    Attributes:
        use: What is done, and to whom.
        score: Which of the scores is compared, ``guess`` or ``accept``.
        value: The threshold, in [0, 1].
        budget: Share of legitimate rows that it may harm; ``None`` if it was set by hand.
    """

    use: str
    score: str
    value: float
    budget: float | None


class TrainingReport(msgspec.Struct, frozen=True, kw_only=True):
    """
    A training run.

    Names of features, reasons and cases may have been chosen by an attacker: whoever shows them escapes them.

    Attributes:
        model, champion: Versions of the new model and of the one in use, ``""`` for none.
        began, ended: Unix seconds of the run.
        code: Version of the program.
        seed: Of all draws.
        snapshot: Digest of the rows, in hexadecimal.
        parts: How the time was split.
        labels: Where the labels of the training rows come from.
        compared: The scorers on the rows of the last part.
        verdict: What the gate says.
        columns, groups: What the model leans on, the heaviest first.
        thresholds: From which scores on something is done.
    """

    model: str
    champion: str
    began: float
    ended: float
    code: str
    seed: int
    snapshot: str
    parts: tuple[Part, ...]
    labels: tuple[LabelCount, ...]
    compared: Comparison
    verdict: Verdict
    columns: tuple[Importance, ...]
    groups: tuple[Importance, ...]
    thresholds: tuple[Threshold, ...]
