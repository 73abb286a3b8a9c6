# SPDX-License-Identifier: Apache-2.0
"""``nacre train``: train the network now, and watch."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from nacre.cli.exits import ExitCode
from nacre.cli.installation import ask, who
from nacre.cli.network import told
from nacre.cli.options import AsJson, Config, DataDir, examples
from nacre.cli.output import moment, note, printable, show, show_json, show_table

if TYPE_CHECKING:
    from nacre.network_desk import Job, NetworkDesk
    from nacre.service import Guard

_LOOK = 0.2
"""Seconds between two looks at a training."""


def train(
    *,
    samples: Annotated[
        int, typer.Option("--samples", min=0, max=1_000_000, help="Rows to train on at most; 0: as the settings say.")
    ] = 0,
    epochs: Annotated[
        int, typer.Option("--epochs", min=0, max=1000, help="Passes over them; 0: as the settings say.")
    ] = 0,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Whether to stay until it has ended.")] = True,
    cancel: Annotated[bool, typer.Option("--cancel", help="Stop the training that waits or runs, instead.")] = False,
    list_: Annotated[bool, typer.Option("--list", help="List the last trainings instead.")] = False,
    as_json: AsJson = False,
    config: Config = None,
    data_dir: DataDir = None,
) -> ExitCode:
    """Train the network on what was kept; the model is used if it passes the gate."""
    if list_:
        if cancel or samples or epochs or not wait:
            raise typer.BadParameter("--list goes with no other option")
        return _list(as_json=as_json, config=config, data_dir=data_dir)
    if cancel:
        return _cancel(as_json=as_json, config=config, data_dir=data_dir)

    async def question(guard: Guard) -> Job:
        job = await guard.network.train(samples=samples, epochs=epochs, who=who())
        if not wait:
            return job
        with _watching() as tell:
            return await followed(guard.network, job, tell)

    try:
        job = ask(config, data_dir, question, shows=wait)
    except KeyboardInterrupt:
        note("nacre: the training is not cancelled; nacre network status shows it, nacre train --cancel stops it")
        return ExitCode.INTERRUPTED
    return _ended(job, as_json=as_json)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        epilog=examples(
            "nacre train",
            "nacre train --samples 10000 --epochs 100",
            "nacre train --no-wait --json",
            "nacre train --list",
        )
    )(train)


async def followed(desk: NetworkDesk, job: Job, tell: Callable[[Job], None], *, every: float = _LOOK) -> Job:
    """
    Return a training once it has ended.

    Args:
        desk: Knows it.
        job: Which.
        tell: Told how far it is, now and then.
        every: Seconds between two looks at it.

    Raises:
        StoreUnavailable: the store refused or did not answer.
    """
    import asyncio

    ended = asyncio.ensure_future(desk.wait(job.id))
    try:
        while not ended.done():
            tell(job)
            await asyncio.wait([ended], timeout=every)
            job = await desk.job(job.id)
    finally:
        ended.cancel()
    tell(job)
    return ended.result()


def _cancel(*, as_json: bool, config: Config, data_dir: DataDir) -> ExitCode:
    async def question(guard: Guard) -> Job | None:
        status = await guard.network.status()
        return await guard.network.cancel(status.job.id, who=who()) if status.job is not None else None

    job = ask(config, data_dir, question)
    if job is None:
        note("No training waits or runs.")
        return ExitCode.ABSENT
    if as_json:
        show_json(job)
    else:
        show(f"Training {job.id} was asked to stop.")
    return ExitCode.DONE


def _list(*, as_json: bool, config: Config, data_dir: DataDir) -> ExitCode:
    async def question(guard: Guard) -> list[Job]:
        return await guard.network.jobs()

    found = ask(config, data_dir, question)
    if as_json:
        from nacre.api.network_bodies import JobList

        show_json(JobList(found))
    elif found:
        rows = [(job.id, moment(job.asked), moment(job.ended), job.state, job.who, job.model, job.why) for job in found]
        show_table(["id", "asked", "ended", "state", "by", "model", "why"], rows)
    else:
        note("Nobody has trained yet.")
    return ExitCode.DONE


def _ended(job: Job, *, as_json: bool) -> ExitCode:
    """Tell what came of a training, in words or as JSON, and by the exit code."""
    code = {"refused": ExitCode.HELD, "failed": ExitCode.FAILED, "cancelled": ExitCode.FAILED}
    if as_json:
        show_json(job)
    elif job.state == "published":
        show(f"Model {job.model} is in use; nacre models report {job.model} tells how good it is.")
    elif job.state == "refused":
        show(f"Model {job.model} is kept and not in use. {job.why}")
    elif job.state in code:
        show(f"Training {told(job)}")
    else:
        show(f"Training {told(job)}. nacre network status shows how far it is.")
    return code.get(job.state, ExitCode.DONE)


@contextlib.contextmanager
def _watching() -> Iterator[Callable[[Job], None]]:
    """Show how far a training is: a bar on a terminal, a line when it waits and when it runs elsewhere."""
    if not sys.stderr.isatty():
        states = set[str]()

        def tell(job: Job) -> None:
            if job.state in {"waiting", "running"} - states:
                states.add(job.state)
                note(f"Training {told(job, briefly=True)}")

        yield tell
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task("training", total=1.0)
        yield lambda job: bars.update(bar, completed=job.share, description=printable(_step(job)))


def _step(job: Job) -> str:
    """Return what a training does at the moment."""
    if not job.head:
        return f"training {'waits' if job.state == 'waiting' else 'prepares'}"
    measured = [
        f"{name} {value:.3f}" for name, value in (("loss", job.loss), ("recall", job.recall)) if value is not None
    ]
    return ", ".join([f"head {job.head}", f"epoch {job.epoch}", *measured])
