"""docs/testing.md, run from its first line to its last: each file is written, each command answers as it says."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "testing.md"
BLOCK = re.compile(r"(?:<!-- file: (?P<file>\S+) -->\n)?```(?P<kind>\w+)\n(?P<text>.*?)```", re.DOTALL)
SECONDS = re.compile(r"\d+\.\d\d s$", re.MULTILINE)


def test_everything_on_the_page_is_so(tmp_path: Path) -> None:
    environment = dict(os.environ, PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}", NO_COLOR="1")
    commands = 0
    for block in BLOCK.finditer(PAGE.read_text("utf-8")):
        text = block["text"]
        if block["file"]:
            (tmp_path / block["file"]).write_text(text, "utf-8")
        elif block["kind"] == "console":
            for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                command, _, expected = part.partition("\n")
                done = subprocess.run(
                    shlex.split(command), cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
                )
                assert (done.stderr, SECONDS.sub("", done.stdout)) == ("", SECONDS.sub("", expected)), command
                commands += 1
        elif block["kind"] == "python":
            subprocess.run([sys.executable, "-c", text], cwd=tmp_path, check=True)
    assert commands == 9
