# The only list of developer commands; CI runs `just check`.

# List the commands.
default:
    @just --list

# Everything CI runs.
check: lint types layers test

# Style.
lint:
    ruff check rules tests
    ruff format --check rules tests

# Types, strictly.
types:
    mypy

# Data flows one way: who may import whom.
layers:
    lint-imports

# The suite, with the examples in docstrings.
test *arguments:
    python -m pytest -q -n 2 --doctest-modules -m "not long" {{ arguments }}

# The suite on random cases that differ each time; what it finds becomes a regression case.
explore *arguments:
    python -m pytest -q -n 2 -m "not long" --hypothesis-profile explore tests {{ arguments }}

# Longer differential and fuzz runs.
long:
    python -m pytest -q -m long --timeout 0 --hypothesis-profile explore tests

# Sign the example apps' tokens anew.
tokens:
    python fixtures/mint.py

# Write docs/functions.md from the records of functions and operators.
functions-page:
    python -m tests.functions.page

# Write docs/lint/ from the docstrings of the rules.
lint-pages:
    python -m tests.lint.pages

# Rewrite the generated parts of ARCHITECTURE.md.
architecture:
    python -m tests.architecture
