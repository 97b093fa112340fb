"""``minecalc diff``: what changed, and what each change adds."""

from __future__ import annotations

import typer

from minecalc.analysis.questions import QuestionError
from minecalc.cli import _completion as complete
from minecalc.cli._options import argument, option
from minecalc.cli._shared import OF_OUTPUT, OF_SCENARIO, Shared, shares
from minecalc.visible import visible

ANSWERS = "What is it worth?"


@shares(*OF_SCENARIO, *OF_OUTPUT, "chart")
def diff(
    files: list[str] = argument(
        "FILE", "Two scenario files A and B, one of them perhaps - for standard input; or one.", complete.files
    ),
    plan: str | None = option("NAME", "Only this plan, by its name in B.", complete.plans_of_last),
    samples: int = option("N", "Orders to sample where changes are many; even.", min=4, max=1_000_000, default=1000),
    seed: int = option("N", "Seed of the sampled orders.", min=0, default=0),
    set_a: list[str] | None = option("PATH=VALUE", "Set an input in A alone; repeat for more.", complete.assignments),
    set_b: list[str] | None = option(
        "PATH=VALUE", "Set an input in B alone; repeat for more.", complete.assignments_of_last
    ),
    *,
    shared: Shared,
) -> None:
    """Say what differs between two scenarios, and how much of the change in value each difference adds.

    Example: minecalc diff retrofit --set-b market.btc_price_usd=90000 --set-b months=96
    """
    from minecalc.analysis.diff.mixtures import NoMixtureError
    from minecalc.analysis.diff.question import diff as asked

    shared.chosen_format()
    if len(files) > 2:
        raise QuestionError(f"diff takes two files, not {len(files)}")
    if len(files) == 1 and not set_a and not set_b:
        raise QuestionError("name a second file, or what differs with --set-a and --set-b")
    a, b = files[0], files[-1]
    if a == b == "-":
        raise QuestionError("standard input can be read once; name a file for one of the two")
    own = ((a, set_a), (b, set_b))
    before, after = (shared._replace(set_=[*(shared.set_ or ()), *(set_ or ())]).scenario(file) for file, set_ in own)
    try:
        found = asked(before, after, plan=plan, samples=samples, seed=seed)
    except NoMixtureError as error:
        typer.echo(f"minecalc: {visible(str(error))}", err=True)
        raise typer.Exit(3) from None
    shared.emit(found)
