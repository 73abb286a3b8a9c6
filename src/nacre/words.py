# SPDX-License-Identifier: Apache-2.0
"""Columns, features and explanations of scores, in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from math import expm1, isfinite, log1p

import numpy as np
from numpy.typing import NDArray

from nacre.features.catalogue import Catalogue, State
from nacre.features.columns import STANDARD
from nacre.features.extras import Coding, Kind
from nacre.features.schema import Column
from nacre.network.calibration import probability
from nacre.network.explanation import MOST_STEPS, Bounds, Explainer
from nacre.network.model import ACCEPT
from nacre.network_desk import Contribution, Explanation, FeatureInfo
from nacre.record import Sight
from nacre.scoring import Live
from nacre.weigh import KNOWN, NOVEL, PLACES

_COLUMNS = {column.name: column for column in STANDARD.columns}


def explain(
    request_id: str,
    sight: Sight,
    live: Live,
    head: str,
    *,
    score: float | None = None,
    limits: Mapping[str, float] | None = None,
) -> Explanation:
    """
    Return why a model gives an attempt its score.

    Args:
        request_id: The attempt.
        sight: What was seen of it.
        live: The model.
        head: ``guess`` or ``accept``.
        score: What was served, if this model served it.
        limits: Answer to the score from which on it is given; those of the model if left out.
    """
    artifact = live.model.artifact
    asked = artifact.accept if head == ACCEPT else artifact.guess
    row = sight.floats
    if live.encoding.width:
        slots = np.frombuffer(sight.slots or bytes(128), np.uint8)[None]
        row = np.concatenate((row, live.encoding.encode(slots)[0]))
    explainer = live.model.explainer(head)
    found = explainer.contributions(row)
    columns, values, logits = artifact.columns, row.tolist(), found.values.tolist()
    told = [
        _contribution(columns[place], values[place], logits[place])
        for place in np.argsort(-np.abs(found.values), kind="stable").tolist()
        if logits[place] != 0.0
    ]
    known = bool(sight.facts.flags & PLACES)
    limits = asked.thresholds.get(KNOWN if known else NOVEL, {}) if limits is None else limits
    return Explanation(
        request_id=request_id,
        model=live.model.version,
        head=head,
        score=probability(found.logit) if score is None else score,
        base=probability(found.base),
        contributions=tuple(told),
        flips=_flips(explainer, row, columns, found.logit, limits),
    )


def meaning(column: Column) -> str:
    """
    Return what a column tells, whatever it holds.

    >>> meaning(_COLUMNS["address.failures_1h"]), meaning(_COLUMNS["token.new"])
    ('how many failures from this address in an hour', 'the password is new to this account')
    >>> meaning(_COLUMNS["address.age"])
    'seconds since this address was first seen'
    """
    text = column.text
    for pattern, plain in _MEANINGS:
        text = pattern.sub(plain, text)
    return text


def described(catalogue: Catalogue) -> list[FeatureInfo]:
    """Return all that a network looks at: standard columns, and additional features."""
    standard = [
        FeatureInfo(name=column.name, kind="standard", encoding="", state="standard", text=meaning(column))
        for column in STANDARD.columns
    ]
    return standard + [
        FeatureInfo(
            name=feature.name,
            kind="string" if feature.kind is Kind.STRING else "number",
            encoding="" if feature.kind is Kind.NUMBER else _ENCODINGS[feature.coding],
            state="canonical" if feature.state is State.CANONICAL else "proposed",
        )
        for feature in catalogue.features
    ]


_ENCODINGS = {Coding.ONE_HOT: "one-hot", Coding.EMBEDDING: "embedding"}

_MEANINGS = tuple(
    (re.compile(pattern), plain)
    for pattern, plain in (
        (r"^a share of {} (of )?", "the share of "),
        (r"^{} of the day gone$", "the share of the day that is gone"),
        (r"^(this \w+) first seen {} seconds ago$", r"seconds since \1 was first seen"),
        (r"^{} seconds since", "seconds since"),
        (r"^{} ", "how many "),
        (r" \({}\)$", ""),
        (r"{} ", ""),
    )
)
"""What to put for the place of a value where there is none, in this order."""


def _contribution(name: str, value: float, logit: float) -> Contribution:
    column = _COLUMNS.get(name)
    plain = _plain(value, column) if isfinite(value) else None
    return Contribution(name=name, value=plain, logit=logit, text=_say(name, column, plain))


def _plain(value: float, column: Column | None) -> float:
    """Return what a column holds, before its logarithm."""
    return expm1(min(value, _MOST)) if column is not None and column.log else value


_MOST = 700.0
"""Logarithm of the greatest number that is said."""


def _say(name: str, column: Column | None, value: float | None) -> str:
    """
    Return a column and its value in words.

    >>> _say("token.failing_users_1h", _COLUMNS["token.failing_users_1h"], 36.9996)
    '37 accounts failed with this password in an hour'
    >>> _say("token.new", _COLUMNS["token.new"], 0.0)
    'not so: the password is new to this account'
    """
    if column is None:
        return f"{name}: {'not known' if value is None else f'{value:.3g}'}"
    if "{}" not in column.text:
        if value is None:
            return f"not known: {column.text}"
        return column.text if value >= 0.5 else f"not so: {column.text}"
    return column.text.replace("{}", "an unknown number of" if value is None else _number(value))


def _number(value: float) -> str:
    if abs(value) >= 10 or abs(value - round(value)) < 0.05:
        return f"{value:,.0f}"
    return f"{value:.2g}"


@lru_cache(maxsize=8)
def _bounds(columns: tuple[str, ...]) -> Bounds:
    """Return the least and the greatest value that each column can have."""
    bounds = [_bound(_COLUMNS.get(name)) for name in columns]
    return np.array([low for low, _ in bounds]), np.array([high for _, high in bounds])


def _bound(column: Column | None) -> tuple[float, float]:
    if column is None or column.name.endswith("_rise"):
        return -np.inf, np.inf
    if column.log:
        return 0.0, log1p(_LONGEST if "seconds" in column.text else _MANY)
    return 0.0, 6.0 if column.name == "novelty.count" else 1.0


_LONGEST, _MANY = 90 * 86_400.0, 10_000.0
"""Seconds, and attempts or accounts, beyond which nothing is said of what might have been."""


def _flips(
    explainer: Explainer, row: NDArray[np.float32], columns: tuple[str, ...], logit: float, limits: Mapping[str, float]
) -> str:
    """Return the smallest change that would have brought the decision to the other side, in words."""
    score = probability(logit)
    reached = [limit for limit in limits.values() if score >= limit]
    limit = max(reached, default=min(limits.values(), default=0.0))
    if not 0.0 < limit < 1.0:
        return "This score turns no decision here, whatever it is."
    change = explainer.counterfactual(row, limit, _bounds(columns))
    if change is None:
        return f"Nothing that {MOST_STEPS} columns or fewer could tell would bring the score past {limit:.3f}."
    parts = []
    for place, value in zip(change.columns, change.values, strict=True):
        column = _COLUMNS.get(columns[place])
        parts.append(_say(columns[place], column, _plain(value, column)))
    side = "below" if score >= limit else "above"
    return f"The score would be {change.score:.3f}, {side} {limit:.3f}, with: {'; '.join(parts)}."
