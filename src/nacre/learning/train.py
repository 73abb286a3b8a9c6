# SPDX-License-Identifier: Apache-2.0
"""
A training from beginning to end: from what was kept to a model, its thresholds and its report.

Time splits the rows.  A *trial* learns from the older ones and is judged on the newest beside the champion and the
rules alone: that is what the gate reads.  The model itself then learns from all rows by the same plan, so that what is
published knows yesterday's attacks too.  Thresholds come from scores of rows that had not been learned from.
"""

from __future__ import annotations

import time as clock
from collections.abc import Callable, Iterable
from functools import partial
from hashlib import blake2b
from typing import NamedTuple, TypedDict, Unpack

import msgspec
import numpy as np
from numpy.typing import NDArray

from nacre.features.catalogue import Catalogue
from nacre.features.columns import STANDARD
from nacre.features.encoding import Encoding, current
from nacre.learning.claims import Claim, Counted
from nacre.learning.draw import TooFewSamples, draw
from nacre.learning.hindsight import Hindsight, look_back
from nacre.learning.journal import Material
from nacre.learning.labels import Labels
from nacre.learning.limits import RECENT, Budgets, Legitimate, legitimate, limits, natural_weight
from nacre.learning.shipped import shipped_model
from nacre.learning.summary import Labelled, Told, summarise
from nacre.learning.taught import taught
from nacre.network.gate import Canned, Limits
from nacre.network.model import ACCEPT, GUESS, Model
from nacre.network.plan import Plan, Progress, TooFewRows
from nacre.network.root import Root
from nacre.network.training import fit
from nacre.network.training_report import TrainingReport

__all__ = ["Recipe", "TooFewRows", "TooFewSamples", "Trained", "learn", "train"]

HEADS = {GUESS: tuple(STANDARD.guess.tolist()), ACCEPT: tuple(STANDARD.accept.tolist())}
"""The standard columns that each head sees; additional features are seen by both."""

_LEAST_JUDGED = 30


class Recipe(msgspec.Struct, frozen=True):
    """
    How to train.

    Attributes:
        plan: The network and the optimiser.
        rows: Samples to draw at most.
        judged: Share of the time span, the newest, on which a trial is judged.
        budgets: What may be refused of legitimate attempts.
        limits: What the gate demands.
        prior: Whether to lean on the rows that nacre comes with.
    """

    plan: Plan = Plan()
    rows: int = 30_000
    judged: float = 0.2
    budgets: Budgets = Budgets()
    limits: Limits = Limits()
    prior: bool = True


class Trained(NamedTuple):
    """
    What came out.

    Attributes:
        model: The model.
        report: How it was made and how good its trial was; ``None`` if the newest rows are too few to judge on.
        claims: What became of the feedback.
    """

    model: Model
    report: TrainingReport | None
    claims: Counted


class How(TypedDict, total=False):
    """What :func:`learn` can be told beside what it has to be told; see there."""

    recipe: Recipe
    catalogue: Catalogue
    champion: Model | None
    canned: Callable[[Model], list[Canned]]
    on_progress: Callable[[Progress], None]
    cancelled: Callable[[], bool]
    importance: bool


def train(material: Material, *, now: float, version: str, claims: Iterable[Claim] = (), **how: Unpack[How]) -> Trained:
    """
    Learn a model from events and samples that are there together; see :func:`learn`.

    Args:
        material: Events and samples.
        now: Unix seconds; nothing later is used, nor feedback given later.
        version: Name of the new model.
        claims: Feedback.
        how: The rest.
    """
    return learn(material.samples, look_back(material.events, now, claims), now=now, version=version, **how)


