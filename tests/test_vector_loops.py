"""The loops over lanes become vectors: what gcc itself reports of a kernel, pair by pair."""

import re
import subprocess

import pytest
import torch

import lab
from lab.engine import compiler, cpu
from lab.engine.launch import record_kernel
from lab.metrics import get_metric

PAIRS = (
    ("reddi_stochastic", "adam"),
    ("reddi_stochastic", "adagrad"),  # a coin's value is compared with 0
    ("heavy_tailed_quadratic", "adam"),  # functions with long bodies
    ("huber", "sgd"),  # maximum and minimum
    ("arjevani_chain", "sgd"),  # a table of numbers as one of a choice's sides
    ("strict_saddle", "sgd"),  # a choice by a bool that all lanes share
    ("wilson_sampled", "sgd"),  # parts put together
    ("karimireddy_least_squares", "sgd"),  # a bool that is kept
)
FLAGS = tuple(compiler.FLAGS)  # as users have them; conftest.py's are quicker
LOOP = re.compile(r"\bLANES(?:_AND\(\w+\))? \{")
LOST = "if (!LAB_ALL(inside)) LANES {"  # taken where a quotient is out of range: seldom


def is_gcc():
    try:
        told = subprocess.run([*compiler.find().split(), "--version"], capture_output=True, text=True, check=True)
    except compiler.NoCompiler:
        return False
    return "Free Software Foundation" in told.stdout


def scalar_loops(source, folder):
    """Return lines of `advance` at which gcc says that a loop over lanes stays scalar, the seldom loops aside."""
    file = folder / "kernel.c"
    declarations, libraries = compiler.vector_functions()
    file.write_text(source.replace("/* VECTOR FUNCTIONS */", declarations))
    command = [*compiler.find().split(), *FLAGS, "-fopt-info-vec-all", "-o", str(folder / "kernel.so")]
    done = subprocess.run([*command, str(file), "-lm", *libraries], capture_output=True, text=True, check=True)
    vectors = set(re.findall(r"kernel\.c:(\d+):\d+: optimized: loop vectorized", done.stderr))
    missed = set(re.findall(r"kernel\.c:(\d+):\d+: missed: couldn't vectorize loop", done.stderr)) - vectors
    lines = file.read_text().splitlines()
    first = next(n for n, line in enumerate(lines, 1) if "void advance_lanes(" in line)
    last = lines.index("}", first)
    found = []
    for n, line in enumerate(lines[first:last], first + 1):
        if LOOP.search(line) and LOST not in line:
            depth = len(line) - len(line.lstrip())
            end = next(m for m in range(n, len(lines)) if lines[m] == " " * depth + "}")
            found += [lines[m - 1].strip() for m in range(n + 1, end + 1) if str(m) in missed]
    return found


def source_of(problem, optimizer):
    problem, optimizer = lab.get_problem(problem), lab.get_optimizer(optimizer)
    kernel = record_kernel(problem, optimizer, (get_metric("iterate"),), torch.float64)[1]
    return cpu.source(kernel, cpu.lanes_for(kernel))


@pytest.mark.skipif(not is_gcc(), reason="only gcc reports its loops in this form")
@pytest.mark.parametrize(("problem", "optimizer"), PAIRS)
def test_every_loop_over_lanes_is_made_of_vectors(problem, optimizer, tmp_path):
    if "avx" not in compiler.identity(compiler.find()):
        pytest.skip("vectors of doubles are reported alike on processors with AVX")
    assert scalar_loops(source_of(problem, optimizer), tmp_path) == []


@pytest.mark.skipif(not is_gcc(), reason="only gcc reports its loops in this form")
def test_a_loop_with_a_call_in_it_is_reported_as_scalar(tmp_path):
    if "avx" not in compiler.identity(compiler.find()):
        pytest.skip("vectors of doubles are reported alike on processors with AVX")
    source = source_of("heavy_tailed_quadratic", "adam").replace("__attribute__((always_inline))", "")
    assert scalar_loops(source, tmp_path)
