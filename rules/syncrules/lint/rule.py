"""Rules: found by listing the folder of checks, so there is no registry to edit."""

import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType

from syncrules.diagnostics import Diagnostic, Severity
from syncrules.lint.subject import Subject

Check = Callable[[Subject], Iterator[Diagnostic]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its code, which names the pattern that it finds, its page in Markdown, and its check."""

    code: str
    severity: Severity
    page: str
    check: Check

    @property
    def summary(self) -> str:
        """The page's first line."""
        return self.page.partition("\n")[0]


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule, by its code.

    >>> [rule.code for rule in all_rules()] == sorted(rule.code for rule in all_rules())
    True
    """
    from syncrules.lint import checks

    names = [module.name for module in pkgutil.iter_modules(checks.__path__)]
    modules = [import_module(f"{checks.__name__}.{name}") for name in names]
    return tuple(sorted(map(_rule, modules), key=lambda rule: rule.code))


def _rule(module: ModuleType) -> Rule:
    code = module.__name__.rpartition(".")[2].replace("_", "-")
    return Rule(code, module.SEVERITY, (module.__doc__ or "").strip() + "\n", module.check)
