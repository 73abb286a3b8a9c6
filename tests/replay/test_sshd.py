# SPDX-License-Identifier: Apache-2.0
"""What the messages of sshd say about attempts."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.replay.sshd import MAX_REPEATS, Kind, Said, parse

RENAMED = "Change of username or service not allowed: (root,ssh-connection) -> (bob,ssh-connection) [preauth]"
FINGERPRINT = "SHA256:2pR1mJ0vWkT8sYb5uQeXcL4nA7dHfGzKx9oPiVtUyMw"


def said(message: str) -> Said:
    """Return what a message says, which must be something."""
    found = parse(message)
    assert found is not None
    return found


@pytest.mark.parametrize("method", ["password", "keyboard-interactive/pam", "gssapi-with-mic", "unknown"])
def test_a_failed_credential_is_a_failure(method: str) -> None:
    """
    Every mechanism but keys is tried once per line.
    """
    assert said(f"Failed {method} for root from 192.0.2.7 port 4242 ssh2") == Said(
        Kind.FAILED, "root", "192.0.2.7", 4242, method, known=True
    )
    assert said(f"Failed {method} for invalid user bob from 2001:db8::7 port 1 ssh2") == Said(
        Kind.FAILED, "bob", "2001:db8::7", 1, method, known=False
    )


@pytest.mark.parametrize("method", ["none", "publickey", "hostbased"])
def test_a_key_offered_or_a_question_asked_is_only_a_trace(method: str) -> None:
    """
    An owner with five keys fails four times and signs in: that is no guessing.
    """
    assert said(f"Failed {method} for erika from 192.0.2.7 port 4242 ssh2: RSA {FINGERPRINT}").kind is Kind.TRACE


@pytest.mark.parametrize(
    "key",
    [
        f"ED25519 {FINGERPRINT}",
        f"RSA-CERT {FINGERPRINT} ID erika (serial 7) CA RSA SHA256:caca",
        "RSA MD5:8c:e3:aa:0f:64:51:02:f7:14:79:89:3f:65:84:7c:30",
    ],
)
def test_an_accepted_key_is_a_success_with_its_fingerprint(key: str) -> None:
    """
    The key stands for the device, so the fingerprint is what tells the owner's devices apart.
    """
    found = said(f"Accepted publickey for erika from 192.0.2.10 port 50001 ssh2: {key}")

    assert (found.kind, found.username, found.host, found.known) == (Kind.ACCEPTED, "erika", "192.0.2.10", True)
    assert found.fingerprint == key.split()[1]


def test_an_accepted_password_is_a_success() -> None:
    """
    It says nothing of a device.
    """
    assert said("Accepted password for erika from 192.0.2.10 port 50001 ssh2") == Said(
        Kind.ACCEPTED, "erika", "192.0.2.10", 50001, "password", known=True
    )


@pytest.mark.parametrize(
    ("message", "username", "known"),
    [
        ("Invalid user bob from 192.0.2.7 port 22", "bob", False),
        ("Invalid user bob from 192.0.2.7", "bob", False),
        ("Invalid user  from 192.0.2.7", "", False),
        ("Illegal user bob from 192.0.2.7", "bob", False),
        ("Connection closed by invalid user bob 192.0.2.7 port 22 [preauth]", "bob", False),
        ("Connection closed by invalid user  192.0.2.7 port 22 [preauth]", "", False),
        ("Connection reset by authenticating user root 192.0.2.7 port 22 [preauth]", "root", True),
        ("Disconnected from authenticating user root 192.0.2.7 port 22 [preauth]", "root", True),
        ("Disconnecting invalid user bob 192.0.2.7 port 22: Too many authentication failures [preauth]", "bob", False),
        (f"Disconnecting authenticating user root 192.0.2.7 port 22: {RENAMED}", "root", True),
        (
            "error: maximum authentication attempts exceeded for root from 192.0.2.7 port 22 ssh2 [preauth]",
            "root",
            True,
        ),
        (
            "error: maximum authentication attempts exceeded for invalid user bob from 192.0.2.7 port 22 ssh2",
            "bob",
            False,
        ),
        ("User erika from 192.0.2.7 not allowed because not listed in AllowUsers", "erika", True),
        ("ROOT LOGIN REFUSED FROM 192.0.2.7 port 22", "root", True),
        (
            "pam_unix(sshd:auth): authentication failure; logname= uid=0 tty=ssh ruser= rhost=192.0.2.7  user=erika",
            "erika",
            True,
        ),
        ("pam_unix(sshd:auth): authentication failure; logname= uid=0 tty=ssh ruser= rhost=192.0.2.7", None, None),
    ],
)
def test_what_only_tells_that_somebody_tried_is_a_trace(message: str, username: str | None, known: bool | None) -> None:  # noqa: FBT001
    """
    Servers that take keys alone write nothing else.
    """
    found = said(message)

    assert (found.kind, found.username, found.host, found.known) == (Kind.TRACE, username, "192.0.2.7", known)


def test_pam_tells_of_failures_before_sshd_does() -> None:
    """
    The daemon itself stays silent about the first wrong answers of an account that exists.
    """
    assert said("error: PAM: Authentication failure for erika from 192.0.2.7").kind is Kind.FAILED_PAM
    assert said("error: PAM: authentication error for illegal user x from 192.0.2.7 via 10.0.0.1").known is False


@pytest.mark.parametrize(
    "message",
    [
        "Server listening on :: port 22.",
        "Received disconnect from 192.0.2.7 port 22:11: Bye Bye [preauth]",
        "Connection closed by 192.0.2.7 port 22 [preauth]",
        "Disconnected from user erika 192.0.2.7 port 22",
        "Connection from 192.0.2.7 port 22 on 192.0.2.1 port 22",
        "Postponed publickey for erika from 192.0.2.7 port 22 ssh2 [preauth]",
        "Partial publickey for erika from 192.0.2.7 port 22 ssh2",
        "input_userauth_request: invalid user bob [preauth]",
        "pam_unix(sshd:session): session opened for user erika by (uid=0)",
        "",
    ],
)
def test_what_names_no_try_says_nothing(message: str) -> None:
    """
    Scanners, sessions and half of a two-factor login are no attempts.
    """
    assert parse(message) is None


def test_a_repeated_message_counts_as_often_as_it_says() -> None:
    """
    A line that claims to stand for millions would stop the replay.
    """
    inner = "Failed password for root from 192.0.2.7 port 22 ssh2"

    assert said(f"message repeated 5 times: [ {inner}]").times == 5
    assert parse(f"message repeated {MAX_REPEATS + 1} times: [ {inner}]") is None
    assert parse(f"message repeated 2 times: [ message repeated 2 times: [ {inner}]]") is None


NAMES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60),
    st.lists(
        st.sampled_from(
            ["x", "from", "192.0.2.99", "port", "22", "ssh2", "ssh2:", "RSA", "invalid user", "for", "[preauth]"]
        ),
        max_size=12,
    ).map(" ".join),
)


@given(name=NAMES)
def test_no_user_name_can_change_the_address(name: str) -> None:
    """
    Otherwise an attacker could have somebody else blocked, by trying the right name.
    """
    where = "from 198.51.100.7 port 4242"

    for message in (
        f"Failed password for invalid user {name} {where} ssh2",
        f"Failed publickey for invalid user {name} {where} ssh2: RSA {FINGERPRINT}",
        f"Invalid user {name} {where}",
        f"Invalid user {name} from 198.51.100.7",
        f"Connection closed by invalid user {name} 198.51.100.7 port 4242 [preauth]",
        f"error: maximum authentication attempts exceeded for invalid user {name} {where} ssh2 [preauth]",
        f"error: PAM: Authentication failure for illegal user {name} from 198.51.100.7",
        f"message repeated 2 times: [ Failed password for invalid user {name} {where} ssh2]",
    ):
        found = said(message)
        assert (found.host, found.username, found.known) == ("198.51.100.7", name, False)


@given(name=NAMES, other=NAMES)
def test_where_free_text_follows_the_address_it_is_never_taken_from_it(name: str, other: str) -> None:
    """
    Certificates carry an id and a changed name follows: an address that could be either is none.
    """
    certificate = f"RSA-CERT {FINGERPRINT} ID {other} (serial 7) CA RSA {FINGERPRINT}"
    renamed = f"Change of username or service not allowed: ({name},ssh-connection) -> ({other},ssh-connection)"

    for message in (
        f"Failed publickey for invalid user {name} from 198.51.100.7 port 4242 ssh2: {certificate}",
        f"Disconnecting invalid user {name} 198.51.100.7 port 4242: {renamed} [preauth]",
    ):
        found = parse(message)
        assert found is None or found.host in (None, "198.51.100.7")


def test_a_changed_name_that_looks_like_an_address_leaves_none() -> None:
    """
    Either of the two names may be the forged part, so neither address is believed.
    """
    renamed = "Change of username or service not allowed: "

    found = said(
        f"Disconnecting invalid user x 192.0.2.99 port 1: {renamed} 198.51.100.7 port 4242: {renamed}(x,s) -> (y,s)"
    )

    assert found.host is None


@pytest.mark.parametrize("piece", [" from x port 1 ssh2: ", "rhost=a", " for ", "[", " user "])
def test_hostile_messages_take_no_time(piece: str) -> None:
    """
    Patterns that go back and forth over a message could be made to do so for minutes.
    """
    began = time.process_time()

    for start in ("Failed password for ", "error: PAM: x", "pam_unix(sshd:auth): authentication failure; ", "User "):
        parse(start + piece * (60_000 // len(piece)) + " x")
        parse(start + piece * (4_000 // len(piece)) + " x")

    assert time.process_time() - began < 10
