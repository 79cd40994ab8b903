"""Makes the parsers' tables while the package is built, for a wheel as for an editable installation."""

import runpy
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class TablesHook(BuildHookInterface):
    """Runs what the package itself would run at its first use."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Before the files of a wheel are gathered."""
        source = Path(self.root, "rules")
        sys.path.insert(0, str(source))
        runpy.run_path(str(source / "syncrules/syntax/grammar.py"))["make_tables"]()
