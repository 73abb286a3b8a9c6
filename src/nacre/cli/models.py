# SPDX-License-Identifier: Apache-2.0
"""``nacre models``: which there are, how good they are, which one is in use."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nacre.cli.exits import ExitCode
from nacre.cli.installation import ask, who
from nacre.cli.options import AsJson, Config, DataDir, examples, group
from nacre.cli.output import moment, note, show, show_json, show_table

if TYPE_CHECKING:
    from nacre.network_desk import ModelInfo
    from nacre.service import Guard

app = group("See the models that are kept, judge them, and choose the one in use.")

Version = Annotated[str, typer.Argument(metavar="VERSION", help="Of the model, as nacre models list shows it.")]

_GATE = {True: "passed", False: "held back", None: ""}


@app.command("list", epilog=examples("nacre models list"))
def list_(*, as_json: AsJson = False, config: Config = None, data_dir: DataDir = None) -> ExitCode:
    """List the models that are kept, the newest first."""
    found = ask(config, data_dir, lambda guard: guard.network.models())
    if as_json:
        from nacre.api.network_bodies import ModelList

        show_json(ModelList(found))
    elif found:
        _show(found)
    else:
        note("There is no model.")
    return ExitCode.DONE


@app.command(
    epilog=examples("nacre models report 20261121-020000-7", "nacre models report 20261121-020000-7 --html report.html")
)
def report(
    version: Version,
    *,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", dir_okay=False, help="Write a page with plots instead.")
    ] = None,
    as_json: AsJson = False,
    config: Config = None,
    data_dir: DataDir = None,
) -> ExitCode:
    """Tell how good a model is, beside the one before it and the rules alone."""
    if html is not None and as_json:
        raise typer.BadParameter("say --html or --json, not both")
    found = ask(config, data_dir, lambda guard: guard.network.report(version))
    if found is None:
        note(f"Model {version} came without a report.")
        return ExitCode.ABSENT
    if as_json:
        show_json(found)
    elif html is not None:
        from nacre.pages.report import training_page

        html.write_text(training_page(found), encoding="utf-8")
        show(f"The report is in {html}.")
    else:
        from nacre.cli.training_report import show_training

        show_training(found)
    return ExitCode.DONE


@app.command(
    epilog=examples("nacre models publish 20261121-020000-7", "nacre models publish 20261121-020000-7 --force")
)
def publish(
    version: Version,
    *,
    force: Annotated[
        bool, typer.Option("--force", help="Even if the gate held it back; the audit log says so.")
    ] = False,
    as_json: AsJson = False,
    config: Config = None,
    data_dir: DataDir = None,
) -> ExitCode:
    """Put a model in use, on all instances at once."""
    model = ask(config, data_dir, lambda guard: guard.network.publish(version, force=force, who=who()))
    return _in_use(model, as_json=as_json)


@app.command(epilog=examples("nacre models rollback"))
def rollback(*, as_json: AsJson = False, config: Config = None, data_dir: DataDir = None) -> ExitCode:
    """Put the previous model in use again, on all instances at once."""

    async def question(guard: Guard) -> ModelInfo:
        return await guard.network.rollback(who=who())

    return _in_use(ask(config, data_dir, question), as_json=as_json)


def _in_use(model: ModelInfo, *, as_json: bool) -> ExitCode:
    if as_json:
        show_json(model)
    else:
        show(f"Model {model.version} is in use.")
    return ExitCode.DONE


def _show(models: list[ModelInfo]) -> None:
    rows = [
        (
            each.version,
            each.state,
            moment(each.created) or "with nacre",
            _GATE[each.gate],
            _share(each.recall),
            _share(each.hits),
            f"{each.size / 1000:,.0f} kB",
            each.who,
        )
        for each in models
    ]
    columns = ["version", "state", "made", "gate", "recall", "hits", "size", "by"]
    show_table(columns, rows, numbers=["recall", "hits", "size"])


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"
