# SPDX-License-Identifier: Apache-2.0
"""Simulate, replay through nacre, judge: for some seeds and stories."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from evaluation.bars import DISGUISED, POISONED, Bar, chosen, loss
from evaluation.judge import Figures, judge
from evaluation.study import Truth, read_truth, with_decisions
from evaluation.traffic.simulate import Story, simulate
from evaluation.traffic.write import write

STORIES: dict[str, dict[str, Any]] = {
    "base": {},
    "customers": {"clients": "customers"},
    "peace": {"attacks": "none"},
    "innocent": {"attacks": "after-TRAIN"},
    "poisoned": {"lies": 4_000, "flood": True},
}
"""Named stories and how they differ from the first."""


class Aims(NamedTuple):
    """
    The budgets that the system says it keeps.

    Attributes:
        s: Share of right passwords refused.
        a: Share of all legitimate logins refused.
    """

    s: float = 1e-3
    a: float = 3e-3


class Replays(NamedTuple):
    """
    How nacre is called.

    Attributes:
        every: How often it trains again, such as ``24h``.
        further: More options for ``nacre replay``.
        rules_alone: Whether to replay each study once more without training, for comparison.
    """

    every: str = "24h"
    further: tuple[str, ...] = ()
    rules_alone: bool = False

    def options(self, folder: Path, truth: Truth) -> list[str]:
        """Return the options with which nacre trains and hears feedback."""
        learning = ["--feedback", str(folder / "feedback.jsonl"), "--train-at", f"{truth.since:.0f}"]
        return [*learning, "--train-every", self.every, *self.further]


class Outcome(NamedTuple):
    """
    What came out for one story.

    Attributes:
        figures: Of each seed.
        bars: What they should be.
        others: Figures of another system on the same seeds, if there is one.
    """

    figures: list[Figures]
    bars: tuple[Bar, ...]
    others: list[Figures] | None = None


def assess(truth: Truth, decisions: Path, aims: Aims) -> tuple[Figures, tuple[Bar, ...]]:
    """Return the figures of some decisions about a study, and the bars that fit it."""
    rows = with_decisions(truth, decisions)
    bars = chosen(attacks=bool(rows.attack.any()), attacked_before=truth.attacked_before)
    return judge(rows, aim_s=aims.s, aim_a=aims.a), bars


def prepare(story: Story, folder: Path) -> Truth:
    """Write the files of a study and return its truth."""
    study = simulate(story)
    write(study, folder)
    return read_truth(folder / "events.jsonl", folder / "truth.csv", study.world.people.span.train)


WITHOUT_NETWORK = {"NACRE_BRUTE_FORCE__NEURAL_NETWORK__ENABLED": "false"}
"""What leaves the rules alone."""


def replay(folder: Path, name: str, options: list[str], *, network: bool = True) -> Path:
    """
    Replay a study through nacre and return the file of its decisions.

    Args:
        folder: Of the study.
        name: Of the file, without its ending.
        options: For ``nacre replay``.
        network: Whether there is one; the rules are alone without.

    Raises:
        ValueError: The replay failed.
    """
    decisions, log = folder / f"{name}.csv", folder / f"{name}.log"
    command = [sys.executable, "-m", "nacre", "replay", "--format", "ndjson", str(folder / "events.jsonl")]
    command += ["--decisions", str(decisions), *options]
    environment = dict(os.environ) if network else os.environ | WITHOUT_NETWORK
    run = subprocess.run(
        command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )
    log.write_text(run.stdout, encoding="utf-8")
    if run.returncode:
        last = "\n".join(run.stdout.splitlines()[-5:])
        raise ValueError(f"nacre replay ended with {run.returncode}; {log} ends:\n{last}")
    return decisions


def run_stories(
    names: list[str], seeds: list[int], told: Story, folder: Path, *, aims: Aims, plan: Replays
) -> dict[str, Outcome]:
    """
    Return the figures of each story for each seed, and their bars.

    Args:
        names: Of STORIES.
        seeds: Each is a study of its own.
        told: What holds for all stories.
        folder: Where the files go, one folder for each study.
        aims: What the system says it keeps.
        plan: How nacre is called.
    """
    found: dict[str, Outcome] = {}
    for name in names:
        figures: list[Figures] = []
        rules: list[Figures] = []
        bars: tuple[Bar, ...] = ()
        for place, seed in enumerate(seeds):
            began = time.perf_counter()
            where = folder / f"{name}-{seed}"
            truth = prepare(told._replace(seed=seed, **STORIES[name]), where)
            made = time.perf_counter()
            decided, bars = assess(truth, replay(where, "decisions", plan.options(where, truth)), aims)
            taken = f"simulated in {made - began:.0f} s, replayed in {time.perf_counter() - made:.0f} s"
            print(f"{name}, seed {seed}: {len(truth.request_id):,} events {taken}", file=sys.stderr)
            if name != "base" and "base" in found:
                decided |= loss(decided, found["base"].figures[place])
            figures.append(decided)
            if plan.rules_alone:
                rules.append(assess(truth, replay(where, "rules", list(plan.further), network=False), aims)[0])
        extra = {"customers": DISGUISED, "poisoned": POISONED}.get(name, ()) if "base" in found else ()
        found[name] = Outcome(figures, (*bars, *extra), rules or None)
    return found
