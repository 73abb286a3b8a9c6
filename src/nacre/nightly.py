# SPDX-License-Identifier: Apache-2.0
"""
What is done once a day without a training: thresholds are found anew, and drift is looked for.

A threshold that is frozen with its model drifts to ten times its budget within days.  The same weights with the
thresholds of recent scores are a new version, so that it is known which decided, and the old one can be put back.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from nacre.learning.adwin import last_rise
from nacre.learning.drift import WARN, Deciles
from nacre.learning.event import Flag
from nacre.learning.journal import Material
from nacre.learning.labels import Labels, label
from nacre.learning.limits import RECENT, REFUSE, Budgets, Legitimate, Thresholds, legitimate, limits
from nacre.network.artifact import floats
from nacre.network.model import Model
from nacre.network.threshold import KNOWN, NOVEL
from nacre.scoring import Live

LEAST = 500
"""Legitimate rows without which nothing is said about drift: chance alone moves fewer."""

_TOLD = 20
_NEVER = 2.0
_WATCHED = 200_000
"""Legitimate rows that are looked through for a rise, the newest."""


class Findings(NamedTuple):
    """
    What a night found.

    Attributes:
        model: The same weights with other thresholds; ``None`` if they stay.
        drift: Columns that moved, with their index, the worst first.
        rows: Legitimate rows that this was found from: scored events, and samples.
        risen: Unix seconds of the legitimate attempt at which the share of those that reach a threshold for refusing
            was last seen to have risen; 0 if it did not.
    """

    model: Model | None
    drift: dict[str, float]
    rows: tuple[int, int]
    risen: float = 0.0


def look_back(live: Live, material: Material, *, now: float, since: float, budgets: Budgets) -> Findings:
    """
    Return what recent traffic says of the model in use.

    Args:
        live: The model.
        material: What is kept.
        now: Unix seconds.
        since: Unix seconds from which this model scored.
        budgets: What may be refused.
    """
    labels = label(material.events, now)
    scored = _scored(material, labels, now=now, since=max(since, now - RECENT))
    artifact = live.model.artifact
    found = limits(scored, budgets, live.model)
    drift, rows = _drift(live, material, labels, now)
    model = None
    if len(scored.guess) and found != (_plain(artifact.guess.thresholds), _plain(artifact.accept.thresholds)):
        model = renamed(live.model.with_thresholds(*found), _next(live.model.version))
    return Findings(model, drift, (len(scored.guess), rows), _risen(live, material, labels, since))


def renamed(model: Model, version: str) -> Model:
    """Return the same model under another name."""
    return Model(msgspec.structs.replace(model.artifact, version=version))


def _next(version: str) -> str:
    """
    Return the name of a version with thresholds found anew.

    >>> _next("20260924-020000-7"), _next("20260924-020000-7.t9")
    ('20260924-020000-7.t1', '20260924-020000-7.t10')
    """
    base, _, number = version.partition(".t")
    return f"{base}.t{int(number or 0) + 1}"


def _scored(material: Material, labels: Labels, *, now: float, since: float) -> Legitimate:
    events = material.events
    some = (events["time"] >= since) & (events["time"] <= now) & ~np.isnan(events["score"])
    chosen = events[some]
    part = Labels(labels.attack[some], labels.weight[some], labels.reason[some])
    guess, accept = chosen["score"].astype(np.float64), chosen["accept"].astype(np.float64)
    return legitimate(chosen, part, guess, accept, np.ones(len(chosen)))


def _drift(live: Live, material: Material, labels: Labels, now: float) -> tuple[dict[str, float], int]:
    """Return the columns that moved since the training, from recent legitimate samples."""
    model, samples, events = live.model, material.samples, material.events
    if not len(model.edges) or not len(samples) or not len(events):
        return {}, 0
    order = np.argsort(events["id"], kind="stable")
    place = np.minimum(np.searchsorted(events["id"][order], samples["id"]), len(events) - 1)
    at = order[place]
    there = events["id"][at] == samples["id"]
    recent = (samples["time"] >= now - RECENT) & (samples["time"] <= now)
    chosen = there & recent & (labels.attack[at] == 0) & (labels.weight[at] > 0)
    rows = int(np.count_nonzero(chosen))
    if rows < LEAST:
        return {}, rows
    x: NDArray[np.float32] = np.ascontiguousarray(samples["vector"][chosen])
    if live.encoding.width:
        x = np.hstack((x, live.encoding.encode(np.ascontiguousarray(samples["slots"][chosen]))))
    x = np.where(np.isfinite(x), x, floats(model.artifact.centre))
    index = Deciles(model.edges.astype(np.float64), model.shares.astype(np.float64)).psi(x)
    worst = np.argsort(-index, kind="stable")[:_TOLD]
    names = model.artifact.columns
    return {names[column]: round(float(index[column]), 4) for column in worst if index[column] >= WARN}, rows


def _risen(live: Live, material: Material, labels: Labels, since: float) -> float:
    """Return when the share of legitimate attempts that would be refused was last seen to have risen."""
    events = material.events
    chosen = (labels.attack == 0) & (labels.weight > 0) & (events["time"] >= since) & ~np.isnan(events["score"])
    rows = events[chosen][-_WATCHED:]
    above = np.zeros(len(rows), np.bool_)
    known = (rows["flags"] & (Flag.SEEN_NET | Flag.SEEN_IP)) != 0
    for head, scores in ((live.model.artifact.guess, rows["score"]), (live.model.artifact.accept, rows["accept"])):
        limits_ = [head.thresholds.get(group, {}).get(REFUSE, _NEVER) for group in (KNOWN, NOVEL)]
        above |= scores >= np.where(known, *limits_)
    at = last_rise(above.astype(np.float64).tolist())
    return float(rows["time"][at]) if at >= 0 else 0.0


def _plain(thresholds: dict[str, dict[str, float]]) -> Thresholds:
    return {group: dict(given) for group, given in thresholds.items()}
