"""`syncrules token`: what is wrong with a token, and tokens and keys to develop with."""

from typing import Final

import click

from syncrules.cli.lazy_group import LazyGroup

_COMMANDS: Final = {
    "inspect": "syncrules.cli.token_inspect:inspect",
    "keygen": "syncrules.cli.token_keygen:keygen",
    "migration": "syncrules.cli.token_migration:migration",
    "mint": "syncrules.cli.token_mint:mint",
}


@click.group(cls=LazyGroup, commands_at=_COMMANDS, short_help="Look into a token, or make one for development.")
def token() -> None:
    """Look into a token, make one for development, make keys, or plan a change of keys.

    A token is read from a file, from standard input (-) or from SYNCRULES_TOKEN, never from an argument:
    lists of processes and the shell's history show those.

    \b
    Start here:
      syncrules token inspect --token ada.jwt --auth auth.yaml
    """
