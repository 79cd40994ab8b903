"""What is legal in a rules file but leaks, syncs nothing, or costs more than it must.

Each rule is a module of `syncrules.lint.checks`; its docstring is its page.
"""

from syncrules.lint.rule import Rule, all_rules
from syncrules.lint.run import lint

__all__ = ["Rule", "all_rules", "lint"]
