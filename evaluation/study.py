# SPDX-License-Identifier: Apache-2.0
"""A study and what was decided about it, read from files into columns."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from evaluation.metrics import Flags, Floats
from evaluation.traffic.calendar import TRAIN_SHARE

DAY = 86_400.0
DECISIONS = ("allow", "delay", "challenge", "refuse")


class _Event(msgspec.Struct, gc=False):
    request_id: str
    ts: float
    username: str
    success: bool


class Judged(NamedTuple):
    """
    The judged rows of a study, one entry for each in every column.

    Attributes:
        ts: Unix seconds.
        user: Account as it was named.
        day: Days from the epoch.
        right: Whether the password was right.
        attack: Whether it was an attack.
        kind: Kind of attack, "" for none.
        campaign: Number of the campaign as text, "" for none.
        user_kind: Kind of user, "" for attackers.
        score: Probability that it is a guess, 0-1.
        accept: The same for the question whether a right password is accepted.
        decision: Index of DECISIONS.
        aside: Right logins of attackers to accounts of their own: neither attacks nor to be let in.
    """

    ts: Floats
    user: NDArray[np.str_]
    day: NDArray[np.int64]
    right: Flags
    attack: Flags
    kind: NDArray[np.str_]
    campaign: NDArray[np.str_]
    user_kind: NDArray[np.str_]
    score: Floats
    accept: Floats
    decision: NDArray[np.int64]
    aside: Flags

    def only(self, which: Flags) -> Judged:
        """Return some of the rows."""
        columns: Any = [column[which] for column in self]
        return Judged(*columns)

    @property
    def refused(self) -> Flags:
        """Whether each was refused."""
        return np.asarray(self.decision == DECISIONS.index("refuse"))

    @property
    def challenged(self) -> Flags:
        """Whether each was challenged."""
        return np.asarray(self.decision == DECISIONS.index("challenge"))


class Truth(NamedTuple):
    """
    Events beside their truth, of the whole time.

    Attributes:
        request_id: Of each row.
        since: Unix seconds from which rows are judged, if nothing else is said.
        attacked_before: Whether there was an attack before that.
        rows: All rows; scores and decisions are not filled in.
    """

    request_id: list[str]
    since: float
    attacked_before: bool
    rows: Judged


def read_truth(events: Path, truth: Path, since: float | None = None) -> Truth:
    """
    Read a study.

    Args:
        events: NDJSON of logins.
        truth: CSV with their truth, in the same order.
        since: Unix seconds from which to judge; 60 % of the time if ``None``.

    Raises:
        ValueError: The files tell of different rows.
    """
    decoder = msgspec.json.Decoder(_Event)
    with events.open("rb") as file:
        logins = [decoder.decode(line) for line in file]
    with truth.open(encoding="utf-8", newline="") as file:
        known = list(csv.DictReader(file))
    request_id = [login.request_id for login in logins]
    if not logins or request_id != [row["request_id"] for row in known]:
        raise ValueError(f"{truth} does not tell the rows of {events}, in their order")
    ts = np.array([login.ts for login in logins])
    attack = np.array([row["is_attack"] == "1" for row in known])
    campaign = np.array([row["campaign"] for row in known])
    if since is None:
        since = float(ts[0] + (ts[-1] - ts[0]) * TRAIN_SHARE)
    blank = np.zeros(len(ts))
    rows = Judged(
        ts=ts,
        user=np.array([login.username for login in logins]),
        day=(ts // DAY).astype(np.int64),
        right=np.array([login.success for login in logins]),
        attack=attack,
        kind=np.array([row["kind"] for row in known]),
        campaign=campaign,
        user_kind=np.array([row["user_kind"] for row in known]),
        score=blank,
        accept=blank,
        decision=blank.astype(np.int64),
        aside=~attack & (campaign != ""),
    )
    return Truth(request_id, since, bool((attack & (ts < since)).any()), rows)


def with_decisions(truth: Truth, decisions: Path) -> Judged:
    """
    Return the judged rows with what was decided about them.

    Without the column ``score_accept``, as from rules, the score answers both questions.

    Raises:
        ValueError: A judged row has no decision, or a score is no probability.
    """
    with decisions.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        missing = {"request_id", "score", "decision"} - set(reader.fieldnames or ())
        if missing:
            raise ValueError(f"{decisions} has no column {', '.join(sorted(missing))}")
        told = {
            row["request_id"]: (row["score"], row.get("score_accept", row["score"]), row["decision"]) for row in reader
        }
    judged = np.flatnonzero(truth.rows.ts >= truth.since)
    try:
        found = [told[truth.request_id[place]] for place in judged.tolist()]
    except KeyError as error:
        lacking = sum(truth.request_id[place] not in told for place in judged.tolist())
        raise ValueError(f"{decisions} decides nothing about {lacking} rows, such as {error}") from None
    score = np.array([float(row[0] or "nan") for row in found])
    accept = np.array([float(row[1] or "nan") for row in found])
    for column, values in (("score", score), ("score_accept", accept)):
        if not ((values >= 0) & (values <= 1)).all():
            raise ValueError(
                f"{decisions}: {column} is no probability in {(~((values >= 0) & (values <= 1))).sum()} rows"
            )
    try:
        decision = np.array([DECISIONS.index(row[2]) for row in found])
    except ValueError as error:
        raise ValueError(f"{decisions}: a decision is one of {', '.join(DECISIONS)}: {error}") from None
    rows = truth.rows.only(truth.rows.ts >= truth.since)
    return rows._replace(score=score, accept=accept, decision=decision)
