import signal
import subprocess
import sys

import pytest
import yaml


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_a_signal_and_prints_its_sources(
    ending: signal.Signals,
) -> None:
    command = [sys.executable, "-m", "crawler.demo", "--port", "0", "--articles", "2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        first = process.stdout.readline()
        process.send_signal(ending)
        rest = process.stdout.read()
        process.wait(timeout=20)

    assert process.returncode == 0
    assert first.startswith("# http://127.0.0.1:")
    sources = yaml.safe_load(first + rest)["sources"]
    assert [source["language"] for source in sources] == [
        "id",
        "en",
        "es",
        "de",
        "fr",
        "ja",
        "ar",
    ]
