# SPDX-License-Identifier: Apache-2.0
"""``nacre feedback``: what an attempt really was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from nacre.cli.exits import ExitCode
from nacre.cli.installation import ask, who
from nacre.cli.options import AsJson, Config, DataDir, examples
from nacre.cli.output import moment, note, show, show_json, show_table
from nacre.errors import UnknownRequest

if TYPE_CHECKING:
    from nacre.network_desk import Feedback
    from nacre.service import Guard

WORDS = {True: "an attack", False: "legitimate", None: "withdrawn"}
"""What somebody says that an attempt was."""


def feedback(
    request_id: Annotated[
        str | None, typer.Argument(metavar="[REQUEST_ID]", help="The attempt, as the check answered it.")
    ] = None,
    *,
    attack: Annotated[
        bool | None, typer.Option("--attack/--legitimate", help="What it was.", show_default=False)
    ] = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take back what you said of it.")] = False,
    client_ip: Annotated[str, typer.Option("--client-ip", help="It has to have come from this address.")] = "",
    username: Annotated[str, typer.Option("--username", help="It has to have been for this account.")] = "",
    list_: Annotated[bool, typer.Option("--list", help="List the newest feedback instead.")] = False,
    number: Annotated[int, typer.Option("--count", min=1, max=10_000, help="How much of it to list.")] = 100,
    as_json: AsJson = False,
    config: Config = None,
    data_dir: DataDir = None,
) -> ExitCode:
    """Say what an attempt really was; the next training learns from it."""
    if list_:
        if request_id is not None or attack is not None or withdraw:
            raise typer.BadParameter("--list takes no request id and no claim")
        _list(ask(config, data_dir, lambda guard: guard.network.feedback(count=number)), as_json=as_json)
        return ExitCode.DONE
    if not request_id:
        raise typer.BadParameter("name the attempt by its request id, or say --list")
    if (attack is not None) == withdraw:
        raise typer.BadParameter("say one of --attack, --legitimate and --withdraw")
    attempt = request_id

    async def question(guard: Guard) -> Feedback | None:
        try:
            return await guard.network.give_feedback(
                attempt, is_attack=attack, who=who(), client_ip=client_ip, username=username
            )
        except UnknownRequest:
            return None

    claim = ask(config, data_dir, question)
    if claim is None:
        note(f"Nothing is kept of an attempt {attempt!r}: it is unknown, or older than decisions.keep.")
        return ExitCode.ABSENT
    if as_json:
        from nacre.api.network_bodies import FeedbackEntry

        show_json(FeedbackEntry.of(claim))
    else:
        show(f"Noted: {_named(claim)}: {WORDS[claim.is_attack]}.")
    return ExitCode.DONE


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        epilog=examples(
            "nacre feedback 6a8fd9f4c24e5e1b-1 --legitimate",
            "nacre feedback 6a8fd9f4c24e5e1b-1 --attack --client-ip 192.0.2.7 --username erika",
            "nacre feedback --list",
        )
    )(feedback)


def _list(claims: Sequence[Feedback], *, as_json: bool) -> None:
    if as_json:
        from nacre.api.network_bodies import FeedbackEntry, FeedbackList

        show_json(FeedbackList([FeedbackEntry.of(claim) for claim in claims]))
    elif claims:
        rows = [
            (
                moment(claim.time),
                claim.giver,
                WORDS[claim.is_attack],
                claim.client_ip,
                claim.username,
                "" if claim.new else "yes",
                claim.request_id,
            )
            for claim in claims
        ]
        show_table(["time", "who", "was", "address", "account", "trained", "request id"], rows)
    else:
        note("Nobody has given feedback yet.")


def _named(claim: Feedback) -> str:
    """Return an attempt as people know it."""
    known = f"{claim.username or 'an unnamed account'} from {claim.client_ip}" if claim.client_ip else claim.username
    return f"{claim.request_id}, {known}" if known else claim.request_id
