"""What holds for all tests."""

import os

# The processes that a worker's tests start are not measured line by line, which makes
# them twice as slow: their code has tests of its own.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.pop("COVERAGE_PROCESS_CONFIG", None)
