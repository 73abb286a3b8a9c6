# SPDX-License-Identifier: Apache-2.0
"""Where scripts may connect to."""

from __future__ import annotations

import time

import pytest
from listeners import HOST, echo, serving

from nacre.hooks.call import Call
from nacre.hooks.library.reach import OutOfReach, Reach, is_here


class Seat:
    """A seat whose run has to end."""

    def __init__(self, left: float) -> None:
        self.call = Call("test", "hook", deadline=time.monotonic() + left)


@pytest.mark.parametrize(
    ("allowed", "host", "port", "allows"),
    [
        ([], "example.org", 443, False),
        (["*"], "example.org", 443, True),
        (["example.org"], "EXAMPLE.org.", 443, True),
        (["example.org"], "evil-example.org", 443, False),
        (["*.example.org"], "a.b.example.org", 443, True),
        (["*.example.org"], "example.org", 443, False),
        (["example.org:443"], "example.org", 444, False),
        (["2001:db8::/32"], "2001:db8::1", 25, True),
        (["[2001:db8::1]:25"], "2001:db8::1", 25, True),
        (["[2001:db8::1]:25"], "2001:db8::1", 26, False),
        (["192.0.2.0/24"], "::ffff:192.0.2.7", 25, True),
        (["192.0.2.0/24"], "192.0.3.7", 25, False),
        (["192.*"], "192.0.2.7", 25, False),
    ],
)
def test_a_host_is_allowed_by_name_pattern_or_network(allowed: list[str], host: str, port: int, allows: bool) -> None:  # noqa: FBT001
    """
    Nothing is allowed by default, and a name that merely ends like an allowed one is another name.
    """
    assert Reach(allowed).allows(host, port) is allows


def test_a_connection_goes_to_an_allowed_host_only() -> None:
    """
    The error names the setting, so that an operator knows what to do.
    """
    with serving(echo()) as port:
        with Reach([f"{HOST}:{port}"]).connect(HOST, port, 5) as line:
            line.sendall(b"x")
            heard = line.recv(1)
        with pytest.raises(OutOfReach, match=r"lua\.config\.allowed_hosts"):
            Reach(["example.org"]).connect(HOST, port, 5)

    assert heard == b"x"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0", "127.9.9.9", "::ffff:127.0.0.1"])  # noqa: S104
def test_the_service_itself_is_out_of_reach_by_any_name(host: str) -> None:
    """
    A script that could call the management interface would have the rights of whoever is trusted on loopback.
    """
    with serving(echo()) as port, pytest.raises(OutOfReach, match="is the service itself"):
        Reach(["*"], listening=[port]).connect(host, port, 5)


def test_an_address_that_nobody_answers_at_is_an_error() -> None:
    """
    A script is told what the system says.
    """
    with serving(echo()) as port:
        pass

    with pytest.raises(OSError, match="refused"):
        Reach(["*"]).connect(HOST, port, 5)


def test_nobody_waits_longer_than_the_run_lasts() -> None:
    """
    What a script asks for counts up to a minute, and all of it within its own end.
    """
    reach = Reach([], patience=5)

    assert reach.timeout(Seat(100), 2) == 2  # type: ignore[arg-type]
    assert reach.timeout(Seat(100), 10) == 10  # type: ignore[arg-type]
    assert reach.timeout(Seat(100), 90) == 60  # type: ignore[arg-type]
    assert reach.timeout(Seat(100)) == 5  # type: ignore[arg-type]
    assert 0 < reach.timeout(Seat(1), 3) <= 1  # type: ignore[arg-type]
    assert reach.timeout(Seat(-1)) == 0.001  # type: ignore[arg-type]


def test_addresses_of_this_machine_are_known() -> None:
    """
    They can be bound, and others cannot.
    """
    assert (is_here("::1"), is_here("198.51.100.1"), is_here("nonsense")) == (True, False, False)
