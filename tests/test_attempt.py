# SPDX-License-Identifier: Apache-2.0
"""What callers send, checked and made canonical at the door."""

from __future__ import annotations

import math

import msgspec
import pytest
from builders import fields
from hypothesis import given
from hypothesis import strategies as st

from nacre.account import AccountNames
from nacre.attempt import MAX_PAIRS, SECRET_NAMES, Attempt, AttemptFields, admit, checked
from nacre.errors import InvalidAttempt
from nacre.identity import Identity

OURS = Identity(b"k" * 32)
SECRET = "correct horse battery staple"


def admitted(sent: AttemptFields) -> Attempt:
    """Let an attempt in at the Unix time 1000."""
    return admit(sent, names=AccountNames(), identity=OURS, now=1000.0, request_id="ours")


@given(name=st.text(max_size=40), more=st.text(max_size=20), client=st.text(max_size=20))
def test_no_password_gets_past_the_door(name: str, more: str, client: str) -> None:
    """
    What goes inward is packed, stored and logged: the password must not be in any of it.
    """
    sent = AttemptFields(client_ip="192.0.2.7", username=name, password=SECRET + more, client_id=client)

    inward = admitted(sent)

    assert SECRET.encode() not in msgspec.msgpack.encode(inward)
    assert SECRET not in repr(inward)
    assert len(inward.token) == 8


def test_headers_and_attributes_that_hold_secrets_are_dropped() -> None:
    """
    Whoever forwards all headers forwards the credentials too.
    """
    pairs = {name.title(): SECRET for name in SECRET_NAMES} | {"Accept": "text/html"}

    inward = admitted(fields(headers=pairs, attributes=pairs))

    assert inward.headers == inward.attributes == {"Accept": "text/html"}


def test_what_is_sent_does_not_show_its_password() -> None:
    """
    A traceback or a debug line prints values with repr.
    """
    sent = fields(password=SECRET, password_digest="ab12")

    assert SECRET not in repr(sent)
    assert "ab12" not in repr(sent)


def test_a_password_and_its_digest_are_alternatives() -> None:
    """
    Two tokens for one attempt would make a repeat depend on which one is looked at.
    """
    with pytest.raises(InvalidAttempt) as refused:
        admitted(fields(password="a", password_digest="b"))

    assert refused.value.field == "password_digest"


def test_a_digest_stands_for_a_password_but_is_not_mistaken_for_one() -> None:
    """
    A password that spells another one's digest is not that password.
    """
    one = admitted(fields(password="", password_digest="cafe"))

    assert one.token == admitted(fields(password="", password_digest="cafe")).token
    assert one.token != admitted(fields(password="cafe")).token
    assert admitted(fields(password="")).token == b""


@pytest.mark.parametrize("time", [math.nan, math.inf, -math.inf, -1.0, 2.0**33])
def test_a_time_that_no_clock_shows_is_refused(time: float) -> None:
    """
    Ticks are computed of it; NaN compares with nothing.
    """
    with pytest.raises(InvalidAttempt) as refused:
        admitted(fields(time=time))

    assert refused.value.field == "time"


def test_a_time_of_its_own_is_kept() -> None:
    """
    Replays bring the time along; everybody else gets the clock's.
    """
    assert admitted(fields(time=5.5)).time == 5.5
    assert admitted(fields(time=0.0)).time == 0.0
    assert admitted(fields()).time == 1000.0


@pytest.mark.parametrize("field", ["client_ip", "local_ip"])
@pytest.mark.parametrize("text", ["192.0.2.256", "example.org", "192.0.2.1:993", "\0", "\ud800", "1" * 64])
def test_what_is_no_address_is_refused_under_the_name_of_its_field(field: str, text: str) -> None:
    """
    A typo at the caller's must not become an attempt from nowhere, which is never counted.
    """
    with pytest.raises(InvalidAttempt) as refused:
        admitted(fields(**{field: text}))

    assert refused.value.field == field


def test_canonical_forms_make_one_subject() -> None:
    """
    However address and name are spelled, one client and one account are meant.
    """
    one = admitted(fields("::ffff:192.0.2.7", " Erika "))
    other = admitted(fields("192.0.2.7", "ERIKA"))

    assert (one.address, one.account, one.account_key) == (other.address, other.account, other.account_key)
    assert one.username == " Erika "  # operators see what was typed


def test_without_a_name_or_a_device_there_is_no_key() -> None:
    """
    All attempts without a name would share one account otherwise.
    """
    nobody = admitted(fields(username="  "))

    assert (nobody.account, nobody.account_key, nobody.client_key) == ("", "", "")


def test_the_callers_request_id_wins() -> None:
    """
    Under this name the caller will report; without one, ours does.
    """
    assert admitted(fields(request_id="theirs")).request_id == "theirs"
    assert admitted(fields()).request_id == "ours"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("client_ip", "1" * 65),
        ("username", "n" * 513),
        ("protocol", "p" * 129),
        ("user_agent", "u" * 2049),
        ("password", "p" * 4097),
        ("request_id", ""),
        ("request_id", "two words"),
        ("request_id", "r" * 129),
        ("headers", {f"h{n}": "" for n in range(MAX_PAIRS + 1)}),
        ("headers", {"h" * 129: ""}),
        ("attributes", {"a": "v" * 2049}),
        ("attributes", {"a": []}),
        ("local_port", 65_536),
        ("client_port", -1),
    ],
)
def test_sizes_are_limited_where_bytes_become_values(field: str, value: object) -> None:
    """
    A caller cannot make us keep megabytes, and reads which field was too long.
    """
    body = msgspec.json.encode({"client_ip": "192.0.2.7", "username": "erika", field: value})

    with pytest.raises(msgspec.ValidationError, match=field):
        msgspec.json.decode(body, type=AttemptFields)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "x" * 513),
        ("username", None),
        ("client_ip", 1),
        ("local_port", 70_000),
        ("request_id", "a b"),
        ("request_id", "a\n"),
        ("headers", {"x" * 129: "y"}),
        ("time", "now"),
    ],
)
def test_fields_that_are_made_in_python_have_the_same_limits(field: str, value: object) -> None:
    """
    No decoder has looked at them: ten megabytes of a name would lie in the store.
    """
    made = AttemptFields(**({"client_ip": "192.0.2.7", "username": "erika"} | {field: value}))  # type: ignore[arg-type]

    with pytest.raises(InvalidAttempt) as refused:
        checked(made)

    assert refused.value.field == field


def test_fields_that_can_be_used_stay_as_they_are() -> None:
    """
    Texts, pairs and all; a tuple will do where a list is meant.
    """
    made = fields(headers={"host": "a"}, features={"n": 1, "t": "x"}, embedded=("t",), request_id="a/b")

    assert checked(made) == msgspec.structs.replace(made, embedded=["t"])
