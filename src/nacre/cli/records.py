# SPDX-License-Identifier: Apache-2.0
"""``nacre decisions`` and ``nacre audit``: why something was decided, and who changed what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from nacre.cli.attempts import scores
from nacre.cli.exits import ExitCode
from nacre.cli.installation import ask
from nacre.cli.options import AsJson, Config, DataDir, examples, group
from nacre.cli.output import moment, note, show_json, show_pairs, show_table

if TYPE_CHECKING:
    from nacre.api.bodies import DecisionBody

decisions = group("Ask why a decision was made.")


@decisions.command("show", epilog=examples("nacre decisions show 6a8fd9f4c24e5e1b-1"))
def show_(
    request_id: Annotated[str, typer.Argument(help="As the check answered it.")],
    *,
    as_json: AsJson = False,
    config: Config = None,
    data_dir: DataDir = None,
) -> ExitCode:
    """Show a decision with all that it was made of."""
    from nacre.api.bodies import DecisionBody

    record = ask(config, data_dir, lambda guard: guard.desk.decision(request_id))
    if record is None:
        note(f"No decision is kept under {request_id!r}: it is unknown, or older than decisions.keep.")
        return ExitCode.ABSENT
    body = DecisionBody.of(record)
    if as_json:
        show_json(body)
    else:
        show_pairs(_lines(body))
    return ExitCode.DONE


def audit(
    *,
    number: Annotated[int, typer.Option("--count", min=1, max=10_000, help="How many entries.")] = 100,
    as_json: AsJson = False,
    config: Config = None,
    data_dir: DataDir = None,
) -> ExitCode:
    """Show who changed what, the newest first."""
    entries = ask(config, data_dir, lambda guard: guard.desk.audit(number))
    if as_json:
        show_json({"entries": list(entries)})
    elif entries:
        rows = [(moment(entry.time), entry.who, entry.action, entry.what) for entry in entries]
        show_table(["time", "who", "action", "what"], rows)
    else:
        note("Nobody has changed anything yet.")
    return ExitCode.DONE


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(decisions, name="decisions")
    app.command(epilog=examples("nacre audit --count 20"))(audit)


def _lines(body: DecisionBody) -> Iterator[tuple[str, str]]:
    """Yield what a decision was and what it was made of, by name."""
    decision = body.decision
    yield "action", decision.action + (f", {decision.delay:g} s" if decision.delay else "")
    yield from scores(decision)
    for reason in decision.reasons:
        yield "because", reason.text
    for rule, failures in body.counts.items():
        yield "counted", f"{rule}: {failures}"
    for name, value in body.attempt.items():
        if value not in ("", [], {}):
            yield "attempt", f"{name}: {moment(value) if name == 'time' else _plain(value)}"
    accepted = {True: "accepted", False: "rejected", None: "not reported yet"}[body.success]
    yield "outcome", accepted + (f" at {moment(body.reported)}" if body.reported else "")


def _plain(value: object) -> object:
    """Return a value as a line shows it: pairs and lists without the brackets of a program."""
    if isinstance(value, dict):
        return ", ".join(f"{name}={each}" for name, each in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
