"""The option `--output`: where a text goes."""

from pathlib import Path

import click

from syncrules.cli.problem import Problem


def write(text: str, output: Path | None) -> None:
    """Writes a text, which ends its own lines, to a file, or to standard output. Raises Problem."""
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, "utf-8")
    except OSError as error:
        raise Problem("output", f"{output}: {error.strerror or error}") from None
