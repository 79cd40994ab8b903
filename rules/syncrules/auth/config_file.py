"""A configuration file: YAML 1.2 with the service's `!env` tags, read within limits.

`!env PS_NAME` is the text of an environment variable, `!env PS_NAME::boolean` and `::number` its
meaning. Only names with the prefix `PS_` can be read, so that a file cannot pull in other secrets.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.constructor import ConstructorError, SafeConstructor
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import ScalarNode

from syncrules.auth.config import AuthConfig, read_config
from syncrules.auth.errors import ConfigError, ErrorCode, refuse_start
from syncrules.auth.quoting import quoted

MAXIMUM_CONFIG: Final = 1_048_576

_VARIABLE = re.compile(r"(PS_[A-Za-z0-9_]+)(?:::(boolean|number|string))?", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,15}", re.ASCII)


def read_config_file(path: Path, environment: Mapping[str, str] | None = None) -> AuthConfig:
    """The configuration in a YAML (or JSON) file. Raises ConfigError; its text holds nothing of the file."""
    variables = os.environ if environment is None else environment
    try:
        with path.open("rb") as file:
            data = file.read(MAXIMUM_CONFIG + 1)
    except OSError as problem:
        message = f"the configuration file cannot be read: {problem.strerror}"
        raise refuse_start(ErrorCode.CONFIGURATION, "unreadable-file", message) from None
    if len(data) > MAXIMUM_CONFIG:
        message = f"the configuration file is larger than {MAXIMUM_CONFIG} bytes"
        raise refuse_start(ErrorCode.CONFIGURATION, "file-too-large", message)
    return read_config(_parse(data, variables), path.parent)


def _parse(data: bytes, variables: Mapping[str, str]) -> object:
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = _constructor(variables)
    try:
        return yaml.load(data)
    except ConfigError:
        raise
    except YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark is not None else ""
        message = f"the configuration is not YAML{where}"
    except (ValueError, LookupError, TypeError, ArithmeticError, RecursionError):
        # Its constructors of tagged values (`!!bool x`) fail in their own ways.
        message = "the configuration is not YAML"
    raise refuse_start(ErrorCode.CONFIGURATION, "not-yaml", message) from None


def _constructor(variables: Mapping[str, str]) -> type[SafeConstructor]:
    class WithEnvironment(SafeConstructor):
        """A constructor of its own, because tags are registered on the class."""

    def construct(_: SafeConstructor, node: object) -> object:
        if not isinstance(node, ScalarNode):
            raise ConstructorError(problem="`!env` is for the name of a variable")
        return environment_value(node.value, variables)

    WithEnvironment.add_constructor("!env", construct)
    return WithEnvironment


def environment_value(text: str, variables: Mapping[str, str]) -> str | bool | int:
    """What `!env text` stands for. Raises ConfigError, which names the variable and never its value.

    >>> environment_value("PS_ON::boolean", {"PS_ON": "true"})
    True
    """
    found = _VARIABLE.fullmatch(text.strip())
    if found is None:
        message = f"{quoted(text)} is no variable that `!env` can read"
        advice = "write `!env PS_NAME`, or `!env PS_NAME::boolean`, or `!env PS_NAME::number`"
        raise refuse_start(ErrorCode.CONFIGURATION, "bad-variable", message, advice)
    name, meaning = found.groups()
    value = variables.get(name)
    if value is None:
        raise refuse_start(ErrorCode.CONFIGURATION, "no-variable", f"environment variable {quoted(name)} is not set")
    match meaning, value.strip().lower():
        case "boolean", ("true" | "false") as word:
            return word == "true"
        case "number", digits if _NUMBER.fullmatch(digits):
            return int(digits)
        case None | "string", _:
            return value
        case _:
            message = f"environment variable {quoted(name)} is no {meaning}"
            raise refuse_start(ErrorCode.CONFIGURATION, "bad-variable", message)
