# SPDX-License-Identifier: Apache-2.0
"""The fields of an attempt as scripts see them."""

from __future__ import annotations

from builders import fields
from seats import says, seat

from nacre.account import AccountNames
from nacre.attempt import Attempt, AttemptFields, admit
from nacre.decision import Action, Decision, Reason
from nacre.hooks.request import OFTEN, UNKNOWN, carried, refusal_fields, request_of
from nacre.identity import Identity

# ORIGINAL: every field that plug-ins of Nauthilus may read.
THEIRS = [
    "debug",
    "repeating",
    "user_found",
    "authenticated",
    "no_auth",
    "brute_force_counter",
    "service",
    "session",
    "client_ip",
    "client_port",
    "client_net",
    "client_hostname",
    "client_id",
    "user_agent",
    "local_ip",
    "local_port",
    "username",
    "account",
    "account_field",
    "unique_user_id",
    "display_name",
    "password",
    "protocol",
    "oidc_cid",
    "brute_force_bucket",
    "feature",
    "status_message",
    "ssl",
    "ssl_session_id",
    "ssl_client_verify",
    "ssl_client_dn",
    "ssl_client_cn",
    "ssl_issuer",
    "ssl_client_not_before",
    "ssl_client_not_after",
    "ssl_subject_dn",
    "ssl_issuer_dn",
    "ssl_client_subject_dn",
    "ssl_client_issuer_dn",
    "ssl_protocol",
    "ssl_cipher",
    "ssl_serial",
    "ssl_fingerprint",
    "log_format",
    "log_level",
]


def attempt(**other: object) -> Attempt:
    """Return an attempt."""
    sent: AttemptFields = fields(**other)  # type: ignore[arg-type]
    return admit(sent, names=AccountNames(), identity=Identity(b"k" * 32), now=1000.0, request_id="r1")


def test_every_field_is_there_and_none_is_nothing() -> None:
    """
    A script that concatenates a field that is nil ends with an error; the original has "" there.
    """
    request = request_of(attempt()).fields()

    assert set(THEIRS) | {"headers", "request_id", "attributes"} == set(UNKNOWN) == set(request)
    assert None not in request.values()


def test_what_callers_send_as_attributes_fills_fields_of_the_same_name() -> None:
    """
    The original's frontend has these from headers of its own; here any caller may send them.
    """
    request = request_of(
        attempt(attributes={"ssl_protocol": "TLSv1.3", "client_hostname": "a.example", "tries": 3}, tls=True)
    ).fields()

    assert (request["ssl_protocol"], request["client_hostname"], request["ssl"]) == ("TLSv1.3", "a.example", "on")
    assert request["attributes"] == {"ssl_protocol": "TLSv1.3", "client_hostname": "a.example", "tries": 3}


def test_the_password_is_never_told() -> None:
    """
    It became a digest at the door; a script gets even that only where the settings say so.
    """
    tried = attempt(password="correct horse")

    assert request_of(tried).fields()["password"] == ""
    assert request_of(tried, password=True).fields()["password"] == tried.token.hex()
    assert "correct" not in repr(request_of(tried, password=True))


def test_a_script_gets_what_the_fields_say() -> None:
    """
    Most of them are made in Lua, and never cross the border; the table is the same.
    """
    tried = attempt(
        username="Erika Köln",
        client_port=993,
        headers={"Accept": "*/*"},
        attributes={"ssl_protocol": "TLSv1.3", "tries": 3},
        tls=True,
        known_user=True,
    )

    for request in (
        request_of(tried, log_level="debug", authenticated=True, brute_force_counter=3),
        request_of(attempt()),
    ):
        assert says("return a", request) == [request.fields()]


def test_no_request_is_that_of_another_attempt() -> None:
    """
    What one script writes into it, no other reads: not into the tables in it either.
    """
    request, state = request_of(attempt()), seat()
    says("a.username = 'mallory'; a.headers.leak = 1; a.attributes.leak = 1; a.other = 1", request, state=state)

    assert says("return a", request, state=state) == [request.fields()]


def test_the_fields_that_are_handed_over_are_texts() -> None:
    """
    They are looked at together: how long they are, and whether they are ASCII.
    """
    request = request_of(attempt())

    assert len(request.often) == len(OFTEN) == len(set(OFTEN))
    assert {type(value) for value in request.often} == {str}
    assert set(OFTEN) < set(UNKNOWN)


def test_a_refusal_by_rule_tells_which() -> None:
    """
    Actions mail it to somebody.
    """
    reason = Reason("blocked", "why", "address", "192.0.2.0/24", 12, 10, 2000.0)
    decision = Decision("r1", Action.REFUSE, 0.0, None, ("address",), (reason,), "Too many.")

    assert refusal_fields(decision) == {
        "client_net": "192.0.2.0/24",
        "brute_force_bucket": "address",
        "brute_force_counter": 12,
        "repeating": True,
        "feature": "brute_force",
        "status_message": "Too many.",
    }


def test_headers_are_found_by_their_names_in_lower_case() -> None:
    """
    Names of headers have no case.
    """
    http = carried(attempt(headers={"X-Forwarded-Proto": "https"}))

    assert http is not None
    assert http.headers == {"x-forwarded-proto": ["https"]}
    assert carried(attempt()) is None
