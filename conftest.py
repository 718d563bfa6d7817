import os
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

# What networks of tests are compiled to is of no use to anybody.
os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(prefix="pipeline_tests_")
