"""The system's C compiler: finding it, what it is told, and the cache of what it made."""

from __future__ import annotations

import ctypes
import functools
import hashlib
import os
import platform
import re
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

import platformdirs

from lab.errors import LabError

LEVEL, BRIEF_LEVEL = "-O2", "-O1"  # the second takes the compiler a third less; kernels are up to 3 times slower
BRIEF_SEED_STEPS = 1 << 24

# No -ffast-math: an infinity and a NaN must be seen. No contraction: + - x / and sqrt are those of eager torch. No
# distribution: it would part the making of random words from the divisions that it runs beside. Of what -O3 adds to -O2
# peeling, with each part of a kernel told to be inlined (always_inline, in cpu.py), makes kernels as fast; the rest
# costs the compiler time, much where layers or matrices are unrolled.
FLAGS = (
    f"-std=gnu11 {LEVEL} -fpeel-loops -march=native -fno-math-errno -fno-trapping-math -ffp-contract=off "
    "-fno-tree-loop-distribution -fno-tree-loop-distribute-patterns -fopenmp -fPIC -shared -w"
).split()
_ALWAYS = {"exp": 1, "log": 1, "pow": 2, "sin": 1, "cos": 1}  # in libmvec since glibc 2.22
_NEWER = {
    "acos": 1, "asin": 1, "atan": 1, "atan2": 2, "cosh": 1, "erf": 1, "erfc": 1, "exp2": 1, "expm1": 1, "hypot": 2,
    "log10": 1, "log1p": 1, "log2": 1, "sinh": 1, "tan": 1, "tanh": 1,
}  # fmt: skip  # since glibc 2.35


class NoCompiler(LabError):
    """The fused engine cannot be built here; the text says why, in one line."""


@functools.cache
def find() -> str:
    """Return the C compiler: $CC, else cc, gcc or clang. Raises NoCompiler."""
    for command in (os.environ.get("CC", ""), "cc", "gcc", "clang"):
        if command and shutil.which(shlex.split(command)[0]):
            return command
    raise NoCompiler("no C compiler: $CC is not set, and none of cc, gcc, clang is on the path")


@functools.cache
def identity(command: str) -> str:
    """Return what the compiled code depends on beside source and flags: the compiler and the processor."""
    try:
        asked = subprocess.run([*shlex.split(command), "--version"], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoCompiler(f"the C compiler {command!r} does not run: {error}") from None
    cpu = Path("/proc/cpuinfo")
    flags = re.findall(r"^(?:flags|Features).*$", cpu.read_text(), re.M)[:1] if cpu.exists() else []
    return "\n".join([command, asked.stdout, platform.machine(), platform.processor(), *flags])


def vector_functions() -> tuple[str, list[str]]:
    """Return declarations by which gcc may use libmvec's vector functions, and the flags to link with them."""
    libc, version = platform.libc_ver()
    if libc != "glibc" or platform.machine() != "x86_64":
        return "", []
    new = tuple(map(int, version.split(".")[:2])) >= (2, 35)
    lines = ["#if defined(__GNUC__) && !defined(__clang__)"]
    for name, arguments in (_ALWAYS | _NEWER if new else _ALWAYS).items():
        for kind, suffix in (("double", ""), ("float", "f")):
            takes = ", ".join([kind] * arguments)
            lines.append(f'__attribute__((simd("notinbranch"), const)) {kind} {name}{suffix}({takes});')
    return "\n".join([*lines, "#endif", ""]), ["-lmvec"]


def build(source: str, folder: Path | None = None, *, brief: bool = False) -> Path:
    """Return the shared library compiled from `source`, from the cache where it is there.

    folder: the user's cache by default. brief: compile it in less time for a short run, where it is not there as for a
    long one; to the same bits. Raises NoCompiler, in one line, where there is no compiler, where it fails, or where the
    folder cannot be written.
    """
    command = find()
    declarations, libraries = vector_functions()
    flags = [*FLAGS, "-lm", *libraries]
    text = source.replace("/* VECTOR FUNCTIONS */", declarations)
    here = folder or Path(platformdirs.user_cache_dir("ratelab")) / "kernels"
    library = here / f"{_key(command, flags, text)}.so"
    if brief and not library.exists():
        flags = [BRIEF_LEVEL if flag == LEVEL else flag for flag in flags]
        library = here / f"{_key(command, flags, text)}.so"
    if not library.exists():
        _compile(command, flags, text, library)
    return library


def _key(command: str, flags: list[str], text: str) -> str:
    return hashlib.sha256("\n".join([bare(text), *flags, identity(command)]).encode()).hexdigest()[:32]


def is_brief(seed_steps: int) -> bool:
    """Tell whether a run of so many seed-steps, over all its configurations, gains by a kernel compiled in haste.

    Of the pairs measured the one that loses most takes 5 ns more for a seed-step; the compiler takes 0.1 s less.
    """
    return seed_steps <= BRIEF_SEED_STEPS


def bare(text: str) -> str:
    """Return a source without its comments, which name lines of files that do not change the code."""
    return re.sub(r"/\*.*?\*/", "", text, flags=re.S)


def _compile(command: str, flags: list[str], text: str, library: Path) -> None:
    try:
        library.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=library.parent) as work:
            source, made = Path(work) / "kernel.c", Path(work) / "kernel.so"
            source.write_text(text)
            objects = [f for f in flags if not f.startswith("-l")]
            linked = [f for f in flags if f.startswith("-l")]
            line = [*shlex.split(command), *objects, "-o", str(made), str(source), *linked]
            done = subprocess.run(line, capture_output=True, text=True, timeout=600)
            if done.returncode != 0:
                raise NoCompiler(f"the C compiler {command!r} failed: {first_error(done.stderr)}")
            os.replace(made, library)
    except OSError as error:
        raise NoCompiler(f"the kernel cache {library.parent} cannot be written: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise NoCompiler(f"the C compiler {command!r} took over 10 minutes") from None


def first_error(stderr: str) -> str:
    """Return the line of a compiler's output that names the first error."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    return next((line for line in lines if "error" in line), lines[0] if lines else "it said nothing")


@functools.cache
def load(library: Path) -> ctypes.CDLL:
    """Return a loaded library. Raises NoCompiler where the system refuses it."""
    try:
        return ctypes.CDLL(str(library))
    except OSError as error:
        raise NoCompiler(f"the kernel {library.name} does not load: {error}") from None
