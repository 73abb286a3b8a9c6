# SPDX-License-Identifier: Apache-2.0
"""What tests of evaluation build with: scored rows, and the report of a training run that never was."""

from __future__ import annotations

import numpy as np

from nacre.network.evaluate import HeldOut, Scores, compare
from nacre.network.evaluation import Comparison
from nacre.network.gate import Canned, Limits, judge
from nacre.network.importance import Importance
from nacre.network.training_report import LabelCount, Part, Threshold, TrainingReport

KINDS = ("orphan failures", "unknown accounts", "same password on many", "many on one account", "guessed before")

_DAY = 86_400.0
_START = 1_790_000_000.0


def held_out(attack: list[int], *, weight: list[float] | None = None, success: list[int] | None = None) -> HeldOut:
    """Rows with the labels given, of one kind of attack, a second apart; all count the same and none is established."""
    number = len(attack)
    return HeldOut(
        attack=np.array(attack, bool),
        weight=np.ones(number) if weight is None else np.array(weight, np.float64),
        success=np.zeros(number, bool) if success is None else np.array(success, bool),
        pair_known=np.zeros(number, bool),
        time=np.arange(number, dtype=np.float64),
        kind=np.zeros(number, np.intp),
        kinds=("attack",),
    )


def scored(guess: list[float], accept: list[float] | None = None, *, at: float = 0.5) -> Scores:
    """Scores that act from *at* on; both are the same without further words."""
    first = np.array(guess, np.float64)
    return Scores(first, first if accept is None else np.array(accept, np.float64), at, at)


def traffic(number: int, rng: np.random.Generator) -> HeldOut:
    """Rows of which a seventh are attacks, half of them rarer kinds."""
    attack = rng.random(number) < 0.14
    return HeldOut(
        attack=attack,
        weight=np.where(attack, 0.8, rng.choice([0.25, 0.7, 1.0], number)),
        success=np.where(attack, rng.random(number) < 0.02, rng.random(number) < 0.8),
        pair_known=~attack & (rng.random(number) < 0.7),
        time=np.sort(_START + rng.random(number) * 3 * _DAY),
        kind=rng.choice(len(KINDS), number, p=(0.5, 0.2, 0.15, 0.1, 0.05)),
        kinds=KINDS,
    )


def scores(rows: HeldOut, rng: np.random.Generator, *, skill: float) -> Scores:
    """Calibrated scores that tell the classes apart by *skill* standard deviations; some kinds are harder."""
    harder = np.where(rows.attack, rows.kind * 0.06 * skill, 0.0)
    seen = rng.normal(size=rows.attack.size) + np.where(rows.attack, skill - harder, 0.0)
    guess = 1 / (1 + np.exp(-(skill * seen - skill**2 / 2 - 1.6)))
    accept = np.clip(guess * rng.uniform(0.97, 1.0, rows.attack.size), 0, 1)
    return Scores(guess.astype(np.float32), accept.astype(np.float32), 0.5, 0.9)


def comparison(*, number: int = 40_000, skill: float = 5.2, champion: float | None = 4.7, seed: int = 7) -> Comparison:
    """Three scorers on rows of the size of three days."""
    rng = np.random.default_rng(seed)
    rows = traffic(number, rng)
    old = None if champion is None else scores(rows, rng, skill=champion)
    return compare(
        rows, challenger=scores(rows, rng, skill=skill), champion=old, rules=scores(rows, rng, skill=1.4)
    )  # fmt: skip


def training_report(*, compared: Comparison | None = None, name: str = "ip.failures.1h") -> TrainingReport:
    """A report with one feature of the name given."""
    compared = compared or comparison(number=4_000)
    canned = [
        Canned(name="dictionary from one address", attack=True, score=0.998, threshold=0.5),
        Canned(name="slow spraying", attack=True, score=0.91, threshold=0.5),
        Canned(name="mail client with yesterday's password", attack=False, score=0.02, threshold=0.5),
    ]
    names = [name, "net.orphans.24h", "user.tokens.1h", "token.users.24h", "novel.asn", "context.client.share"]
    names += [
        f"{where}.{what}" for where in ("ip", "net", "user") for what in ("ratio.1h", "fresh.24h", "age", "open.1h")
    ]
    names += [
        "global.unknown.share",
        "protocol.imap",
        "token.was.right",
        "user.since.success",
        "custom.risk",
        "net.ips.24h",
    ]
    columns = [
        Importance(name=each, columns=1, log_loss=0.09 * 0.8**at, auc_pr=0.02 * 0.7**at)
        for at, each in enumerate(names)
    ]
    groups = ("novelty", "token", "address", "network", "account", "context", "protocol")
    return TrainingReport(
        model="2026-09-24.1",
        champion="" if compared.champion is None else "2026-09-23.1",
        began=_START + 3 * _DAY,
        ended=_START + 3 * _DAY + 41.7,
        code="0.2.0",
        seed=20260924,
        snapshot="9f2c51d7a0b94e0c8a1d3a6e5b7c2f10",
        parts=(
            Part(name="train", began=_START - 14 * _DAY, ended=_START - 3 * _DAY, attacks=32_104, legitimate=47_896),
            Part(name="validation", began=_START - 3 * _DAY, ended=_START, attacks=5_210, legitimate=9_102),
            Part(name="test", began=_START, ended=_START + 3 * _DAY, attacks=5_618, legitimate=34_382),
        ),
        labels=(
            LabelCount(reason="orphan failures at one address", attack=True, rows=18_412, weight=16_570.0),
            LabelCount(reason="same password on many accounts", attack=True, rows=9_733, weight=9_733.0),
            LabelCount(reason="unknown accounts", attack=True, rows=3_959, weight=2_375.0),
            LabelCount(reason="signed in on two days", attack=False, rows=29_377, weight=29_377.0),
            LabelCount(reason="failed beside a right password", attack=False, rows=12_008, weight=12_008.0),
            LabelCount(reason="misconfigured device", attack=False, rows=6_511, weight=3_907.0),
        ),
        compared=compared,
        verdict=judge(compared, canned, Limits()),
        columns=tuple(columns),
        groups=tuple(
            Importance(name=each, columns=12, log_loss=0.21 * 0.6**at, auc_pr=0.05 * 0.6**at)
            for at, each in enumerate(groups)
        ),
        thresholds=(
            Threshold(use="refuse an established pair", score="accept", value=0.9971, budget=1e-4),
            Threshold(use="refuse anybody else", score="accept", value=0.9412, budget=1e-3),
            Threshold(use="challenge", score="guess", value=0.72, budget=3e-3),
            Threshold(use="count as an attack", score="guess", value=0.5, budget=None),
        ),
    )
