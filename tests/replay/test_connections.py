# SPDX-License-Identifier: Apache-2.0
"""Each attempt behind the messages of sshd is counted once."""

from __future__ import annotations

import pytest

from nacre.replay.connections import AMBIGUOUS, GRACE, MAX_WAITING, NO_ADDRESS, TOLD, Connections
from nacre.replay.record import Recorded, Tally
from nacre.replay.sshd import parse

INVALID = "Invalid user bob from 192.0.2.7 port 22"
FAILED = "Failed password for invalid user bob from 192.0.2.7 port 22 ssh2"
CLOSED = "Connection closed by invalid user bob 192.0.2.7 port 22 [preauth]"
KEY = "Failed publickey for erika from 192.0.2.10 port 5 ssh2: RSA SHA256:aaaa"


class Heard:
    """What came of messages, each of them a line."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self._connections = Connections(tally, "auth.log")
        self._line = 0
        self.attempts: list[Recorded] = []

    def hear(self, *messages: str, pid: str = "1", time: float = 0.0) -> Heard:
        """Take messages of one process, all at one time."""
        for message in messages:
            said = parse(message)
            assert said is not None
            self._line += 1
            self.attempts += self._connections.hear(said, ("gate", pid), time, self._line, message)
        return self

    def finish(self) -> list[tuple[str, bool, int]]:
        """Return user, success and line of all attempts."""
        self.attempts += self._connections.finish()
        return [(recorded.fields.username, recorded.success, recorded.line) for recorded in self.attempts]


@pytest.fixture
def heard(tally: Tally) -> Heard:
    """Return a listener that heard nothing yet."""
    return Heard(tally)


def test_an_outcome_replaces_the_traces_around_it(heard: Heard) -> None:
    """
    Five lines of one try are one attempt, and the other four are accounted for.
    """
    heard.hear(INVALID, "pam_unix(sshd:auth): authentication failure; ruser= rhost=192.0.2.7", FAILED, CLOSED)

    assert heard.finish() == [("bob", False, 3)]
    assert heard.tally.skipped[TOLD].count == 3


def test_traces_alone_are_one_attempt_at_the_time_of_the_first(heard: Heard) -> None:
    """
    A server that takes keys alone never writes that a password failed.
    """
    heard.hear(INVALID, time=100).hear(CLOSED, time=103)

    assert heard.finish() == [("bob", False, 1)]
    assert heard.attempts[0].fields.time == 100
    assert heard.attempts[0].fields.known_user is False


def test_every_password_of_a_connection_counts(heard: Heard) -> None:
    """
    Six are allowed by default.
    """
    heard.hear(INVALID, FAILED, FAILED, f"message repeated 3 times: [ {FAILED}]", CLOSED)

    assert heard.finish() == [("bob", False, line) for line in (2, 3, 4, 4, 4)]


def test_keys_offered_before_a_login_are_no_failures(heard: Heard) -> None:
    """
    A client with several keys offers them all; their owner signs in.
    """
    heard.hear(KEY, KEY, "Accepted password for erika from 192.0.2.10 port 5 ssh2")

    assert heard.finish() == [("erika", True, 3)]


def test_keys_offered_in_vain_are_one_failure(heard: Heard) -> None:
    """
    Keys are not guessed, so their number says nothing.
    """
    heard.hear(KEY, KEY, "Connection closed by authenticating user erika 192.0.2.10 port 5 [preauth]")

    assert heard.finish() == [("erika", False, 1)]


def test_answers_that_pam_refused_are_not_counted_again_when_sshd_tells_of_them(heard: Heard) -> None:
    """
    The first begins to write at the third wrong answer; PAM writes each time.
    """
    pam = "error: PAM: Authentication failure for erika from 192.0.2.10"
    sshd = "Failed keyboard-interactive/pam for erika from 192.0.2.10 port 5 ssh2"

    heard.hear(pam, pam, sshd, sshd, sshd)

    assert heard.finish() == [("erika", False, line) for line in (1, 2, 5)]
    assert heard.tally.skipped[TOLD].count == 2


def test_sshd_alone_is_counted_where_pam_names_a_host(heard: Heard) -> None:
    """
    With ``UseDNS yes`` PAM is told the name of the client, which no rule can count.
    """
    heard.hear(
        "error: PAM: Authentication failure for erika from client.example.org",
        "Failed keyboard-interactive/pam for erika from 192.0.2.10 port 5 ssh2",
    )

    assert heard.finish() == [("erika", False, 2)]
    assert heard.tally.skipped[NO_ADDRESS].count == 1


def test_an_address_that_could_be_either_is_tallied(heard: Heard) -> None:
    """
    Nothing is guessed, and nothing is left out in silence.
    """
    place = "from 192.0.2.7 port 22 ssh2: "
    heard.hear(f"Failed publickey for invalid user x {place}{place}RSA-CERT SHA256:a ID x (serial 1) CA RSA SHA256:b")

    assert heard.finish() == []
    assert heard.tally.skipped[AMBIGUOUS].count == 1


def test_attempts_keep_the_order_of_their_lines(heard: Heard) -> None:
    """
    A trace that is still undecided holds back what follows, so that rules see time go forward.
    """
    heard.hear(INVALID, pid="1", time=0)
    heard.hear("Failed password for root from 192.0.2.8 port 9 ssh2", pid="2", time=1)
    assert heard.attempts == []

    heard.hear("Failed password for root from 192.0.2.9 port 9 ssh2", pid="3", time=GRACE + 1)

    assert [recorded.line for recorded in heard.attempts] == [1, 2, 3]


def test_the_same_process_number_may_serve_somebody_else(heard: Heard) -> None:
    """
    Numbers return after minutes on a busy host, or at once after a reboot.
    """
    heard.hear(INVALID, time=0)
    heard.hear(INVALID.replace("port 22", "port 23"), time=1)
    heard.hear(INVALID.replace("192.0.2.7", "192.0.2.8"), time=2)
    heard.hear(INVALID.replace("192.0.2.7", "192.0.2.8"), time=2 + 2 * GRACE)

    assert heard.finish() == [("bob", False, line) for line in (1, 2, 3, 4)]


def test_without_process_numbers_address_and_port_tell_connections_apart(heard: Heard) -> None:
    """
    Some daemons are set to leave the number out.
    """
    heard.hear(INVALID, INVALID.replace("port 22", "port 23"), CLOSED, pid="")

    assert heard.finish() == [("bob", False, 1), ("bob", False, 2)]


def test_a_flood_of_waiting_attempts_is_bounded(heard: Heard) -> None:
    """
    A clock that stands still would keep the whole log in memory.
    """
    heard.hear(INVALID)
    heard.hear(f"message repeated {MAX_WAITING // 20} times: [ {FAILED.replace('bob', 'eve')}]", pid="2")
    for _ in range(20):
        heard.hear(f"message repeated {MAX_WAITING // 20} times: [ {FAILED.replace('bob', 'eve')}]", pid="2")

    assert len(heard.attempts) > MAX_WAITING
    assert heard.attempts[0].line == 1


def test_a_name_keeps_within_what_an_attempt_may_carry(heard: Heard) -> None:
    """
    The farewell of sshd shows names in full, however long.
    """
    heard.hear(CLOSED.replace("bob", "b" * 900))

    [(username, _, _)] = heard.finish()
    assert username == "b" * 512
