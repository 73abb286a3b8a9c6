# SPDX-License-Identifier: Apache-2.0
"""``nacre network`` and ``nacre learning-mode``: how the network is, and what it may do."""

from __future__ import annotations

import enum
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from nacre.cli.exits import ExitCode
from nacre.cli.installation import ask, who
from nacre.cli.options import AsJson, Config, DataDir, Yes, examples, group
from nacre.cli.output import count, moment, note, show, show_json, show_pairs

if TYPE_CHECKING:
    from nacre.network_desk import Job, NetworkStatus
    from nacre.service import Guard

network = group("See how the network is; start it anew; let it forget a person.")

_DRIFTING = 5
"""Columns that drift and are shown; ``--json`` has all."""

_ALARMS = {
    "refusals": "more owners reach a threshold for refusing than before",
    "legitimate": "more legitimate attempts lie above a threshold for refusing than before",
}

_STATES = {"waiting": "waits", "running": "runs"}


class Mode(enum.StrEnum):
    """What an operator says of learning."""

    ON = "on"
    OFF = "off"
    AUTO = "auto"


_SAID = {Mode.ON: True, Mode.OFF: False, Mode.AUTO: None}


@network.command("status", epilog=examples("nacre network status", "nacre network status --json"))
def status(*, as_json: AsJson = False, config: Config = None, data_dir: DataDir = None) -> ExitCode:
    """Show the model in use, what the network may do, what is kept for training, and what drifts."""
    found = ask(config, data_dir, lambda guard: guard.network.status())
    if as_json:
        show_json(found)
    else:
        show_pairs(_lines(found))
    return ExitCode.DONE


@network.command("reset", epilog=examples("nacre network reset --yes"))
def reset(*, yes: Yes = False, as_json: AsJson = False, config: Config = None, data_dir: DataDir = None) -> ExitCode:
    """Go back to the shipped model and the canonical features, and to learning, on all instances."""
    _confirm("Go back to the shipped model, and to learning?", yes=yes)
    found = ask(config, data_dir, lambda guard: guard.network.reset(who=who()))
    if as_json:
        show_json(found)
    else:
        show(f"The network is reset. It is {state_of(found)}.")
    return ExitCode.DONE


@network.command("erase", epilog=examples("nacre network erase erika@example.org"))
def erase(
    username: Annotated[str, typer.Argument(help="The account, as it is typed.")],
    *,
    yes: Yes = False,
    as_json: AsJson = False,
    config: Config = None,
    data_dir: DataDir = None,
) -> ExitCode:
    """Forget a person: all that is kept of an account."""
    from nacre.api.network_bodies import Erased

    if not username:
        raise typer.BadParameter("an account is needed", param_hint="USERNAME")
    _confirm(f"Forget all that is kept of {username}? Its blocks are lifted, too.", yes=yes)
    rows = ask(config, data_dir, lambda guard: guard.network.erase(username, who=who()))
    if as_json:
        show_json(Erased(rows))
    elif rows:
        show(f"{count(rows, 'entry', 'entries')} of {username} erased.")
    else:
        note(f"Nothing is kept of {username}.")
    return ExitCode.DONE if rows else ExitCode.ABSENT


def learning_mode(
    mode: Annotated[
        Mode | None,
        typer.Argument(help="on: only collect and score; off: act; auto: act as soon as it may.", show_default=False),
    ] = None,
    *,
    as_json: AsJson = False,
    config: Config = None,
    data_dir: DataDir = None,
) -> ExitCode:
    """Ask whether the network only collects and scores, or say whether it is to."""
    from nacre.api.network_bodies import LearningState

    async def question(guard: Guard) -> NetworkStatus:
        if mode is not None:
            await guard.network.set_learning_mode(_SAID[mode], who=who())
        return await guard.network.status()

    found = ask(config, data_dir, question)
    if as_json:
        show_json(LearningState.of(found))
    else:
        show(f"The network is {state_of(found)}.")
    return ExitCode.DONE


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(network, name="network")
    app.command(epilog=examples("nacre learning-mode", "nacre learning-mode off"))(learning_mode)


def state_of(status: NetworkStatus) -> str:
    """Return what the network does, and why."""
    if not status.enabled:
        return "off: brute_force.neural_network.enabled says so"
    if status.dry_run:
        return "in dry run: it scores and never acts, as brute_force.neural_network.dry_run says"
    why = "somebody said so" if status.set_by_operator else ""
    if status.learning:
        return f"learning: it collects and scores, and the rules decide alone; {why or 'it acts as soon as it may'}"
    return f"acting{f': {why}' if why else ''}"


def _lines(status: NetworkStatus) -> Iterator[tuple[str, str]]:
    yield "network", state_of(status)
    yield (
        "model",
        f"{status.model}, {'trained here' if status.ours else 'comes with nacre'}" if status.model else "none",
    )
    if status.previous:
        yield "previous", status.previous
    if status.challenger:
        yield "challenger", f"{status.challenger}, looked at and never acting"
    logins, needed = status.logins
    if not status.ours and needed:
        yield "experience", f"{logins:,} of {needed:,} logins that a shipped model needs"
    yield "kept", f"{count(status.events, 'event')}, {count(status.samples, 'sample')}"
    yield "feedback", f"{count(status.feedback, 'claim')}, {status.feedback_new:,} since the last training"
    yield "last training", moment(status.last_training) or "never"
    if status.job is not None:
        yield "training", told(status.job)
    if status.held:
        yield "taken back", f"{moment(status.held)}, it may only challenge: too many owners would be refused"
    if status.rolled_back:
        yield "taken back", f"{moment(status.rolled_back)}, from {status.previous}: too many owners were refused"
    for rate, at in status.alarms.items():
        yield "alarm", f"{moment(at)}, {_ALARMS[rate]}"
    for name, index in list(status.drift.items())[:_DRIFTING]:
        yield "drift", f"{name}: {index:.2f}"


def told(job: Job, *, briefly: bool = False) -> str:
    """Return how far a training is, or *briefly* its state alone, with the reason."""
    parts = [f"{job.id} {_STATES.get(job.state, job.state)}"]
    if job.state == "running" and not briefly:
        parts += [f"{job.share:.0%}", *([f"head {job.head}, epoch {job.epoch}"] if job.head else [])]
        parts += [f"recall {job.recall:.3f}"] if job.recall is not None else []
    return ", ".join(parts) + (f": {job.why}" if job.why else "")


def _confirm(question: str, *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise typer.BadParameter("nobody is there to confirm it; say --yes if you mean it")
    typer.confirm(question, abort=True, err=True)
