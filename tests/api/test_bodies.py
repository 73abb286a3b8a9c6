# SPDX-License-Identifier: Apache-2.0
"""What callers may send as a body, and how values look in answers."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest
from builders import Clock, MakeGuard, fields, rule
from daemons import Service
from hypothesis import given, settings
from hypothesis import strategies as st

from nacre.access.roles import Role
from nacre.api.bodies import AttemptBody, BlockBody, DecisionBody, TolerationEntry
from nacre.api.routes import ROUTES
from nacre.decision import Block
from nacre.desk import toleration_of

_PATHS = [(route.method, route.path) for route in ROUTES if route.body is not None]
_FIELDS = [
    *AttemptBody.__struct_fields__,
    "tolerations",
    "ip_address",
    "tolerate_percent",
    "tolerate_ttl",
    "token",
    "is_brute_force",
    "learning_mode",
    "samples",
    "epochs",
    "force",
    "?",
]
_GOOD = b'"client_ip":"192.0.2.30","username":"erika","success":false'

_ASKED = [(route.method, route.path) for route in ROUTES if route.query is not None]
_PARAMETERS = sorted({name for route in ROUTES if route.query is not None for name in route.query.__struct_fields__})
_ODD = ["nan", "inf", "-1", "1e300", "9" * 40, "192.0.2.1", "10.0.0.0/8", "true", "*"]

_texts = st.text(max_size=20) | st.sampled_from(_ODD)
_scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=40)
    | st.sampled_from(["192.0.2.1", "::1", "1h", "-1h", "\0", "%", "*", "eyJhbGciOiJIUzI1NiJ9.e30.x"])
)
_values = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner), max_leaves=8
)
_objects = st.dictionaries(st.sampled_from(_FIELDS), _values, max_size=8)
_bodies = st.binary(max_size=200) | (_objects | _values).map(json.dumps).map(str.encode)


@pytest.fixture(scope="module")
def sender(fuzzed: Service) -> Iterator[httpx.Client]:
    """A client that may do everything."""
    headers = {"authorization": f"Bearer {fuzzed.token(Role.ADMIN)}"}
    with httpx.Client(base_url=fuzzed.url, headers=headers, trust_env=False, timeout=200) as client:
        yield client


@given(body=_bodies, kind=st.sampled_from(["application/x-ndjson", "application/json"]), route=st.sampled_from(_PATHS))
@settings(max_examples=300)
def test_no_body_is_an_error_of_ours(sender: httpx.Client, body: bytes, kind: str, route: tuple[str, str]) -> None:
    """
    Whatever is sent, the caller is told what is wrong with it, or gets an answer.
    """
    answer = sender.request(route[0], route[1], content=body, headers={"content-type": kind})

    assert answer.status_code in {200, 202, 400, 404, 409, 422}, (answer.status_code, answer.text)
    for line in filter(None, answer.text.split("\n")):
        assert json.loads(line).get("status", 200) < 500, line


@given(query=st.dictionaries(st.sampled_from(_PARAMETERS), _texts, max_size=4), route=st.sampled_from(_ASKED))
@settings(max_examples=200)
def test_no_query_is_an_error_of_ours(sender: httpx.Client, query: dict[str, str], route: tuple[str, str]) -> None:
    """
    The same for what stands behind the question mark.
    """
    answer = sender.request(route[0], route[1], params=query)

    assert answer.status_code in {200, 202, 404, 422}, (answer.status_code, answer.text)


@given(path=st.text(max_size=30))
@settings(max_examples=60)
def test_no_request_id_is_an_error_of_ours(sender: httpx.Client, path: str) -> None:
    """
    The last part of a path is any text.
    """
    answer = sender.request("GET", httpx.URL(f"{sender.base_url}/api/v1/decisions/").join(_quoted(path)))

    assert answer.status_code in {200, 404}, (answer.status_code, answer.text)


def _quoted(text: str) -> str:
    return "./" + "".join(f"%{byte:02X}" for byte in text.encode())


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"null", 422),
        (b"{" + _GOOD + b"} and more", 400),
        (b"\xef\xbb\xbf{" + _GOOD + b"}", 400),
        (("{" + _GOOD.decode() + "}").encode("utf-16"), 400),
        (b"{" + _GOOD + b',"user_agent":"\\ud800"}', 400),
        (b"{" + _GOOD + b',"\\udc00":1}', 400),
        (b"{" + _GOOD + b',"user_agent":"\xed\xa0\x80"}', 400),
        (b"{" + _GOOD + b',"unknown":"\xff"}', 400),
        (b"{" + _GOOD + b',"user_agent":"\\u0000"}', 200),
        (b'{"client_ip":"192.0.2.1\\u0000","username":"erika","success":true}', 422),
        (b"{" + _GOOD + b',"local_port":' + b"9" * 5000 + b"}", 422),
        (b"{" + _GOOD + b',"time":1e999}', 422),
        (b"{" + _GOOD + b',"time":NaN}', 400),
        (b"{" + _GOOD + b',"time":-Infinity}', 400),
        (b"{" + _GOOD + b',"time":-0}', 200),
        (b"{" + _GOOD + b',"local_port":-0}', 200),
        (b"{" + _GOOD + b',"attributes":{"n":' + b"9" * 400 + b"}}", 422),
        (b"{" + _GOOD + b',"attributes":' + b"[" * 20_000 + b"}", 422),
        (b"[" * 60_000, 422),
        (b"{" + _GOOD + b',"username":"the last one counts"}', 200),
        (b"{" + _GOOD + b',"username":17}', 422),
        (b"{" + _GOOD + b',"tls":1}', 422),
        (b"{" + _GOOD + b',"attributes":{"":""}}', 200),
    ],
    ids=lambda value: value[:60].decode("latin-1") if isinstance(value, bytes) else str(value),
)
def test_odd_json_is_read_or_refused_on_purpose(sender: httpx.Client, body: bytes, status: int) -> None:
    """
    Each of these broke some parser once: surrogates, endless numbers, deep nesting, two of the same name.
    """
    answer = sender.post("/api/v1/attempt", content=body)

    assert answer.status_code == status, answer.text


@pytest.mark.parametrize("path", ["/api/v1/check", "/api/v1/tokens/revoke"])
@pytest.mark.parametrize("nest", [b"[" * 30_000 + b"]" * 30_000, b'{"a":' * 9_000 + b"1" + b"}" * 9_000])
def test_deep_nesting_is_refused_or_ignored(sender: httpx.Client, nest: bytes, path: str) -> None:
    """
    How deep a decoder goes before it gives up differs from one Python to the next; a 500 it is never.
    """
    for body in (b"{" + _GOOD + b',"unknown":' + nest + b"}", nest, nest[:30_000]):
        assert sender.post(path, content=body).status_code in {200, 400, 422}


@pytest.mark.parametrize(
    ("kind", "subject", "shown"),
    [
        ("subnet", "192.0.2.0/24", {"subnet": "192.0.2.0/24"}),
        ("account", "erika from home", {"account": "erika from home"}),
        ("client", "phone", {"client": "phone"}),
        (
            "account+subnet",
            "erika from home from 192.0.2.0/24",
            {"account": "erika from home", "subnet": "192.0.2.0/24"},
        ),
    ],
)
def test_a_block_names_what_it_blocks(kind: str, subject: str, shown: dict[str, str]) -> None:
    """
    Clients look for the field of the subject; a name may hold the word that parts a pair.
    """
    block = Block("rule", b"key", subject, kind, 1.0, 2.0, "too many")

    body = BlockBody.of(block)

    named = {"subnet": body.subnet, "account": body.account, "client": body.client}
    assert {name: value for name, value in named.items() if value} == shown


def test_a_toleration_of_one_address_is_listed_without_its_prefix() -> None:
    """
    It is listed as it was set.
    """
    host = TolerationEntry.of(toleration_of("192.0.2.1", 20, 3600.0))
    net = TolerationEntry.of(toleration_of("2001:db8::/32", 20, 90.0))

    assert (host.ip_address, host.tolerate_ttl) == ("192.0.2.1", "1h")
    assert (net.ip_address, net.tolerate_ttl) == ("2001:db8::/32", "1m30s")


async def test_a_kept_decision_shows_no_digest_and_no_header(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Digests could be compared with those of other accounts, and headers hold what nobody meant to show.
    """
    guard = await make_guard(rule())
    attempt = guard.admit(fields(headers={"X-Thing": "hidden-value"}, client_id="phone"))
    decision = await guard.check_attempt(attempt, guard.settings.on_store_failure.http)
    record = await guard.desk.decision(decision.request_id)
    assert record is not None

    shown = DecisionBody.of(record)

    text = repr(shown)
    for secret in ("hidden-value", attempt.account_key, attempt.client_key, repr(attempt.token)):
        assert secret not in text
    assert shown.attempt["headers"] == ["X-Thing"]
    assert shown.attempt["time"] == clock.now
