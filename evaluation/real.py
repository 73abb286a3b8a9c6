# SPDX-License-Identifier: Apache-2.0
"""
Real logs, through nacre as it is shipped and through its rules alone.

The labels of these logs were made from their own outcomes: an attempt that failed is an attack there.  So they
say what is stopped and whom it hits, and grade nothing.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from evaluation.run import replay


class Told(NamedTuple):
    """
    What became of one log.

    Attributes:
        name: Of the log.
        how: ``rules alone`` or ``with the network``.
        attempts: By label.
        refused: The same, of those that were refused.
        scored: Mean score by label.
    """

    name: str
    how: str
    attempts: Counter[str]
    refused: Counter[str]
    scored: dict[str, float]


def tell(data: Path, folder: Path) -> list[Told]:
    """Replay all logs of a folder of ``events-*.csv.gz`` and return what became of them."""
    found = []
    for file in sorted(data.glob("events-*.csv.gz")):
        name = file.name.removeprefix("events-").removesuffix(".csv.gz")
        where = folder / f"real-{name}"
        where.mkdir(parents=True, exist_ok=True)
        labels = _write(file, where / "events.jsonl")
        for how, network in (("rules alone", False), ("with the network", True)):
            decided = _read(replay(where, how.replace(" ", "-"), [], network=network))
            refused = Counter(labels[one] for one, (action, _) in decided.items() if action == "refuse")
            scores: dict[str, list[float]] = {}
            for one, (_, score) in decided.items():
                scores.setdefault(labels[one], []).append(score)
            means = {label: sum(values) / len(values) for label, values in scores.items()}
            found.append(Told(name, how, Counter(labels[one] for one in decided), refused, means))
    return found


def _write(file: Path, out: Path) -> dict[str, str]:
    """Write a log as replay reads it, and return its labels by request id."""
    labels = {}
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines, out.open("w", encoding="utf-8") as written:
        for number, row in enumerate(csv.DictReader(lines)):
            labels[str(number)] = row["label"]
            event = {
                "request_id": str(number),
                "ts": row["ts"],
                "client_ip": row["src"],
                "username": row["user"],
                "success": row["ok"] == "1",
                "protocol": row["proto"],
                "user_agent": row["agent"],
                "country": row["cc"] or None,
                "password_token": row["pwh"] or None,
                "known_user": row["known"] == "1" if row["known"] else None,
            }
            written.write(json.dumps(event) + "\n")
    return labels


def _read(decisions: Path) -> dict[str, tuple[str, float]]:
    return {one: (action, score) for one, action, score in _rows(decisions)}


def _rows(decisions: Path) -> Iterator[tuple[str, str, float]]:
    with decisions.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            yield row["request_id"], row["decision"], float(row["score"])
