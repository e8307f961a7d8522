"""OpenVINO reports to nobody."""

import os
import subprocess
import sys
from pathlib import Path

import sentiment

SOURCES = Path(sentiment.__file__).parent.rglob("*.py")
LOOK = """
import multiprocessing, sys, threading
from sentiment.model.graphs.quiet_openvino import import_openvino
import_openvino().Core()
reporting = [name for name in sys.modules if name.startswith("openvino_telemetry.")]
sys.exit(bool(reporting or threading.active_count() > 1 or multiprocessing.active_children()))
"""


def test_nothing_is_sent_and_nothing_left_behind(tmp_path):
    home = {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}
    looked = subprocess.run([sys.executable, "-c", LOOK], env={**os.environ, **home}, check=False)
    assert looked.returncode == 0
    assert not list(tmp_path.iterdir())


def test_there_is_no_other_door():
    doors = {path.name for path in SOURCES if "import openvino\n" in path.read_text(encoding="utf-8")}
    others = {path.name for path in SOURCES if "from openvino" in path.read_text(encoding="utf-8")}
    assert (doors, others) == ({"quiet_openvino.py"}, set())
