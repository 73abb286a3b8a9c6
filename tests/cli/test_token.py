# SPDX-License-Identifier: Apache-2.0
"""`nacre token`."""

from __future__ import annotations

import time
from hashlib import sha256
from pathlib import Path

import pytest
from terminal import Run

from nacre.access.roles import Role
from nacre.access.tokens import our_caller
from nacre.cli.token import ROLES
from nacre.config.load import parse_settings
from nacre.secrets import Secrets


def test_a_token_is_all_that_is_printed(run: Run, data_dir: Path) -> None:
    """
    `TOKEN=$(nacre token create --role admin)` is how it is used.
    """
    ran = run("token", "create", "--role", "operator", "--role", "security", "--ttl", "2h", "--name", "erika")

    caller = our_caller(ran.out.removesuffix("\n"), Secrets.open(data_dir).token_key, now=time.time())
    assert (ran.code, ran.err) == (0, "")
    assert (caller.name, set(caller.roles)) == ("erika", {Role.OPERATOR, Role.SECURITY})
    assert 7100 < caller.expires - time.time() <= 7201  # two hours, rounded up to a second; some have passed


def test_a_token_needs_no_store(run: Run, data_dir: Path) -> None:
    """
    The first one is wanted before anything runs.
    """
    run("token", "create", "--role", "admin")

    assert [path.name for path in data_dir.iterdir()] == ["secrets"]


def test_the_document_of_a_token_says_what_it_is(run: Run) -> None:
    """
    Its id is what to revoke later, without keeping the token.
    """
    made = run("token", "create", "--role", "viewer", "--name", "erika", "--json").json

    assert set(made) == {"token", "id", "name", "roles", "expires"}
    assert (made["name"], made["roles"]) == ("erika", ["viewer"])


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((), "--role"),
        (("--role", "boss"), "authenticate, viewer"),
        (("--role", "admin", "--ttl", "400d"), "366 days"),
        (("--role", "admin", "--ttl", "soon"), "15m"),
        (("--role", "admin", "--name", "\x1b[2J"), "printable"),
    ],
)
def test_a_token_that_cannot_be_made_is_refused_with_what_would_do(
    run: Run, arguments: tuple[str, ...], named: str
) -> None:
    """
    Roles and durations are guessed at first.
    """
    ran = run("token", "create", *arguments)

    assert (ran.code, ran.out) == (2, "")
    assert named in ran.err
    assert "\x1b" not in ran.err


def test_the_help_names_every_role() -> None:
    """
    The list stands in the help without the settings being loaded for it.
    """
    assert ROLES.split(", ") == [role.value for role in Role]


def test_a_token_is_revoked_by_itself_its_id_or_from_a_file(run: Run) -> None:
    """
    Tokens that leaked are found in files, and should not go through another list of processes.
    """
    made = run("token", "create", "--role", "viewer", "--json").json

    by_id = run("token", "revoke", made["id"], "--json").json
    by_token = run("token", "revoke", made["token"], "--json").json
    from_file = run("token", "revoke", "-", "--json", stdin=f"{made['token']}\n").json

    assert {by_id["id"], by_token["id"], from_file["id"]} == {made["id"]}
    assert by_id["until"] > by_token["until"] == from_file["until"]
    assert len(run("audit", "--json").json["entries"]) == 3


def test_a_piece_of_a_token_is_not_taken_for_an_id(run: Run) -> None:
    """
    It would revoke nothing, and whoever did it would feel safe.
    """
    ran = run("token", "revoke", "eyJhbGciOiJIUzI1NiIs")

    assert ran.code == 2
    assert "neither a whole token nor the id" in ran.err


def test_an_api_key_comes_with_the_lines_that_let_it_in(run: Run) -> None:
    """
    The lines load as they are printed, and hold the digest of the key above them.
    """
    ran = run("token", "api-key", "--name", "yes", "--role", "authenticate", "--role", "viewer")

    key = ran.out.split("\n", 1)[0]
    lines = ran.out[ran.out.index("auth:") :]
    (entry,) = parse_settings(lines).auth.api_keys
    assert (entry.name, entry.roles) == ("yes", (Role.AUTHENTICATE, Role.VIEWER))
    assert entry.sha256 == sha256(key.encode()).hexdigest()
    assert "only now" in ran.out


def test_the_document_of_an_api_key_holds_the_same(run: Run) -> None:
    """
    For whoever writes settings by program.
    """
    made = run("token", "api-key", "--json").json

    assert (made["name"], made["roles"]) == ("daemon", ["authenticate"])
    assert made["sha256"] == sha256(made["key"].encode()).hexdigest()
