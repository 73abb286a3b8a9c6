# SPDX-License-Identifier: Apache-2.0
"""``nacre token``: who may ask, who may administer."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from nacre.cli.exits import ExitCode
from nacre.cli.installation import Installation, ask, who
from nacre.cli.options import AsJson, Config, DataDir, examples, group
from nacre.cli.output import moment, show, show_json

if TYPE_CHECKING:
    from nacre.access.roles import Role
    from nacre.service import Guard

app = group("Make and revoke tokens, make API keys.")

ROLES = "authenticate, viewer, helpdesk, operator, admin, security"


def _complete_role() -> list[str]:
    return ROLES.split(", ")


Name = Annotated[str, typer.Option("--name", help="Who bears it; stands in the audit log.")]


@app.command(
    epilog=examples(
        "nacre token create --role admin",
        "nacre token create --role authenticate --ttl 30d --name dovecot",
    )
)
def create(
    *,
    role: Annotated[
        list[str],
        typer.Option("--role", autocompletion=_complete_role, help=f"What it allows: {ROLES}; may be repeated."),
    ],
    ttl: Annotated[str, typer.Option("--ttl", help="How long it holds, 366d at most.")] = "1h",
    name: Name = "",
    as_json: AsJson = False,
    config: Config = None,
    data_dir: DataDir = None,
) -> ExitCode:
    """Print a new token, whether or not the service runs."""
    from nacre.access.tokens import issue, our_caller
    from nacre.config.duration import Duration
    from nacre.secrets import Secrets

    now = time.time()
    roles = _roles(role)
    key = Secrets.open(Installation.find(config, data_dir, os.environ).data_dir).token_key
    try:
        token = issue(key, roles=roles, ttl=float(Duration.parse(ttl)), now=now, name=name)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    if as_json:
        caller = our_caller(token, key, now=now)
        described = {"id": caller.jti, "name": caller.name, "roles": sorted(roles), "expires": caller.expires}
        show_json({"token": token, **described})
    else:
        show(token)
    return ExitCode.DONE


@app.command(epilog=examples("nacre token revoke 3f0c9d5a41e84a0f9c6ed0b6c4f5f2f7", "nacre token revoke - < token"))
def revoke(
    token: Annotated[str, typer.Argument(metavar="TOKEN_OR_ID", help="The token, or its id (jti); - reads it.")],
    *,
    as_json: AsJson = False,
    config: Config = None,
    data_dir: DataDir = None,
) -> ExitCode:
    """Let a token hold no more, on all instances at once."""
    from nacre.access.tokens import revocation

    text = sys.stdin.read() if token == "-" else token  # noqa: S105 - a dash is no password

    async def question(guard: Guard) -> tuple[str, float]:
        try:
            token_id, until = revocation(text, now=guard.clock())
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="TOKEN_OR_ID") from None
        await guard.desk.revoke(token_id, until, who=who())
        return token_id, until

    token_id, until = ask(config, data_dir, question)
    if as_json:
        show_json({"id": token_id, "until": until})
    else:
        show(f"Token {token_id} is revoked; this is kept until {moment(until)}.")
    return ExitCode.DONE


@app.command("api-key", epilog=examples("nacre token api-key --name dovecot"))
def api_key(
    *,
    name: Name = "daemon",
    role: Annotated[
        list[str] | None,
        typer.Option("--role", autocompletion=_complete_role, help=f"What it allows: {ROLES}; authenticate without."),
    ] = None,
    as_json: AsJson = False,
) -> ExitCode:
    """Make a key for a daemon that cannot renew tokens, and the lines that let it in."""
    from nacre.access.api_keys import make_api_key
    from nacre.config.example import scalar

    roles = sorted(_roles(role or ["authenticate"]))
    key, digest = make_api_key()
    if as_json:
        show_json({"key": key, "name": name, "sha256": digest, "roles": roles})
        return ExitCode.DONE
    show(key)
    show("")
    show("The daemon sends this key as X-API-Key; it is shown only now.  What lets it in:")
    show("")
    for line in (
        "auth:",
        "  api_keys:",
        f"    - name: {scalar(name)}",
        f"      sha256: {scalar(digest)}",
        f"      roles: {scalar(tuple(roles))}",
    ):
        show(line)
    return ExitCode.DONE


def _roles(names: list[str]) -> set[Role]:
    from nacre.access.roles import Role

    for name in names:
        if name not in set(Role):
            raise typer.BadParameter(f"{name!r} is no role; there are {ROLES}", param_hint="--role")
    return {Role(name) for name in names}
