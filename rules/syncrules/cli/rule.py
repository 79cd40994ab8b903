"""`syncrules rule`: the page of a lint rule."""

from difflib import get_close_matches

import click

from syncrules.cli.problem import Problem
from syncrules.lint import all_rules


@click.command(name="rule", short_help="Print the page of a lint rule.")
@click.argument("code")
def rule(code: str) -> None:
    """Print what the lint rule CODE finds, why, what to write instead, and when it is fine.

    \b
    Examples:
      syncrules rule null-rows
      syncrules lint --list-rules

    Exit status: 0 done, 2 there is no such rule.
    """
    pages = {one.code: one for one in all_rules()}
    found = pages.get(code)
    if found is None:
        close = get_close_matches(code, pages, n=1)
        advice = f"did you mean `{close[0]}`?" if close else "see `syncrules lint --list-rules`"
        message = (
            f"there is no rule `{code}` ({advice}); what the compiler itself finds has no page: its message is all"
        )
        raise Problem("no-rule", message)
    click.echo(f"{found.code} ({found.severity})\n\n{found.page}", nl=False)
