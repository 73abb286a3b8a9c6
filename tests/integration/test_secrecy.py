# SPDX-License-Identifier: Apache-2.0
"""Passwords and tokens stop at the door: nothing that leaves the service, or stays in it, holds one."""

from __future__ import annotations

import json
import signal
from hashlib import sha256
from pathlib import Path

import httpx
from builders import eventually
from daemons import Service, metric, running
from redis.asyncio import Redis
from stores import frozen

from nacre.access.roles import Role

_PASSWORDS = [f"Tr0ub4dor-{n}-&3" for n in range(8)]
_API_KEY = "nacre_" + "k3y" * 14
_OTHERS = {
    "Authorization": "Basic aGVhZGVyOnNlY3JldA",
    "Cookie": "session-of-the-user",
    "X-Api-Key": "key-of-another-service",
    "Auth-Pass": "password-in-a-header",
}
_CONFIG = f"""
server: {{log: {{level: debug}}, redis: {{timeout: 1s}}}}
auth:
  api_keys: [{{name: dovecot, sha256: "{sha256(_API_KEY.encode()).hexdigest()}"}}]
brute_force:
  buckets:
    - {{name: address, period: 10m, cidr: 32, ipv4: true, failed_requests: 3, ban_time: 1h}}
"""


def _attempt(number: int, ip: str = "192.0.2.1") -> dict[str, object]:
    return {
        "client_ip": ip,
        "username": "erika",
        "password": _PASSWORDS[number],
        "headers": _OTHERS,
        "attributes": {"password": "password-in-an-attribute", "colour": "blue"},
        "success": False,
    }


async def _use(service: Service, client: httpx.AsyncClient) -> list[str]:
    """Do whatever handles a password or a token, and return what was answered."""
    answers = []
    for number in range(4):
        answers.append(await client.post("/api/v1/check", json=_attempt(number)))
        answers.append(await client.post("/api/v1/attempt", json=_attempt(number)))
    answers.append(await client.post("/api/v1/report", json=_attempt(4, "192.0.2.2")))
    broken: list[dict[str, object]] = [{"client_ip": "nowhere"}, {"username": 17}, {"password": [_PASSWORDS[5]]}]
    answers += [await client.post("/api/v1/attempt", json={**_attempt(5), **part}) for part in broken]
    cut = json.dumps(_attempt(6))[:-1]
    answers.append(await client.post("/api/v1/check", content=cut))
    answers.append(await client.post("/api/v1/check", json=_attempt(1), headers={"x-api-key": _API_KEY}))
    answers.append(await client.get("/api/v1/config", headers={"authorization": f"Bearer {_API_KEY}"}))
    with frozen(service.store_pid):
        answers.append(await client.post("/api/v1/report", json=_attempt(7, "192.0.2.3")))
    await service.answers(200)
    made = [answer.json()["request_id"] for answer in answers[:9]]
    asked = ("blocks", "audit", "config", *(f"decisions/{request_id}" for request_id in made))
    answers += [await client.get(f"/api/v1/{path}") for path in asked]
    return [answer.text for answer in answers]


def _files(service: Service) -> dict[str, bytes]:
    """Return the content of all files but those that are meant to be secret, or were given."""
    paths = [path for path in service.place.rglob("*") if path.is_file() and "secrets" not in path.parts]
    return {str(path.relative_to(service.place)): path.read_bytes() for path in paths if path != service.config}


async def _values(service: Service) -> bytes:
    """Return all keys and values of the store."""
    async with Redis(unix_socket_path=str(service.data_dir / "store" / "valkey.sock")) as client:
        names = [name async for name in client.scan_iter(count=1000)]
        return b"".join([name + (await client.dump(name) or b"") for name in names])


async def test_no_output_and_no_file_holds_a_password_or_a_token(tmp_path: Path) -> None:
    """
    Answers, logs, metrics, the store with its file, the spool: whoever reads them learns no secret.
    """
    async with running(tmp_path, _CONFIG) as service, service.client(Role.ADMIN) as client:
        revoked = service.token(Role.VIEWER)
        answers = await _use(service, client)
        await client.post("/api/v1/tokens/revoke", json={"token": revoked})
        await eventually(lambda: metric(client, "nacre_spooled_reports", 0))
        service.signal(signal.SIGHUP)
        await eventually(lambda: '"reloaded"' in service.stderr)
        answers.append((await client.get("/metrics")).text)
        places = {"answers": "\n".join(answers).encode(), "values": await _values(service)}
        tokens = [revoked, client.headers["authorization"].removeprefix("Bearer ")]

    places |= _files(service)
    secrets = [*_PASSWORDS, _API_KEY, *_OTHERS.values(), "password-in-an-attribute", *tokens]
    assert {"stdout", "stderr", "data/spool.sqlite"} <= set(places)
    assert any(name.endswith(".aof") for name in places)
    assert all(b"erika" in places[name] for name in ("answers", "values", "stdout"))
    for place, content in places.items():
        for secret in secrets:
            assert secret.encode() not in content, f"{place} holds {secret}"
            assert secret.encode().hex().encode() not in content, f"{place} holds {secret} in hexadecimal"


async def test_every_decision_is_one_line_of_json(tmp_path: Path) -> None:
    """
    Whatever a caller writes into a name, a line stays a line.
    """
    odd = ["erika", "two\nlines", 'quote"and\\', "\u2028\u0000\x1b[31m", "\U0001f512" * 100]
    async with running(tmp_path, workers=2) as service, service.client(Role.AUTHENTICATE) as client:
        sent = []
        for name in odd * 20:
            attempt = {"client_ip": "192.0.2.4", "username": name, "protocol": "imap", "password": "x"}
            sent.append((await client.post("/api/v1/check", json=attempt)).json()["request_id"])

    lines = [json.loads(line) for line in service.stdout.split("\n")[:-1]]
    assert sorted(line["request_id"] for line in lines) == sorted(sent)
    assert {line["username"] for line in lines} == set(odd)
    for line in lines:
        assert {"event", "time", "request_id", "action", "client_ip"} <= set(line)
        assert line["event"] == "decision"
