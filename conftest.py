import atexit
import os
import shutil
import signal
import tempfile

pytest_plugins = [
    "pipeline_kit_tests.azurite",
    "style_pipeline_tests.dagster_dev",
    "style_pipeline_tests.gpus",
]

# A shell that starts the tests in the background makes them ignore SIGINT, and Dagster, when it
# puts signals back, SIGTERM with it: what the tests start would then not end when asked to.
signal.signal(signal.SIGINT, signal.default_int_handler)

# What tests leave behind goes with them: networks that were compiled, Dagster's folders, sockets.
# Workers share the folder of who started them; pytest looks after what it made by itself.
if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", tempfile.gettempdir())
    os.environ["TMPDIR"] = tempfile.tempdir = tempfile.mkdtemp(prefix="pipeline_tests_")
    atexit.register(shutil.rmtree, tempfile.tempdir, ignore_errors=True)
os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(prefix="cache_")
