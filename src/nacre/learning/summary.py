# SPDX-License-Identifier: Apache-2.0
"""What is told of a training: where its rows came from, and how its trial did beside the champion and the rules."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import NamedTuple, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from nacre.features.encoding import Encoding
from nacre.learning.event import Flag
from nacre.learning.labels import Labels
from nacre.learning.limits import ANSWERS, REFUSE, Budgets
from nacre.learning.reason import SENTENCES, Reason
from nacre.network.evaluate import HeldOut, Scores, compare
from nacre.network.gate import Canned, Limits, judge
from nacre.network.importance import Importance, permutation_importance
from nacre.network.model import Model
from nacre.network.threshold import KNOWN, NOVEL
from nacre.network.training_report import LabelCount, Part, Threshold, TrainingReport

_IMPORTANCE_ROWS = 4_000
UNTOLD = "Against the champion: not measured, as it learned from the rows that are judged; too few came since then."
"""Why there is no comparison although there is a champion."""


class Labelled(NamedTuple):
    """
    Samples with their labels, in the order of time.

    Attributes:
        samples: (n,) of :func:`nacre.learning.row.row_dtype`.
        labels: Of each.
        extra: (n, width) float32, the columns of additional features.
    """

    samples: NDArray[np.void]
    labels: Labels
    extra: NDArray[np.float32]

    def part(self, which: slice) -> Labelled:
        """Return a stretch of them."""
        labels = Labels(self.labels.attack[which], self.labels.weight[which], self.labels.reason[which])
        return Labelled(self.samples[which], labels, self.extra[which])

    def seen(self, which: slice | NDArray[np.int64] | NDArray[np.bool_] = slice(None)) -> NDArray[np.float32]:
        """
        Return what a model sees of some rows: the standard columns, then those of additional features.

        Made anew each time, where there are additional features: side by side for all rows they would be a copy of
        every vector.
        """
        standard: NDArray[np.float32] = self.samples["vector"][which]
        return np.hstack((standard, self.extra[which])) if self.extra.shape[1] else standard


class _Recipe(Protocol):
    @property
    def budgets(self) -> Budgets: ...

    @property
    def limits(self) -> Limits: ...


class Told(NamedTuple):
    """
    A training as its report names it.

    Attributes:
        model: What came out, with its thresholds.
        champion: The model in use, if there is one.
        rival: The same, if it can be compared: it learned from none of the rows that are judged.
        recipe: How it was made.
        snapshot: Digest of the rows.
        began, ended: Unix seconds of our clock.
    """

    model: Model
    champion: Model | None
    rival: Model | None
    recipe: _Recipe
    snapshot: str
    began: float
    ended: float


def summarise(
    told: Told,
    rows: Labelled,
    split: int,
    scores: tuple[NDArray[np.float64], NDArray[np.float64]] | None,
    weight: NDArray[np.float64],
    canned: Callable[[Model], list[Canned]],
    *,
    importance: bool = True,
) -> TrainingReport | None:
    """
    Return the report of a training, ``None`` if there is nothing to judge it by.

    Args:
        told: Its names.
        rows: All labelled rows.
        split: How many of them the trial learned from.
        scores: Those of the trial for the other rows; ``None`` if there was no trial, and nothing can be judged.
        weight: What each of the other rows stands for.
        canned: Scores the cases that every model has to get right.
        importance: Whether to tell what the model leans on.
    """
    model, champion = told.model, told.champion
    newest = rows.part(slice(split, None))
    judged = (newest.labels.weight > 0) & ~np.isnan(newest.labels.attack)
    if scores is None:
        return None
    held = _held_out(newest, weight).only(judged)
    rules = np.nan_to_num(newest.samples["rules"].astype(np.float64))[judged]
    compared = compare(
        held,
        challenger=Scores(scores[0][judged], scores[1][judged], *_refuses(model)),
        champion=_scores(told.rival, newest.samples[judged]) if told.rival is not None else None,
        rules=Scores(rules, rules, 1.0, 1.0),
    )
    columns, groups = _importance(model, newest.seen(judged), held) if importance else ([], [])
    return TrainingReport(
        model=model.version,
        champion=champion.version if champion is not None else "",
        began=told.began,
        ended=told.ended,
        code=version("nacre"),
        seed=int(model.artifact.provenance.get("seed", 0)),
        snapshot=told.snapshot,
        parts=_parts(rows, split),
        labels=_labels(rows.labels),
        compared=compared,
        verdict=judge(compared, canned(model), told.recipe.limits, untold=UNTOLD if told.rival is not champion else ""),
        columns=tuple(columns),
        groups=tuple(groups),
        thresholds=_thresholds(model, told.recipe.budgets),
    )


def _refuses(model: Model) -> tuple[float, float]:
    """Return the scores from which an attempt from a new place is refused."""
    artifact = model.artifact
    return artifact.guess.thresholds[NOVEL][REFUSE], artifact.accept.thresholds[NOVEL][REFUSE]


def _scores(model: Model, samples: NDArray[np.void]) -> Scores:
    """Return how another model scores some samples, which it sees by the encoding of its own."""
    x: NDArray[np.float32] = np.ascontiguousarray(samples["vector"])
    packed = model.artifact.extras
    if packed:
        x = np.hstack((x, Encoding.from_bytes(packed).encode(np.ascontiguousarray(samples["slots"]))))
    return Scores(*model.score(x), *_refuses(model))


def _held_out(rows: Labelled, weight: NDArray[np.float64]) -> HeldOut:
    flags, reasons = rows.samples["flags"], rows.labels.reason
    kinds, kind = np.unique(reasons, return_inverse=True)
    return HeldOut(
        attack=rows.labels.attack == 1,
        weight=rows.labels.weight.astype(np.float64) * weight,
        success=(flags & Flag.SUCCESS) != 0,
        pair_known=(flags & (Flag.SEEN_IP | Flag.SEEN_NET)) != 0,
        time=rows.samples["time"],
        kind=kind,
        kinds=tuple(Reason(int(each)).name.lower() for each in kinds),
    )


def _importance(model: Model, x: NDArray[np.float32], held: HeldOut) -> tuple[list[Importance], list[Importance]]:
    rng = np.random.default_rng(0)
    some = np.sort(rng.choice(len(x), min(_IMPORTANCE_ROWS, len(x)), replace=False))
    held, x = held.only(np.isin(np.arange(len(x)), some)), x[some]
    if held.attack.all() or not held.attack.any():
        return [], []
    names = model.artifact.columns
    by_group: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        by_group.setdefault(name.partition(".")[0], []).append(place)
    single = {name: [place] for place, name in enumerate(names) if place in model.artifact.guess.columns}

    def cost(chosen: dict[str, list[int]]) -> list[Importance]:
        found = permutation_importance(
            lambda some: model.score(some)[0], x, held.attack, held.weight, groups=chosen, rng=np.random.default_rng(0)
        )
        return sorted(found, key=lambda each: -each.log_loss)

    return cost(single), cost(by_group)


def _parts(rows: Labelled, split: int) -> tuple[Part, ...]:
    parts = []
    for name, part in (("train", rows.part(slice(0, split))), ("judged", rows.part(slice(split, None)))):
        times = part.samples["time"]
        if len(times):
            attack = part.labels.attack
            parts.append(
                Part(
                    name=name,
                    began=float(times[0]),
                    ended=float(times[-1]),
                    attacks=int(np.count_nonzero(attack == 1)),
                    legitimate=int(np.count_nonzero(attack == 0)),
                )
            )
    return tuple(parts)


def _labels(labels: Labels) -> tuple[LabelCount, ...]:
    counts = []
    for reason in np.unique(labels.reason):
        chosen = (labels.reason == reason) & ~np.isnan(labels.attack)
        if chosen.any():
            counts.append(
                LabelCount(
                    reason=SENTENCES[Reason(int(reason))],
                    attack=bool(labels.attack[chosen][0] == 1),
                    rows=int(np.count_nonzero(chosen)),
                    weight=float(labels.weight[chosen].sum()),
                )
            )
    return tuple(sorted(counts, key=lambda each: -each.weight))


def _thresholds(model: Model, budgets: Budgets) -> tuple[Threshold, ...]:
    who = {KNOWN: "from a known place", NOVEL: "from a new place"}
    found = []
    for head, budget in (("guess", budgets.attempts), ("accept", budgets.logins)):
        given = msgspec.structs.asdict(model.artifact)[head].thresholds
        found += [
            Threshold(use=f"{answer} {who[group]}", score=head, value=value, budget=budget * ANSWERS[answer])
            for group, answers in given.items()
            for answer, value in answers.items()
        ]
    return tuple(found)
