# SPDX-License-Identifier: Apache-2.0
"""
What decisions are worth: budgets, recall, hits, accounts, days.

**S** is the share of legitimate logins with the right password that is refused, **A** that of all legitimate
logins.  Under a budget whatever scores strictly above the threshold is refused.  At the system's own decisions a
challenge stops an attacker and refuses no user; it is counted beside.
"""

from __future__ import annotations

import math
import statistics

import numpy as np

from evaluation.metrics import (
    Flags,
    Numbers,
    average_precision,
    calibration_error,
    ranking,
    recalls,
    share,
    skill,
    threshold,
)
from evaluation.study import Judged

BUDGETS = (1e-3, 1e-4)
_FIFTH = 5

Figures = dict[str, float]


def judge(rows: Judged, *, aim_s: float, aim_a: float) -> Figures:
    """
    Return all figures of the judged rows.

    Args:
        rows: What was decided.
        aim_s: Share S that the system says it keeps.
        aim_a: Share A that it says it keeps.

    Returns:
        Figures by name; ``recall.KIND``, ``own.KIND`` and ``users.KIND`` for each kind.  NaN where there is
        nothing to count.
    """
    rows = rows.only(~rows.aside)
    figures = {"events": float(len(rows.ts)), "attack_share": share(rows.attack)}
    figures |= _under_budgets(rows) | _own(rows) | _users(rows)
    figures["budget_s"] = figures["own_s"] / aim_s
    figures["budget_a"] = figures["own_a"] / aim_a
    figures["auc_pr"] = average_precision(rows.score, rows.attack)
    figures["roc_auc"] = ranking(rows.score, rows.attack)
    figures["ece"] = calibration_error(rows.score, rows.attack)
    figures["brier_skill"] = skill(rows.score, rows.attack)
    return figures


def _under_budgets(rows: Judged) -> Figures:
    """Return recall under A with the score, hits stopped under S with the score for acceptance, and containment."""
    attack, legitimate = rows.attack, ~rows.attack
    hits = attack & rows.right
    figures: Figures = {}
    for budget in BUDGETS:
        stopped = rows.score > threshold(rows.score[legitimate], budget)
        by_kind = recalls(stopped[attack], rows.kind[attack])
        figures[f"macro_a{budget:.0e}"] = _mean(by_kind)
        figures[f"worst_a{budget:.0e}"] = min(
            (value for kind, value in by_kind.items() if kind != "nat_insider"), default=math.nan
        )
        figures[f"tries_a{budget:.0e}"] = share(stopped[attack])
        refused = rows.accept > threshold(rows.accept[legitimate & rows.right], budget)
        figures[f"hits_s{budget:.0e}"] = share(refused[hits])
        figures[f"lost_s{budget:.0e}"] = _lost(rows, refused)
        if budget == BUDGETS[0]:
            figures |= {f"recall.{kind}": value for kind, value in by_kind.items()}
            figures |= _containment(rows, stopped)
    return figures


def _own(rows: Judged) -> Figures:
    """Return what the system's own decisions did."""
    attack, legitimate = rows.attack, ~rows.attack
    right = legitimate & rows.right
    stopped = rows.refused | rows.challenged
    by_kind = recalls(stopped[attack], rows.kind[attack])
    figures = {
        "own_s": share(rows.refused[right]),
        "own_a": share(rows.refused[legitimate]),
        "own_challenged": share(rows.challenged[right]),
        "own_challenged_a": share(rows.challenged[legitimate]),
        "own_macro": _mean(by_kind),
        "own_hits": share(stopped[attack & rows.right]),
        "own_lost": _lost(rows, stopped),
        "own_lost_unless_refused": _lost(rows, rows.refused),
        "own_targeted": float(len(np.unique(rows.user[attack & rows.right]))),
        "own_locked": _locked(rows, rows.refused),
        "own_locked_twice": _locked(rows, rows.refused, least=2),
        "own_locked_or_challenged": _locked(rows, stopped),
        "user_days": float(len(_user_days(rows, right)[0])),
    }
    return figures | {f"own.{kind}": value for kind, value in by_kind.items()}


def _users(rows: Judged) -> Figures:
    """Return for each kind of user which share is refused, of right passwords and of all."""
    figures: Figures = {}
    for kind in np.unique(rows.user_kind[~rows.attack]).tolist():
        of_kind = ~rows.attack & (rows.user_kind == kind)
        figures[f"users.{kind}"] = share(rows.refused[of_kind & rows.right])
        figures[f"users_all.{kind}"] = share(rows.refused[of_kind])
        figures[f"users_challenged.{kind}"] = share(rows.challenged[of_kind & rows.right])
    worst = [value for name, value in figures.items() if name.startswith("users.") and not math.isnan(value)]
    return figures | {"worst_users": max(worst, default=math.nan)}


def _mean(values: dict[str, float]) -> float:
    return statistics.fmean(values.values()) if values else math.nan


def _lost(rows: Judged, stopped: Flags) -> float:
    """Return the share of the accounts whose password was guessed at least once that one guess got into."""
    hits = rows.attack & rows.right
    guessed, entered = np.unique(rows.user[hits]), np.unique(rows.user[hits & ~stopped])
    return len(entered) / len(guessed) if len(guessed) else math.nan


def _user_days(rows: Judged, right: Flags) -> tuple[Numbers, Numbers]:
    """Return the distinct days of users with a right password, and which of them each such login belongs to."""
    _, user = np.unique(rows.user[right], return_inverse=True)
    return np.unique(user * 100_000 + rows.day[right], return_inverse=True)


def _locked(rows: Judged, refused: Flags, *, least: int = 1) -> float:
    """Return the share of users' days on which every login with the right password, *least* or more, was refused."""
    right = ~rows.attack & rows.right
    days, which = _user_days(rows, right)
    entered = np.bincount(which, ~refused[right], len(days))
    return share((entered == 0) & (np.bincount(which, minlength=len(days)) >= least))


def _containment(rows: Judged, stopped: Flags) -> Figures:
    """Return which campaigns of five tries or more meet a fifth refusal, and how many seconds after they begin."""
    waits: list[float] = []
    campaigns = 0
    for campaign in np.unique(rows.campaign[rows.attack]).tolist():
        tries = np.flatnonzero(rows.attack & (rows.campaign == campaign))
        if len(tries) < _FIFTH:
            continue
        campaigns += 1
        refusals = tries[stopped[tries]]
        if len(refusals) >= _FIFTH:
            waits.append(float(rows.ts[refusals[_FIFTH - 1]] - rows.ts[tries[0]]))
    return {
        "campaigns": float(campaigns),
        "contained": len(waits) / campaigns if campaigns else math.nan,
        "contained_seconds": statistics.median(waits) if waits else math.nan,
    }
