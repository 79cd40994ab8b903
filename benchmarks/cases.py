"""How many expectations a second `syncrules test` checks: `python -m benchmarks.cases`.

One case file with many cases over one store, run as the command runs it, in one process; reading the file is timed by
itself, because it happens once however many cases there are.
"""

import tempfile
import time
from pathlib import Path

from syncrules.casefile.read import read_case_file
from syncrules.casefile.run import run_placed
from syncrules.casefile.scene import Scene

CASES = 2_000
RULES = """config: {edition: 3}
streams:
  lists:
    auto_subscribe: true
    query: SELECT id, name FROM lists WHERE id IN (SELECT list_id FROM members WHERE user_id = auth.user_id())
  items:
    auto_subscribe: true
    query: SELECT id FROM items WHERE list_id IN (SELECT list_id FROM members WHERE user_id = auth.user_id())
"""


def case_file(people: int = 100) -> str:
    """A case file in which everybody has a list of their own with two items."""
    lines = ["rules: rules.yaml", "tables:", "  lists:"]
    lines += [f"    - {{id: l{i}, name: n{i}}}" for i in range(people)]
    lines += ["  members:", *(f"    - {{list_id: l{i}, user_id: u{i}}}" for i in range(people))]
    lines += ["  items:", *(f"    - {{id: i{i}{x}, list_id: l{i}}}" for i in range(people) for x in "ab")]
    lines += ["people:", *(f"  u{i}: {{claims: {{sub: u{i}}}}}" for i in range(people)), "cases:"]
    for number in range(CASES):
        i = number % people
        lines.append(f"  - name: case {number}")
        lines.append(f"    person: u{i}")
        lines.append("    expect:")
        lines.append(f"      rows: {{lists: [l{i}], items: [i{i}a, i{i}b]}}")
        lines.append(f"      visible: {{lists: {{includes: [l{i}]}}}}")
        lines.append(f"      forbidden: {{lists: [l{(i + 1) % people}]}}")
        lines.append("      max_buckets: 3")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Prints one line for reading and one for running."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "rules.yaml").write_text(RULES, "utf-8")
        path = Path(folder, "many.syncrules.yaml")
        path.write_text(case_file(), "utf-8")
        start = time.perf_counter()
        placed = read_case_file(path)
        scene = Scene.read(placed)
        read = time.perf_counter()
        result = run_placed(placed, scene)
        ran = time.perf_counter()
    checks = sum(case.checks for case in result.cases)
    assert result.failed == 0
    print(f"read {CASES} cases in {read - start:.2f} s")
    print(f"ran {checks} expectations in {ran - read:.2f} s: {checks / (ran - read):,.0f} a second")


if __name__ == "__main__":
    main()
