"""Without its key the portal signs nothing, so it does not start."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(("key", "starts"), [("", False), ("a-key", True)])
def test_the_web_server_starts_only_with_a_key(key: str, starts: bool) -> None:
    environment = {**os.environ, "SECRET_KEY": key, "DEBUG": "false"}
    result = subprocess.run(
        [sys.executable, "-c", "import config.wsgi"], env=environment, capture_output=True, text=True, check=False
    )
    assert (result.returncode == 0) is starts
    assert starts or "SECRET_KEY" in result.stderr
