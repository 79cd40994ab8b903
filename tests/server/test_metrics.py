"""What several processes counted is told together, whatever they are doing just now."""

import struct
import threading
from pathlib import Path

import pytest
from prometheus_client.mmap_dict import MmapedDict, mmap_key

from syncrules.server.metrics import FOLDER_VARIABLE, Metrics


def test_a_file_that_another_process_is_making_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    made = tmp_path / "counter_7.db"
    made.write_bytes(b"")

    def finish() -> None:
        counted = MmapedDict(str(made))  # type: ignore[no-untyped-call]
        key = mmap_key("syncrules_reloads", "syncrules_reloads_total", ["result"], ["done"], "help")  # type: ignore[no-untyped-call]
        counted.write_value(key, 3.0, 0.0)  # type: ignore[no-untyped-call]
        counted.close()  # type: ignore[no-untyped-call]

    timer = threading.Timer(0.1, finish)
    timer.start()
    assert b'syncrules_reloads_total{result="done"} 3.0' in Metrics.make().text()
    timer.join()


def test_a_file_that_stays_broken_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    (tmp_path / "counter_7.db").write_bytes(b"")
    with pytest.raises(struct.error):
        Metrics.make().text()
