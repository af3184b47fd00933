"""The shape of the code, read with `ast`: imports go down only, siblings stay apart, files and functions stay short."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("lab", "problems", "proofs_check", "figures")  # each may import those before it

LAB = (  # each may import its own layer and those before it
    {
        "types", "errors", "rational", "parameters", "schedules", "rng", "noise", "linalg", "domain", "metrics",
        "problem",
        "optimizer", "claim", "verdict", "bounds", "statistics", "summary", "files", "layers", "ranges", "reference",
        "sampling", "transforms", "bases", "wrappers", "metric", "effective_step", "gradient_metrics", "units",
        "fresh_metrics",
    },
    {"optimizers"},
    {"engine"},
    {"experiment", "simulate", "progress", "results", "plot", "torch_adapter"},
    {
        "discovery", "observe", "judge", "assumed", "predictions", "remembered", "processes", "algebra", "errata",
        "rescaled", "scaling",
        "verify", "testing", "index", "grid", "describe", "statement", "scaffold", "doctor", "libraries", "coverage",
        "cards", "targets", "chains", "portrait", "problem_pages", "matrix", "phase", "report", "reproduce",
    },
    {"cli", "__main__"},
)  # fmt: skip
FACADE = "lab/__init__.py"  # resolves names lazily, so that the command line answers without torch
MAY_USE_THE_FACADE = LAB[-2] | LAB[-1]

FAMILY_LINES = 240  # a problem, an optimizer, a figure
FILE_LINES = 300
FUNCTION_LINES = 45  # signature and docstring not counted

BANNED_CALLS = {
    "eval", "exec", "compile", "__import__", "breakpoint", "parse_expr",
    "torch.manual_seed", "torch.seed", "torch.cuda.manual_seed", "torch.cuda.manual_seed_all", "torch.load",
    "torch.save", "torch.rand", "torch.randn", "torch.randint", "torch.randperm", "torch.rand_like",
    "torch.randn_like", "torch.bernoulli", "torch.normal", "torch.multinomial", "torch.use_deterministic_algorithms",
    "os.system",
}  # fmt: skip
KEYED = {"np.random.default_rng", "numpy.random.default_rng"}  # with a key, and only so
BANNED_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "random"}


@cache
def files() -> tuple[Path, ...]:
    return tuple(sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py")))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module(path) for path in files()}


@cache
def imports(path: Path) -> tuple[str, ...]:
    return tuple(imported(tree(path), name(path)))


def imported(source: ast.Module, file: str) -> Iterator[str]:
    """Every module of ours that a file imports, at the top or inside a function; not those for type checkers only."""
    skipped = {n for node in ast.walk(source) if is_type_checking(node) for n in ast.walk(node)}
    for node in ast.walk(source):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.partition(".")[0] in PACKAGES)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: imports are written in full"
            base = node.module or ""
            if base.partition(".")[0] in PACKAGES:
                for alias in node.names:
                    full = f"{base}.{alias.name}"
                    yield full if full in MODULES else base


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def layer(imported: str) -> int | None:
    """The layer of a module of lab; None for the facade."""
    parts = imported.split(".")
    if len(parts) == 1:
        return None
    return next((i for i, names in enumerate(LAB) if parts[1] in names), -1)


def climbs(path: Path) -> Iterator[str]:
    """What a file imports from a package above its own, or inside lab from a layer above its own."""
    package, own = PACKAGES.index(module(path).partition(".")[0]), layer(module(path))
    inside = name(path).startswith("lab/") and name(path) != FACADE
    if inside and own == -1:
        yield f"{name(path)} is in no layer: add it to LAB in this test"
    for below in imports(path):
        theirs = layer(below)
        if PACKAGES.index(below.partition(".")[0]) > package:
            yield f"{name(path)} imports {below}"
        elif inside and theirs is None and module(path).split(".")[1] not in MAY_USE_THE_FACADE:
            yield f"{name(path)} imports the facade lab"
        elif inside and theirs is not None and theirs > own:
            yield f"{name(path)} (layer {own}) imports {below} (layer {theirs})"


def test_imports_go_down_only():
    assert [wrong for path in files() for wrong in climbs(path)] == []


def test_no_module_imports_itself_in_a_circle():
    graph = {module(path): set(imports(path)) - {module(path)} for path in files() if name(path) != FACADE}
    for package in [m for m in graph if any(other.startswith(f"{m}.") for other in MODULES)]:
        graph[package] = {i for i in graph[package] if not i.startswith(f"{package}.")}  # re-exports
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"a circle of imports: {' -> '.join(error.args[1])}")


FAMILIES = {"lab/optimizers": set(), "problems": set(), "proofs_check/claims": set(), "figures": set()}


@pytest.mark.parametrize("folder", FAMILIES)
def test_siblings_do_not_import_each_other(folder):
    members = [p for p in (ROOT / folder).glob("*.py") if p.stem not in FAMILIES[folder] | {"__init__"}]
    assert members
    siblings = {module(p) for p in members}
    for path in members:
        assert not siblings & set(imports(path)), f"{name(path)} imports its siblings {siblings & set(imports(path))}"


def test_lab_knows_no_problem_method_or_claim_by_name():
    """Only discovery reaches them, and by walking; `doctor` may run gradient descent."""
    for path in files():
        if name(path).startswith(("lab/optimizers/", "lab/doctor")) or not name(path).startswith("lab/"):
            continue
        named = {i for i in imports(path) if i.startswith("lab.optimizers.")}
        assert not named, f"{name(path)} imports {named}"


# Sizes


def limit(path: Path) -> int:
    families = any(path.parent == ROOT / folder and path.stem not in shared for folder, shared in FAMILIES.items())
    return FAMILY_LINES if families and path.parent.name != "claims" else FILE_LINES


def test_files_are_short():
    lines = {path: len(path.read_text().splitlines()) for path in files()}
    assert [f"{name(p)} has {n} lines, {limit(p)} are allowed" for p, n in lines.items() if n > limit(p)] == []


def long_functions(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = (node.end_lineno or node.lineno) - body[0].lineno + 1 if body else 0
            if lines > FUNCTION_LINES:
                yield f"{name(path)}:{node.lineno} {node.name} has {lines} lines"


def test_functions_are_short():
    assert [wrong for path in files() for wrong in long_functions(path)] == []


# What no file does


def dotted(node: ast.AST) -> str:
    """ "torch.cuda.seed" of the expression that says so; "" of any other."""
    if isinstance(node, ast.Name):
        return node.id
    inner = dotted(node.value) if isinstance(node, ast.Attribute) else ""
    return f"{inner}.{node.attr}" if isinstance(node, ast.Attribute) and inner else ""


def offences(source: ast.AST) -> Iterator[str]:
    for node in ast.walk(source):
        where = f"line {getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Call):
            said = dotted(node.func)
            keyed = said in KEYED and (node.args or node.keywords)
            if said in BANNED_CALLS or (said.startswith(("np.random.", "numpy.random.")) and not keyed):
                yield f"{where}: {said}"
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            yield from (f"{where}: import {n}" for n in names if n.partition(".")[0] in BANNED_MODULES)
        if isinstance(node, ast.keyword) and node.arg in ("shell", "allow_pickle"):
            yield f"{where}: {node.arg}="
        if isinstance(node, ast.ExceptHandler) and node.type is None:
            yield f"{where}: a bare except"
        if isinstance(node, ast.Global):
            yield f"{where}: global"


def test_nothing_banned_is_called():
    assert [f"{name(path)}: {wrong}" for path in files() for wrong in offences(tree(path))] == []


@pytest.mark.parametrize(
    "wrong",
    [
        "eval('1')", "exec(text)", "import pickle", "from pickle import loads", "torch.manual_seed(0)",
        "np.random.seed(0)", "np.random.default_rng()", "x = torch.randn(3)", "import random", "global state",
        "subprocess.run(cmd, shell=True)", "np.load(f, allow_pickle=True)", "parse_expr(s)",
        "try:\n    pass\nexcept:\n    pass", "torch.cuda.manual_seed_all(1)", "def f():\n    return __import__('os')",
    ],
)  # fmt: skip
def test_what_is_banned_is_found(wrong):
    assert list(offences(ast.parse(wrong)))
