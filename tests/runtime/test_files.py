"""Folders of one process alone: kept while it lives, swept when it was killed."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from runtime.files import own_folder, sweep_folders


def test_a_folder_of_a_killed_process_is_swept_and_that_of_a_living_one_is_not(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path; from runtime.files import own_folder\n"
        "with own_folder(Path(sys.argv[1]), 'job-') as folder:\n"
        "  (folder / 'half.mp4').touch(); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], cwd=Path(__file__).parents[2], check=False)
    (left,) = tmp_path.iterdir()
    (tmp_path / "other").mkdir()
    with own_folder(tmp_path, "job-") as folder:
        sweep_folders(tmp_path, "job-")
        assert not left.exists()
        assert folder.is_dir()
    assert [path.name for path in tmp_path.iterdir()] == ["other"]


def test_a_folder_that_was_renamed_stays(tmp_path: Path) -> None:
    with own_folder(tmp_path, "job-") as folder:
        folder.rename(tmp_path / "whole")
    sweep_folders(tmp_path, "job-")
    assert [path.name for path in tmp_path.iterdir()] == ["whole"]


def test_a_sweep_at_any_moment_takes_no_folder_from_its_owner(tmp_path: Path) -> None:
    def work(_: int) -> bool:
        with own_folder(tmp_path, "job-") as folder:
            (folder / "a").touch()
            sweep_folders(tmp_path, "job-")
            return (folder / "a").exists()

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(200)))
    assert list(tmp_path.iterdir()) == []
