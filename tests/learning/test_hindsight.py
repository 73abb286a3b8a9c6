# SPDX-License-Identifier: Apache-2.0
"""What events say of samples, without the events."""

from __future__ import annotations

import tracemalloc

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from learning.material import NOW, QUICK, material

from nacre.learning.claims import Claim, Counted
from nacre.learning.event import EVENT
from nacre.learning.hindsight import Hindsight, look_back
from nacre.learning.journal import DAY
from nacre.learning.labels import Labels, label
from nacre.learning.limits import Came
from nacre.learning.row import row_dtype
from nacre.learning.train import learn, train

KEY = b"a key that only tests have"
IDS = st.lists(st.integers(1, 30), max_size=20)


def _known(ids: list[int]) -> Hindsight:
    """Hindsight of events whose labels are their ids."""
    ordered = np.array(sorted(ids), np.uint64)
    labels = Labels(ordered.astype(np.float32), ordered.astype(np.float32), ordered.astype(np.uint8))
    return Hindsight(ordered, labels, Came.of(np.zeros(len(ids), EVENT)), Counted())


def _samples(ids: list[int]) -> np.ndarray[tuple[int], np.dtype[np.void]]:
    """Samples that came at the time that their id is."""
    samples = np.zeros(len(ids), row_dtype())
    samples["id"] = samples["time"] = ids
    return samples


def test_a_model_of_what_was_said_in_hindsight_is_the_model_of_events_and_samples_together() -> None:
    """
    To the byte: the process that trains lets the events go before it reads the samples.
    """
    rows = material()
    claims = (Claim(int(rows.events["id"][-40]), is_attack=True, giver="erika", time=NOW - DAY),)
    hindsight = look_back(rows.events, NOW, claims).among(rows.samples[::2])

    apart = learn(rows.samples[::2], hindsight, now=NOW, version="v1", recipe=QUICK, importance=False)
    together = train(
        rows._replace(samples=rows.samples[::2]), now=NOW, version="v1", claims=claims, recipe=QUICK, importance=False
    )

    assert apart.model.to_bytes(KEY) == together.model.to_bytes(KEY)
    assert apart.claims == together.claims
    assert apart.claims.waiting == 1


@given(IDS, IDS, st.integers(0, 31))
def test_samples_are_those_whose_events_are_there_and_not_later(
    events: list[int], samples: list[int], now: int
) -> None:
    """
    Each with the label of its own event, whatever else is among the events.
    """
    found, labels = _known(events).of(_samples(samples), now)

    kept = [number for number in samples if number in events and number <= now]
    assert found["id"].tolist() == labels.attack.tolist() == labels.reason.tolist() == kept


@given(IDS, IDS)
def test_what_is_said_of_some_samples_is_all_that_is_said_of_them(events: list[int], samples: list[int]) -> None:
    """
    The rest may go: there are ten events to a sample.
    """
    known = _known(events)

    found, labels = known.of(_samples(samples), 31)
    again, alike = known.among(_samples(samples)).of(_samples(samples), 31)

    assert again.tobytes() == found.tobytes()
    assert [each.tolist() for each in alike] == [each.tolist() for each in labels]
    assert len(known.among(_samples(samples)).ids) <= len(samples) + 1


def test_labels_are_those_of_the_events_in_the_order_of_their_ids() -> None:
    """
    Nothing is lost on the way, nor how many came of each kind.
    """
    events = material().events
    events["id"] = np.random.default_rng(0).permutation(events["id"])

    known = look_back(events, NOW)
    plain = label(events, NOW)

    assert known.ids.tolist() == sorted(events["id"].tolist())
    assert known.labels.reason.tolist() == plain.reason[np.argsort(events["id"])].tolist()
    assert known.came.events.sum() == len(events)


def test_looking_back_takes_twice_the_room_of_the_events_at_most() -> None:
    """
    A full journal has a million events of 60 bytes, and a process that trains has 300 MB in all.
    """
    once, times = material().events, 20
    events = np.concatenate([once] * times)
    for column in ("id", "ip", "net", "user", "token"):
        events[column] += np.repeat(np.arange(times, dtype=events[column].dtype) * 1009, len(once))
    events = events[np.argsort(events["time"], kind="stable")]
    look_back(events, NOW)  # what is imported or kept for later is no part of it

    tracemalloc.start()
    try:
        known = look_back(events, NOW)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert len(known.ids) == len(events) > 20_000
    assert most < 2 * events.nbytes