def learn(  # noqa: PLR0913  keyword-only, and each of them is one thing to learn from
    samples: NDArray[np.void],
    hindsight: Hindsight,
    *,
    now: float,
    version: str,
    recipe: Recipe = Recipe(),  # noqa: B008  frozen
    catalogue: Catalogue = Catalogue(),  # noqa: B008  frozen
    champion: Model | None = None,
    canned: Callable[[Model], list[Canned]] = lambda _: [],
    on_progress: Callable[[Progress], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
    importance: bool = True,
) -> Trained:
    """
    Learn a model from samples and what is known of them in hindsight.

    Args:
        samples: (n,) of :func:`nacre.learning.row.row_dtype`, in the order of time.
        hindsight: What their events say as of *now*.
        now: Unix seconds; no later sample is used.
        version: Name of the new model.
        recipe: How.
        catalogue: The additional features; those that are proposed become canonical with this model.
        champion: The model in use.
        canned: Scores the cases that every model has to get right.
        on_progress: Called after each epoch of either training.
        cancelled: Asked every few steps.
        importance: Whether the report tells what the model leans on, which takes a few seconds.

    Raises:
        TooFewSamples, TooFewRows: there is too little to learn from; says how much of what is missing.
        Cancelled: *cancelled* said so.
    """
    began, now = clock.time(), float(now)
    encoding = Encoding.fit(current(samples["slots"], samples["time"], catalogue), catalogue)
    rows = _labelled(*hindsight.of(samples, now), encoding)
    columns = STANDARD.names + encoding.columns
    extra = tuple(range(len(STANDARD), len(columns)))
    heads = {name: seen + extra for name, seen in HEADS.items()}
    rng = np.random.default_rng(recipe.plan.seed)
    all_drawn = draw(rows.samples, rows.labels, rng, size=recipe.rows)
    lean = partial(taught, encoding=encoding if recipe.prior else None)
    root = _root(recipe)
    plan = recipe.plan if root is None else _half(recipe.plan)
    split = _split(rows, recipe.judged, champion)
    trial, judged = None, slice(split, None)
    if 0 < split < len(rows.samples) and _can_be_judged(rows, judged):
        older = rows.part(slice(0, split))
        try:
            drawn = draw(older.samples, older.labels, np.random.default_rng(recipe.plan.seed), size=recipe.rows)
            trial = Model.of(
                fit(
                    lean(older, drawn), _half(plan), heads, root=root,
                    on_progress=lambda progress: on_progress(_later(progress, 0.0)), cancelled=cancelled,
                ),
                version=f"{version}-trial", created=now, columns=columns,
            )  # fmt: skip
        except (TooFewSamples, TooFewRows):
            trial = None
    snapshot = _digest(rows)
    fitted = fit(
        lean(rows, all_drawn), plan, heads, root=root,
        on_progress=lambda progress: on_progress(_later(progress, 0.5)), cancelled=cancelled,
    )  # fmt: skip
    model = Model.of(
        fitted,
        version=version,
        created=now,
        columns=columns,
        schema=STANDARD.digest,
        provenance={"snapshot": snapshot, "seed": recipe.plan.seed},
        extras=encoding.to_bytes(),
    )
    weight = natural_weight(rows.samples, hindsight.came)
    scores = trial.score(rows.seen(judged)) if trial is not None else None
    recent = _recent(rows, split, scores, model, weight, now)
    model = model.with_thresholds(*limits(recent, recipe.budgets, fallback=shipped_model()))
    rival = champion if champion is not None and _is_measure(rows, split, champion) else None
    told = Told(model, champion, rival, recipe, snapshot, began=began, ended=clock.time())
    return Trained(
        model,
        summarise(told, rows, split, scores, weight[judged], canned, importance=importance),
        hindsight.claims,
    )


def _labelled(samples: NDArray[np.void], labels: Labels, encoding: Encoding) -> Labelled:
    """Return labelled samples with the columns of additional features."""
    extra = np.empty((len(samples), 0), np.float32)
    if encoding.width:
        extra = encoding.encode(np.ascontiguousarray(samples["slots"]))
    return Labelled(samples, labels, extra)


def _digest(rows: Labelled) -> str:
    """Return what names the rows and their labels, without a copy of them."""
    found = blake2b(np.ascontiguousarray(rows.samples).view(np.uint8).data, digest_size=16)
    found.update(rows.labels.attack.tobytes())
    return found.hexdigest()


def _recent(
    rows: Labelled,
    split: int,
    scores: tuple[NDArray[np.float64], NDArray[np.float64]] | None,
    model: Model,
    weight: NDArray[np.float64],
    now: float,
) -> Legitimate:
    """
    Return the scores of recent legitimate attempts by models that had not learned from them.

    That is the trial for the newest rows, and for those before whatever model served them.  A model that learned from
    all of them has to do where there is neither.
    """
    guess, accept = (rows.samples[name].astype(np.float64) for name in ("score", "accept"))
    if scores is None:
        guess, accept = model.score(rows.seen())
    else:
        guess[split:], accept[split:] = scores
    used = np.isfinite(guess) & np.isfinite(accept) & (rows.samples["time"] >= now - RECENT)
    labels = Labels(rows.labels.attack[used], rows.labels.weight[used], rows.labels.reason[used])
    return legitimate(rows.samples[used], labels, guess[used], accept[used], weight[used])


def _split(rows: Labelled, judged: float, champion: Model | None) -> int:
    """
    Return how many of the rows a trial may learn from: those before the newest share of the time.

    Where the champion learned from some of these too, both are judged on what is newer than the champion, if that is
    enough: who has seen the answers is no measure.
    """
    times = rows.samples["time"]
    if not len(times):
        return 0
    split = int(np.searchsorted(times, times[-1] - judged * (times[-1] - times[0])))
    if champion is not None:
        newer = int(np.searchsorted(times, champion.artifact.created, side="right"))
        if newer > split and _can_be_judged(rows, slice(newer, None)):
            return newer
    return split


def _is_measure(rows: Labelled, split: int, champion: Model) -> bool:
    """Whether a champion can be compared on the newest rows: who has seen the answers is no measure."""
    if champion.artifact.provenance.get("snapshot") is None:  # it came from elsewhere
        return True
    newest = rows.samples["time"][split:]
    return not len(newest) or bool(newest[0] >= champion.artifact.created)


def _can_be_judged(rows: Labelled, judged: slice) -> bool:
    attack, weight = rows.labels.attack[judged], rows.labels.weight[judged]
    return bool(min(np.count_nonzero(attack == 1), np.count_nonzero((attack == 0) & (weight > 0))) >= _LEAST_JUDGED)


def _root(recipe: Recipe) -> Root | None:
    """Return the nets of the shipped model, if nets of this recipe can stand beside them."""
    shipped = shipped_model() if recipe.prior else None
    root = Root.of(shipped.artifact) if shipped is not None else None
    return root if root is not None and root.fits(recipe.plan.shape) else None


def _half(plan: Plan) -> Plan:
    """Return a plan with half the nets, which is half the time and hardly less: for trials, and beside others."""
    return msgspec.structs.replace(plan, shape=msgspec.structs.replace(plan.shape, nets=(plan.shape.nets + 1) // 2))


def _later(progress: Progress, half: float) -> Progress:
    """Return the progress of one of two trainings as that of both."""
    return msgspec.structs.replace(progress, share=half + progress.share / 2)
