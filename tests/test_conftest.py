"""The suite's own rule: an unmarked test that takes too long fails, and says so."""

from __future__ import annotations

from pathlib import Path

pytest_plugins = ["pytester"]

SLEEPERS = """
import pytest, time

def test_quick(): pass

def test_long(): time.sleep(0.6)

@pytest.mark.slow
def test_long_and_marked(): time.sleep(0.6)
"""


def test_an_unmarked_test_that_takes_too_long_fails(pytester):
    ours = (Path(__file__).parent / "conftest.py").read_text()
    assert "LIMIT = 10.0" in ours
    pytester.makeconftest(ours.replace("LIMIT = 10.0", "LIMIT = 0.1"))
    pytester.makeini("[pytest]\nmarkers =\n  slow: long\n  gpu: needs one")
    pytester.makepyfile(SLEEPERS)
    pytester.makepyfile(torch="def set_num_threads(n): pass")  # torch itself takes longer to import than all else
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*took 0.2 s; a test over 0.1 s must be marked slow*"])
