# SPDX-License-Identifier: Apache-2.0
"""The guard on one server: Redis 7 and Valkey, with passwords, databases and certificates."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from builders import MakeGuard, eventually, fields, rule, written
from clusters import OpenGuard, asked, told
from conftest import missing
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from redis.exceptions import NoPermissionError
from stores import StoreServer

from nacre.config.duration import Duration
from nacre.config.tree import Redis, RedisMaster, RedisTls
from nacre.desk import BlockQuery, toleration_of
from nacre.service import Guard

_PASSWORD = "correct horse battery staple"


def _redis() -> str:
    if shutil.which("redis-server") is None:
        missing("redis-server")
    return "redis-server"


async def _works(guard: Guard, other: Guard) -> None:
    """Claim what an installation needs of its store: counts, blocks, news, tolerations, decisions, audit."""
    for _ in range(2):
        await guard.report(fields("192.0.2.1"), success=False)
    await guard.checkpoint.settle()
    await guard.desk.set_tolerations([toleration_of("198.51.100.0/24", 20, 3600.0)], replace=True, who="erika")
    await eventually(lambda: len(other.desk.blocks.copy) == 1)
    await eventually(lambda: len(other.desk.tolerations()) == 1)
    decision = await other.check(fields("192.0.2.1"))
    await written(other)

    assert decision.refused
    assert await guard.desk.decision(decision.request_id) is not None
    assert len(await other.desk.lift_blocks(BlockQuery(rule="*"), who="erika")) == 1
    assert not (await guard.check(fields("192.0.2.1"))).refused
    assert [entry.action for entry in await guard.desk.audit(2)] == ["blocks.lift", "tolerations.replace"]


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[StoreServer]:
    """A server of the kind that the embedded store is."""
    server = StoreServer(tmp_path / "server")
    try:
        yield await server.start()
    finally:
        await server.kill()


async def test_redis_7_serves_as_well_as_valkey(open_guard: OpenGuard, tmp_path: Path) -> None:
    """
    Debian has Redis 7.0; nothing that we use is newer.
    """
    server = StoreServer(tmp_path / "server", binary=_redis())
    try:
        await server.start()
        settings = Redis(master=RedisMaster(address=server.address), timeout=Duration(5))
        assert (await told(server, "INFO", "server"))["redis_version"].startswith("7.")
        await _works(*[await open_guard(settings, rule(limit=2)) for _ in range(2)])
    finally:
        await server.kill()


async def test_a_user_of_the_store_needs_its_own_keys_only(
    open_guard: OpenGuard, server: StoreServer, prefix: str, tmp_path: Path
) -> None:
    """
    Keys and channels under the prefix, and no command that is dangerous.
    """
    rights = ["+@read", "+@write", "+@scripting", "+@transaction", "+@pubsub", "+@connection", "-@dangerous"]
    await told(server, "ACL", "SETUSER", "nacre", "on", f">{_PASSWORD}", f"~{prefix}*", f"&{prefix}*", *rights)
    await told(server, "ACL", "SETUSER", "default", "off")
    password = tmp_path / "password"
    password.write_text(_PASSWORD + "\n")
    master = RedisMaster(address=server.address, username="nacre", password_file=str(password))
    settings = Redis(master=master, timeout=Duration(5))

    await _works(*[await open_guard(settings, rule(limit=2)) for _ in range(2)])

    async with asked(server, username="nacre", password=_PASSWORD) as client:
        with pytest.raises(NoPermissionError):
            await client.get("somebody-elses-key")


async def test_a_wrong_password_is_a_store_that_is_away(
    open_guard: OpenGuard, server: StoreServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """
    The log says why, without the password; and when the password is put right at the server, all is well.
    """
    await told(server, "CONFIG", "SET", "requirepass", "something else")
    password = tmp_path / "password"
    password.write_text(_PASSWORD)
    settings = Redis(master=RedisMaster(address=server.address, password_file=str(password)), timeout=Duration(5))

    guard = await open_guard(settings, rule(limit=2))
    decision = await guard.check(fields())

    assert decision.reasons[-1].code == "store_unavailable"
    said = capsys.readouterr().out
    assert "WRONGPASS" in said
    assert _PASSWORD not in said
    await told(server, "CONFIG", "SET", "requirepass", _PASSWORD, password="something else")
    await eventually(lambda: guard.store_is_up)
    assert (await guard.check(fields())).reasons == ()


async def test_each_database_of_a_server_is_a_store_of_its_own(open_guard: OpenGuard, server: StoreServer) -> None:
    """
    One server may serve a test installation beside the real one.
    """
    master = RedisMaster(address=server.address)
    one = await open_guard(Redis(master=master, database_number=1, timeout=Duration(5)), rule(limit=1))
    two = await open_guard(Redis(master=master, database_number=2, timeout=Duration(5)), rule(limit=1))

    await one.report(fields("192.0.2.1"), success=False)
    await one.checkpoint.settle()

    assert (await one.check(fields("192.0.2.1"))).refused
    assert not (await two.check(fields("192.0.2.1"))).refused


async def test_a_store_that_is_full_still_protects(open_guard: OpenGuard, server: StoreServer) -> None:
    """
    It can be read and not written: what this process counts itself holds until there is room again.
    """
    settings = Redis(master=RedisMaster(address=server.address), timeout=Duration(5))
    guard = await open_guard(settings, rule(limit=3))
    await guard.report(fields("192.0.2.1"), success=False)
    await told(server, "CONFIG", "SET", "maxmemory", "1mb")

    receipts = [await guard.report(fields("192.0.2.2"), success=False) for _ in range(3)]
    decision = await guard.check(fields("192.0.2.2"))

    assert {receipt.why for receipt in receipts} == {"spooled"}
    assert (decision.refused, decision.rules) == (True, ("address",))
    await told(server, "CONFIG", "SET", "maxmemory", "0")
    await eventually(lambda: guard.spooled == 0)
    decision = await guard.check(fields("192.0.2.2"))
    assert (decision.refused, decision.rules) == (True, ("address",))


async def test_a_script_that_the_server_lost_is_loaded_again(make_guard: MakeGuard) -> None:
    """
    ``SCRIPT FLUSH`` belongs to no one user.
    """
    guard = await make_guard(rule(limit=1))
    await guard.servers.run(b"", ("SCRIPT", "FLUSH"))

    receipt = await guard.report(fields(), success=False)
    await guard.servers.run(b"", ("SCRIPT", "FLUSH"))
    await guard.checkpoint.settle()

    assert receipt.why == "counted"
    assert (await guard.check(fields())).refused


def _usage(*, signs_others: bool) -> x509.KeyUsage:
    """Return what a key may be used for; Python 3.13 looks."""
    other = dict.fromkeys(("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"), False)
    more = dict.fromkeys(("encipher_only", "decipher_only"), False)
    return x509.KeyUsage(digital_signature=True, key_cert_sign=signs_others, crl_sign=signs_others, **other, **more)


def _certificate(
    place: Path, name: str, signer: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """Make a certificate for this machine, signed by another one or by itself, and write it with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer, issuer_key = (signer[0].subject, signer[1]) if signer else (subject, key)
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(_usage(signs_others=signer is None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.BasicConstraints(ca=signer is None, path_length=None), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    (place / f"{name}.crt").write_bytes(certificate.public_bytes(encoding))
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (place / f"{name}.key").write_bytes(private)
    return certificate, key


@pytest.fixture
async def secure(tmp_path: Path) -> AsyncIterator[StoreServer]:
    """A server that speaks TLS only, and wants to see a certificate."""
    authority = _certificate(tmp_path, "authority", None)
    for name in ("server", "client"):
        _certificate(tmp_path, name, authority)
    _certificate(tmp_path, "stranger", None)
    options = ["--tls-ca-cert-file", str(tmp_path / "authority.crt"), "--tls-auth-clients", "yes"]
    options += ["--tls-cert-file", str(tmp_path / "server.crt"), "--tls-key-file", str(tmp_path / "server.key")]
    server = StoreServer(tmp_path / "store", *options, binary=_redis(), secure=True)
    try:
        yield await server.start()
    finally:
        await server.kill()


async def test_tls_with_certificates_on_both_sides(open_guard: OpenGuard, secure: StoreServer, tmp_path: Path) -> None:
    """
    Hot commands, lists and news all go through it.
    """
    files = [str(tmp_path / name) for name in ("authority.crt", "client.crt", "client.key")]
    tls = RedisTls(enabled=True, ca_file=files[0], cert_file=files[1], key_file=files[2])
    settings = Redis(master=RedisMaster(address=secure.address), tls=tls, timeout=Duration(5))

    await _works(*[await open_guard(settings, rule(limit=2)) for _ in range(2)])


async def test_a_server_that_nobody_vouches_for_gets_nothing(
    open_guard: OpenGuard, secure: StoreServer, tmp_path: Path
) -> None:
    """
    Whoever answers under the address of the store must not be told what people do.
    """
    files = [str(tmp_path / name) for name in ("stranger.crt", "client.crt", "client.key")]
    tls = RedisTls(enabled=True, ca_file=files[0], cert_file=files[1], key_file=files[2])

    guard = await open_guard(Redis(master=RedisMaster(address=secure.address), tls=tls), rule(limit=2))

    assert not guard.store_is_up
    assert (await guard.check(fields())).reasons[-1].code == "store_unavailable"
