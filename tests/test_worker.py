# SPDX-License-Identifier: Apache-2.0
"""One worker process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import uvicorn
from builders import Clock, MakeGuard, eventually, fields, rule
from daemons import Service

from nacre.access.gate import Gate
from nacre.access.roles import Role
from nacre.access.tokens import issue, revocation
from nacre.config.tree import Auth
from nacre.errors import AccessDenied
from nacre.revoked import RevokedFile
from nacre.worker import follow_signals, reload, revoking

_RULES = """
brute_force:
  buckets: [{name: address, period: 10m, cidr: 32, ipv4: true, failed_requests: 1}]
"""


async def test_settings_are_taken_over_as_a_whole_or_not_at_all(
    make_guard: MakeGuard, clock: Clock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """
    The rules could be used and the keys of the other issuer cannot: neither is taken.
    """
    guard = await make_guard(rule(limit=5))
    gate = Gate(guard.secrets.token_key, guard.settings.auth, clock)
    before, config = guard.settings, tmp_path / "nacre.yml"

    config.write_text(_RULES + "auth: {jwks_file: /nowhere/keys.json}\n")
    reload(guard, gate, config)
    await guard.report(fields(), success=False)

    assert guard.settings is before
    assert not (await guard.check(fields())).refused
    assert "jwks_file" in capsys.readouterr().out

    config.write_text(_RULES)
    reload(guard, gate, config)
    assert (await guard.check(fields())).refused


def test_a_token_stays_revoked_for_a_worker_that_starts_without_a_store(tmp_path: Path, clock: Clock) -> None:
    """
    It cannot ask what was revoked meanwhile, but what this machine knew holds.
    """
    key, path = b"k" * 32, tmp_path / "revoked.sqlite"
    token = issue(key, roles={Role.VIEWER}, ttl=3600, now=int(clock()), name="erika")
    first, second = Gate(key, Auth(), clock), Gate(key, Auth(), clock)

    revoking(first, RevokedFile(path), clock())(*revocation(token, now=clock()))
    revoking(second, RevokedFile(path), clock())

    for gate in (first, second):
        with pytest.raises(AccessDenied):
            gate.admit_now(f"Bearer {token}", None)


async def test_signals_end_the_server_and_read_the_settings_again() -> None:
    """
    Nothing is raised again afterwards: what was answered is still to be written.
    """
    server, hangups = uvicorn.Server(uvicorn.Config("nowhere:app")), []
    handlers = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)]
    try:
        follow_signals(server, lambda: hangups.append("heard"))
        os.kill(os.getpid(), signal.SIGHUP)
        await eventually(lambda: hangups)
        assert not server.should_exit

        os.kill(os.getpid(), signal.SIGTERM)
        await eventually(lambda: server.should_exit)
    finally:
        for number, handler in zip((signal.SIGTERM, signal.SIGINT, signal.SIGHUP), handlers, strict=True):
            signal.signal(number, handler)


def test_a_worker_without_its_parent_does_not_begin(tmp_path: Path) -> None:
    """
    The supervisor died while it was starting: nobody would end it.
    """
    done = subprocess.run(
        [sys.executable, "-m", "nacre.worker", "--fd", "0", "--data-dir", str(tmp_path), "--parent", "1"],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )

    assert (done.returncode, "the parent is gone" in done.stderr) == (1, True)


async def test_settings_that_no_worker_can_use_end_the_service(tmp_path: Path) -> None:
    """
    To start workers again and again would not help; the setting is named, and there is no traceback.
    """
    service = Service(tmp_path, "auth: {jwks_file: /nowhere/keys.json}")
    try:
        with pytest.raises(AssertionError, match="jwks_file"):
            await service.start()
        assert "Traceback" not in service.stderr
    finally:
        await service.kill()
