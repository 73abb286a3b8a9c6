# SPDX-License-Identifier: Apache-2.0
"""Places that accounts sign in from."""

from __future__ import annotations

import pytest
from builders import fields
from hypothesis import given
from hypothesis import strategies as st

from nacre.account import AccountNames
from nacre.attempt import Attempt, admit
from nacre.identity import Identity
from nacre.owner import device_place, places, subnet_place

OURS = Identity(b"k" * 32)


def at(address: str, device: str = "") -> Attempt:
    """An attempt from an address and device."""
    sent = fields(address, client_id=device)
    return admit(sent, names=AccountNames(), identity=OURS, now=0.0, request_id="r")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.254", True),  # one /24
        ("192.0.2.1", "192.0.3.1", False),
        ("2001:db8:0:100::1", "2001:db8:0:1ff::1", True),  # one /56
        ("2001:db8:0:100::1", "2001:db8:0:200::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
    ],
)
def test_a_place_is_as_wide_as_a_provider_moves_a_customer(one: str, other: str, *, same: bool) -> None:
    """
    The owner's router gets another address over night and is still the owner's.
    """
    assert (subnet_place(at(one), OURS) == subnet_place(at(other), OURS)) is same


def test_a_device_is_the_same_place_wherever_it_is() -> None:
    """
    A phone on a train keeps its token while its addresses change.
    """
    assert device_place(at("192.0.2.1", "phone"), OURS) == device_place(at("198.51.100.1", "phone"), OURS)
    assert device_place(at("192.0.2.1", "phone"), OURS) != device_place(at("192.0.2.1", "tablet"), OURS)


def test_what_is_not_known_is_no_place() -> None:
    """
    Otherwise everybody without a device token would share the owner's device.
    """
    assert device_place(at("192.0.2.1"), OURS) == 0
    assert places(at("", "phone"), OURS)[0] == 0


@given(address=st.ip_addresses().map(str), device=st.text(min_size=1, max_size=20))
def test_a_device_cannot_pass_for_a_subnet(address: str, device: str) -> None:
    """
    A device token is what a client says: subnets are even and devices odd, so that neither stands for the other.
    """
    subnet, token = places(at(address, device), OURS)

    assert subnet % 2 == 0 < subnet < 2**32
    assert token % 2 == 1
    assert token < 2**32
