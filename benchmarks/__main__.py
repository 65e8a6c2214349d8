"""All benchmarks: ``python -m benchmarks [NAME...]`` measures those that are named, or all, and prints ratios."""

import sys

import click
import rich.table

from benchmarks import burst, create_to_up, generator, inventory, mocked_tests, pages, ratio, warm_compiles
from demo.screen import output

BENCHMARKS = {
    "generator": generator.measure,
    "inventory": inventory.measure,
    "pages": pages.measure,
    "create-to-up": create_to_up.measure,
    "burst": burst.measure,
    "mocked-tests": mocked_tests.measure,
    "warm-compiles": warm_compiles.measure,
}


def table(ratios: list[ratio.Ratio]) -> rich.table.Table:
    """
    :param ratios: what was measured
    :return: the same, laid out
    """
    result = rich.table.Table(expand=True)
    for header in ("measured", "compared with", "seconds", "ratio", "goal", "remark"):
        result.add_column(header, no_wrap=header in ("seconds", "ratio"))
    for entry in ratios:
        result.add_row(
            entry.subject,
            entry.reference,
            f"{entry.subject_seconds:.3g} / {entry.reference_seconds:.3g}",
            f"{entry.value:.2f}",
            "" if entry.goal is None else f"at most {entry.goal}{'' if entry.value <= entry.goal else ', missed'}",
            entry.remark,
        )
    return result


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(BENCHMARKS)))
@click.option("--plot", is_flag=True, help=f"Measure warm compiles alone, and write {warm_compiles.PLOT}.")
def main(names: tuple[str, ...], plot: bool) -> None:
    """Measure, and print ratios of what was measured in this one run."""
    if plot:
        output(width=160).print(table(warm_compiles.measure(with_plot=True)))
        return
    ratios = []
    for name in names or BENCHMARKS:
        click.echo(f"Measuring {name}", err=True)
        ratios += BENCHMARKS[name]()
    output(width=160).print(table(ratios))


if __name__ == "__main__":
    sys.exit(main())
