"""Settings of the whole test run, made before any test module imports a library that reads them."""

import os
import shutil
import tempfile

from hypothesis import settings

os.environ["HF_HUB_OFFLINE"] = "1"
# Token ids are kept there between runs, and the user's own folder is none of the tests' business.
_CACHE = tempfile.mkdtemp(prefix="sentiment-tests-")
os.environ["HF_HOME"] = _CACHE
os.environ["TOKENIZERS_PARALLELISM"] = "false"
if "PYTEST_XDIST_WORKER" in os.environ:
    # Each worker would otherwise start a thread a core, and they would stand in each other's way.
    os.environ["OMP_NUM_THREADS"] = "1"

# A slow machine is no failure.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_addoption(parser):
    parser.addoption(
        "--update-golden", action="store_true", help="write golden files anew instead of comparing with them"
    )


def pytest_unconfigure(config):
    shutil.rmtree(_CACHE, ignore_errors=True)
