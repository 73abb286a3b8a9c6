# SPDX-License-Identifier: Apache-2.0
"""Columns made of packed additional features."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from zlib import crc32

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.features.catalogue import Catalogue
from nacre.features.encoding import (
    FEWEST_ROWS,
    MAX_WIDTH,
    MOST_FREQUENT,
    Columns,
    Encoding,
    EncodingMismatch,
    Slots,
    current,
)
from nacre.features.extras import Coding, Given, add_extras
from nacre.features.pack import pack

SAMPLE = add_extras(add_extras({}, {"retries": 1, "device": "x"}), {"agent": "y"}, Coding.EMBEDDING)
CATALOGUE = Catalogue().propose(SAMPLE, now=0.0).catalogue.canonise()


def digest(text: str) -> int:
    """Return a digest for tests."""
    return crc32(text.encode("utf-8", "surrogatepass"))


def slots_of(*attempts: Mapping[str, object], catalogue: Catalogue = CATALOGUE) -> Slots:
    """Return attempts as rows of packed slots."""
    rows = [pack(add_extras({}, values), catalogue, digest) for values in attempts]
    return np.frombuffer(b"".join(rows), np.uint8).reshape(len(rows), -1)


TRAINING = slots_of(
    *({"retries": n % 5, "device": "mobile", "agent": f"a{n}"} for n in range(40)),
    *({"retries": 100, "device": "desktop"} for _ in range(FEWEST_ROWS)),
    *({"device": f"rare {n}"} for n in range(30)),
    *({"device": "nearly"} for _ in range(FEWEST_ROWS - 1)),
)
ENCODING = Encoding.fit(TRAINING, CATALOGUE)


def column(name: str, *attempts: Mapping[str, object]) -> list[float]:
    """Return one column of attempts."""
    values: list[float] = ENCODING.encode(slots_of(*attempts))[:, ENCODING.columns.index(name)].tolist()
    return values


def block(start: str, *attempts: Mapping[str, object]) -> Columns:
    """Return the columns whose names begin alike."""
    return ENCODING.encode(slots_of(*attempts))[:, [name.startswith(start) for name in ENCODING.columns]]


def test_a_number_keeps_its_value_and_a_missing_one_has_the_median() -> None:
    """
    Of 0, 1, 2, 3, 4 eight times each and 100 twenty times the median is between the 30th and the 31st: 3.
    """
    assert column("extra.retries:value", {"retries": -7.5}, {"retries": 0}, {}, {"retries": "x"}) == [-7.5, 0, 3, 3]
    assert column("extra.retries:missing", {"retries": -7.5}, {"retries": 0}, {}, {"retries": "x"}) == [0, 0, 1, 1]


def test_frequent_values_have_columns_and_all_others_share_eight() -> None:
    """
    A value needs twenty rows of the training for a column of its own.
    """
    own = [name for name in ENCODING.columns if name.startswith("extra.device=")]

    assert own == [f"extra.device={digest(value):08x}" for value in ("mobile", "desktop")]
    assert column(own[0], {"device": "mobile"}, {"device": "desktop"}, {"device": "nearly"}, {}) == [1, 0, 0, 0]
    assert block("extra.device#", {"device": "mobile"}, {}).sum() == 0
    assert block("extra.device#", {"device": "nearly"}, {"device": "unseen"}).sum(axis=1).tolist() == [1, 1]


def test_at_most_sixteen_values_have_columns_the_most_frequent_first() -> None:
    """
    The width has an end, and ties fall the same way in every training.
    """
    rows = [{"device": f"v{n}"} for n in range(MOST_FREQUENT + 4) for _ in range(FEWEST_ROWS + n)]

    encoding = Encoding.fit(slots_of(*rows), CATALOGUE)

    own = [name for name in encoding.columns if name.startswith("extra.device=")]
    assert own == [f"extra.device={digest(f'v{n}'):08x}" for n in reversed(range(4, MOST_FREQUENT + 4))]


def test_an_embedding_tells_all_values_apart_and_needs_to_know_none() -> None:
    """
    Over many values each column has a mean of 0 and a variance of 1; a missing value is the origin.
    """
    vectors = block("extra.agent~", *({"agent": f"value {n}"} for n in range(4000)))

    assert vectors.shape == (4000, 8)
    assert len(np.unique(vectors, axis=0)) == 4000
    assert np.abs(vectors.mean(axis=0)).max() < 0.06
    assert np.abs(vectors.var(axis=0) - 1).max() < 0.06
    assert np.abs(np.corrcoef(vectors.T) - np.eye(8)).max() < 0.06
    assert not block("extra.agent~", {}).any()


GIVEN = st.fixed_dictionaries(
    {},
    optional={
        "retries": st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
        "device": st.sampled_from(["mobile", "desktop", "nearly", ""]) | st.text(max_size=3) | st.integers(),
        "agent": st.text(max_size=3),
        "unheard of": st.text(max_size=3),
    },
)
ATTEMPTS = st.lists(GIVEN, min_size=1, max_size=8)


@given(ATTEMPTS)
def test_a_row_is_the_same_bit_for_bit_in_whatever_company(attempts: list[dict[str, object]]) -> None:
    """
    Scoring encodes one row, training many: a difference would be a skew; and no caller can change another's row.
    """
    slots = slots_of(*attempts)

    together = ENCODING.encode(slots)
    alone = [ENCODING.encode(slots[n : n + 1]) for n in range(len(attempts))]

    assert together.tobytes() == b"".join(row.tobytes() for row in alone)
    assert together.shape == (len(attempts), ENCODING.width)
    assert together.dtype == np.float32
    assert np.isfinite(together).all()


@given(st.binary(min_size=128, max_size=128) | st.just(b"\x00\x00\xc0\x7f" * 32))
def test_any_bytes_in_the_slots_give_numbers(junk: bytes) -> None:
    """
    A stored row that somebody tampered with must not become an infinity in a network.
    """
    row = np.frombuffer(junk, np.uint8).reshape(1, -1)

    out = ENCODING.encode(row)
    refitted = Encoding.fit(np.concatenate([row, row]), CATALOGUE)

    texts = [":" not in name for name in ENCODING.columns]
    assert np.isfinite(out).all()
    assert np.abs(out[:, texts]).max() < 1.64
    assert np.isfinite(refitted.encode(row)).all()


@given(ATTEMPTS, st.randoms())
def test_the_order_of_the_training_rows_does_not_matter(attempts: list[dict[str, object]], shuffle: Random) -> None:
    """
    The same data give the same model.
    """
    rows = np.concatenate([TRAINING, slots_of(*attempts)])
    order = list(range(len(rows)))
    shuffle.shuffle(order)

    assert Encoding.fit(rows[order], CATALOGUE) == Encoding.fit(rows, CATALOGUE)


@given(st.lists(st.text(max_size=4), max_size=60), st.sampled_from(Coding))
def test_whatever_is_sent_the_width_is_bounded_and_names_are_unique(names: list[str], coding: Coding) -> None:
    """
    The names of features come from outside, too.
    """
    extras: dict[str, Given] = add_extras({}, {name: name if len(name) % 2 else 1.0 for name in names}, coding)
    catalogue = Catalogue().propose(extras, now=0.0).catalogue.canonise()
    rows = np.frombuffer(pack(extras, catalogue, digest) * FEWEST_ROWS, np.uint8).reshape(FEWEST_ROWS, -1)

    encoding = Encoding.fit(rows, catalogue)

    assert encoding.width == len(set(encoding.columns)) <= MAX_WIDTH
    assert encoding.encode(rows).shape == (FEWEST_ROWS, encoding.width)
    assert Encoding.from_bytes(encoding.to_bytes()) == encoding


def test_a_fully_used_catalogue_stays_within_the_width() -> None:
    """
    32 one-hot texts with sixteen frequent values each are the most that there can be.
    """
    names = [f"f{n}" for n in range(40)]
    catalogue = Catalogue().propose(add_extras({}, dict.fromkeys(names, "x")), now=0.0).catalogue.canonise()
    rows = [dict.fromkeys(names, f"v{n % 20}") for n in range(20 * FEWEST_ROWS)]

    encoding = Encoding.fit(slots_of(*rows, catalogue=catalogue), catalogue)

    assert encoding.width == MAX_WIDTH == 768


def test_without_features_there_are_no_columns() -> None:
    """
    Most installations have none.
    """
    encoding = Encoding.fit(TRAINING, Catalogue())

    assert encoding == Encoding()
    assert encoding.encode(TRAINING).shape == (len(TRAINING), 0)


def test_proposed_features_have_no_columns_yet_and_do_no_harm() -> None:
    """
    They arrive between two trainings.
    """
    later = CATALOGUE.propose(add_extras({}, {"brand": "new"}), now=1.0).catalogue

    ENCODING.check(later)

    assert Encoding.fit(TRAINING, later) == ENCODING


def test_the_later_coding_of_a_feature_does_not_reach_a_model() -> None:
    """
    The same text makes the same slot under either coding; which columns it fills was decided at the training.
    """
    extras = add_extras({}, {"device": "mobile", "agent": "y"}, Coding.EMBEDDING)
    swapped = add_extras(extras, {"agent": "y"}, Coding.ONE_HOT)

    assert CATALOGUE.propose(swapped, now=1.0).catalogue is CATALOGUE
    assert pack(swapped, CATALOGUE, digest) == slots_of({"device": "mobile", "agent": "y"}).tobytes()


@pytest.mark.parametrize("change", ["removed", "renamed", "since", "coding"])
def test_a_catalogue_that_means_something_else_is_refused(change: str) -> None:
    """
    An error, and never a network drawn anew.
    """
    catalogue = CATALOGUE.remove(["device"]).catalogue
    if change == "renamed":
        device = next(feature for feature in CATALOGUE.features if feature.name == "device")
        features = (*catalogue.features, msgspec.structs.replace(device, name="gadget"))
        catalogue = Catalogue(features)
    if change == "since":
        catalogue = catalogue.propose(add_extras({}, {"device": "x"}), now=5.0).catalogue.canonise()
    if change == "coding":
        extras = add_extras({}, {"device": "x"}, Coding.EMBEDDING)
        catalogue = catalogue.propose(extras, now=0.0).catalogue.canonise()

    ENCODING.check(CATALOGUE)
    with pytest.raises(EncodingMismatch, match="'device' in slot"):
        ENCODING.check(catalogue)


def test_samples_from_before_a_feature_have_no_value_for_it() -> None:
    """
    Its slot may have been another one's, whose samples are kept.
    """
    rows = slots_of({"retries": 1, "device": "x"}, {"retries": 2, "device": "y"})
    slot = next(feature.slot for feature in CATALOGUE.features if feature.name == "retries")
    features = [
        msgspec.structs.replace(feature, since=10.0) if feature.slot == slot else feature
        for feature in CATALOGUE.features
    ]

    cleaned = current(rows, np.array([9.0, 10.0]), Catalogue(tuple(features)))

    assert cleaned.tobytes() == slots_of({"device": "x"}, {"retries": 2, "device": "y"}).tobytes()
    assert not current(rows, np.array([9.0, 10.0]), Catalogue()).any()


@pytest.mark.parametrize("shape", [(128,), (2, 127), (1, 2, 128)])
def test_slots_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    """
    Of a width that does not fit nothing is guessed.
    """
    with pytest.raises(ValueError, match="packed slots"):
        ENCODING.encode(np.zeros(shape, np.uint8))


@pytest.mark.parametrize(
    "wrong", [{"median": float("nan")}, {"frequent": (0,)}, {"frequent": tuple(range(1, MOST_FREQUENT + 2))}]
)
def test_an_encoding_that_could_not_have_been_fitted_is_refused(wrong: dict[str, object]) -> None:
    """
    Its columns would not be what their names say.
    """
    coded = msgspec.structs.replace(ENCODING.coded[0], **wrong)

    with pytest.raises(ValueError, match=ENCODING.coded[0].feature.name):
        Encoding.from_bytes(msgspec.msgpack.encode({"coded": [coded]}))
    with pytest.raises(ValueError, match="slot"):
        Encoding((ENCODING.coded[0], ENCODING.coded[0]))


@pytest.mark.parametrize("junk", [b"", b"junk", msgspec.msgpack.encode({"coded": [1]})])
def test_an_encoding_that_somebody_else_wrote_is_refused(junk: bytes) -> None:
    """
    It comes with a model from the store.
    """
    with pytest.raises(ValueError, match=r"."):
        Encoding.from_bytes(junk)
