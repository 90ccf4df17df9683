import sys
from pathlib import Path

import pytest

SCREENS = Path(__file__).parent.parent
sys.path += [str(SCREENS / "workflow"), str(SCREENS / "workflow" / "scripts"), str(SCREENS / "tests")]


@pytest.fixture(scope="session")
def screens():
    """The folder of the workflow."""
    return SCREENS
