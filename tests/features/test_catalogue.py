# SPDX-License-Identifier: Apache-2.0
"""Which additional features there are."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.features.catalogue import MAX_NAME, SLOTS, Catalogue, Proposal, State
from nacre.features.extras import Coding, Kind, add_extras


def propose(catalogue: Catalogue, *names: str, now: float = 0.0) -> Proposal:
    """Propose numeric features."""
    return catalogue.propose(add_extras({}, dict.fromkeys(names, 1.0)), now)


def catalogue_of(*names: str) -> Catalogue:
    """Return a catalogue with canonical numeric features."""
    return propose(Catalogue(), *names).catalogue.canonise()


def names(catalogue: Catalogue) -> list[str]:
    """Return the names in the order of their slots."""
    return [feature.name for feature in catalogue.features]


def test_a_feature_is_proposed_when_seen_and_canonical_at_the_next_training() -> None:
    """
    Networks in use know only what is canonical.
    """
    proposed = propose(catalogue_of("old"), "new").catalogue

    assert [feature.name for feature in proposed.canonical] == ["old"]
    assert [feature.name for feature in proposed.canonise().canonical] == ["old", "new"]


def test_the_first_value_decides_the_kind_and_the_first_call_the_coding() -> None:
    """
    Otherwise two scripts that disagree would turn a feature back and forth.
    """
    extras = add_extras(add_extras({}, {"n": 1, "b": True}), {"s": "5"}, Coding.EMBEDDING)
    catalogue = Catalogue().propose(extras, now=0.0).catalogue
    later = catalogue.propose(add_extras({}, {"n": "text", "s": "6"}), now=1.0)

    assert {feature.name: (feature.kind, feature.coding) for feature in catalogue.features} == {
        "b": (Kind.NUMBER, Coding.ONE_HOT),
        "n": (Kind.NUMBER, Coding.ONE_HOT),
        "s": (Kind.STRING, Coding.EMBEDDING),
    }
    assert later.catalogue is catalogue
    assert later.dropped == 0


@given(st.lists(st.sampled_from([f"f{n}" for n in range(40)]), unique=True))
def test_the_order_of_a_callers_names_does_not_matter(order: list[str]) -> None:
    """
    Two instances that see the same attempt first must come to the same slots.
    """
    assert propose(Catalogue(), *order).catalogue == propose(Catalogue(), *sorted(order)).catalogue


@given(st.lists(st.lists(st.text(max_size=MAX_NAME + 2), max_size=20), max_size=5))
def test_nobody_is_pushed_out_and_every_name_without_a_place_is_counted(rounds: list[list[str]]) -> None:
    """
    Whoever floods the catalogue meets its end, not the features of others.
    """
    catalogue = catalogue_of("ours")
    for given_names in rounds:
        before = catalogue
        extras = add_extras({}, dict.fromkeys(given_names, 1.0))
        catalogue, dropped = before.propose(extras, now=0.0)
        assert set(before.features) <= set(catalogue.features)
        assert dropped == len(extras.keys() - catalogue.names)

    assert len(catalogue.features) <= SLOTS
    assert all(0 < len(name) <= MAX_NAME and name.isprintable() for name in names(catalogue))
    assert Catalogue.from_bytes(catalogue.to_bytes()) == catalogue


def test_beyond_the_last_slot_proposals_are_dropped() -> None:
    """
    The width of a network has an end.
    """
    full, dropped = propose(Catalogue(), *(f"f{n:02}" for n in range(SLOTS + 5)))

    assert len(full.features) == SLOTS
    assert dropped == 5
    assert propose(full, "late") == Proposal(full, 1)


def test_a_reset_keeps_the_canonical_features_alone() -> None:
    """
    That is what a network that is reset is made of.
    """
    catalogue = propose(catalogue_of("old", "older"), "new").catalogue

    assert names(catalogue.reset()) == ["old", "older"]
    assert catalogue.reset().reset() == catalogue.reset()


def test_removing_a_canonical_feature_resets_to_the_canonical_rest() -> None:
    """
    A network that was made with it would read a slot that means something else.
    """
    catalogue = propose(catalogue_of("a", "b"), "new").catalogue

    left, removed, unknown, resets = catalogue.remove(["b", "nonsense", "b"])

    assert names(left) == ["a"]
    assert (removed, unknown, resets) == (("b",), ("nonsense",), True)


def test_removing_a_proposal_or_an_unknown_name_resets_nothing() -> None:
    """
    No network uses it; an unknown name is worth telling, but no failure.
    """
    catalogue = propose(catalogue_of("a"), "new", "newer").catalogue

    assert catalogue.remove(["TimeOfDay"]) == (catalogue, (), ("TimeOfDay",), False)
    left, removed, _, resets = catalogue.remove(["new"])
    assert (names(left), removed, resets) == (["a", "newer"], ("new",), False)


def test_a_feature_that_is_still_sent_is_proposed_again() -> None:
    """
    Whoever removes it stops the script as well.
    """
    left = catalogue_of("a", "b").remove(["a"]).catalogue

    (again,) = (feature for feature in propose(left, "a", now=9.0).catalogue.features if feature.name == "a")

    assert (again.state, again.since) == (State.PROPOSED, 9.0)


def test_a_freed_slot_is_given_out_last() -> None:
    """
    Kept samples still hold the values of the feature that had it.
    """
    left = catalogue_of("a", "b", "c").remove(["b"]).catalogue.remove(["a"]).catalogue
    slots = {feature.name: feature.slot for feature in left.features}

    filled = propose(left, *(f"f{n:02}" for n in range(SLOTS - 1)), now=9.0).catalogue
    order = {feature.name: feature.slot for feature in filled.features}

    assert slots == {"c": 2}
    assert [order[f"f{n:02}"] for n in range(SLOTS - 1)] == [*range(3, SLOTS), 1, 0]
    assert filled.freed == ()


@pytest.mark.parametrize("slots", [(0, 0), (0, SLOTS), (-1, 1)])
def test_a_stored_catalogue_that_gives_a_slot_twice_is_refused(slots: tuple[int, int]) -> None:
    """
    Two features in one slot would read one another's values.
    """
    good = catalogue_of("a", "b")
    moved = [msgspec.structs.replace(feature, slot=slot) for feature, slot in zip(good.features, slots, strict=True)]

    with pytest.raises(ValueError, match="slot"):
        Catalogue.from_bytes(msgspec.msgpack.encode({"features": moved, "freed": []}))


@pytest.mark.parametrize("junk", [b"", b"junk", b"\x80\x80", msgspec.msgpack.encode({"features": [{"name": 3}]})])
def test_a_stored_catalogue_that_somebody_else_wrote_is_refused(junk: bytes) -> None:
    """
    The store may hold anything.
    """
    with pytest.raises(ValueError, match=r"."):
        Catalogue.from_bytes(junk)
