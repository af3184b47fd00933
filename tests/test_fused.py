"""The fused engine gives what the reference engine gives, in the same bits whatever runs beside it."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import mpmath
import numpy as np
import pytest
import torch
from pairs import PROBE_OPTIMIZERS, PROBE_PROBLEMS, PROBES, QUADRATIC, each_optimizer, on_every_problem
from scipy.stats import ks_2samp
from torch import Tensor

import lab
from lab.engine import compiler, cpu, emit, reference
from lab.engine.reference import Batch, Records
from lab.engine.select import choose
from lab.errors import LabError
from lab.linalg import matvec
from lab.metrics import METRICS
from lab.optimizer import Kind, Optimizer, Stateless
from lab.optimizers.adam import Adam
from lab.optimizers.sgd import SGD
from lab.problem import Problem
from lab.rng import Key
from lab.schedules import InvSqrt, Schedule
from problems.quadratic import NoisyQuadratic
from problems.reddi import ReddiCycle, ReddiStochastic

needs_compiler = pytest.mark.skipif(choose("auto", ReddiCycle(), SGD(), ()).name != "fused", reason="no C compiler")


SHIPPED = tuple(compiler.FLAGS)  # before tests/conftest.py changes them for all tests but those of this file


@pytest.fixture(autouse=True, scope="module")
def _shipped_flags() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        compiled_with(patch, SHIPPED)
        yield
    forget()


def compiled_with(patch: pytest.MonkeyPatch, flags: Sequence[str]) -> None:
    patch.setattr(compiler, "FLAGS", list(flags))
    forget()


def forget() -> None:
    """Let the engine record and compile anew."""
    cpu._recorded.cache_clear()
    cpu.program.cache_clear()


def batch(problem: Problem, *optimizers: Optimizer[Any], **given: Any) -> Batch:
    steps = given.pop("steps", 150)
    metrics = given.pop("metrics", None) or [n for n, m in METRICS.items() if _measures(m, problem, *optimizers)]
    plain: dict[str, Any] = {
        "first_seed": 0, "n_seeds": 40, "key": 2026, "steps": steps, "record": (0, 1, 2, 10, steps), "start": None,
        "dtype": torch.float64, "device": torch.device("cpu"),
    }  # fmt: skip
    chosen = tuple(METRICS[name] for name in metrics)
    return Batch(problem=problem, optimizers=optimizers, metrics=chosen, **(plain | given))


def _measures(metric: Any, problem: Problem, *optimizers: Optimizer[Any]) -> bool:
    try:
        metric.check(problem)
        for optimizer in optimizers:
            metric.check_optimizer(optimizer)
    except LabError:
        return False
    return True


def assert_agree(b: Batch, tolerance: float = 1e-12) -> Records:
    """Assert that the engines agree to a share of each metric's size at each record; return the fused records.

    The size of an increment is that of the points of which it is the difference.
    """
    want, got = reference.run(b), cpu.run(b)
    assert torch.equal(want.alive, got.alive)
    names = [m.name for m in b.metrics]
    for metric, v, w in zip(b.metrics, want.values, got.values, strict=True):
        assert v.shape == w.shape
        assert torch.equal(v.isnan(), w.isnan()), metric.name
        scale = want.values[names.index("iterate")] if metric.name == "increment" and "iterate" in names else v
        size = scale.abs().nan_to_num(posinf=0.0).amax(-1, keepdim=True)
        away = (v - w).abs().where(v != w, 0.0).nan_to_num(nan=0.0)
        assert (away <= tolerance * size).all(), (metric.name, (away / size).max())
    assert torch.allclose(want.x_final, got.x_final, rtol=tolerance * 100, atol=tolerance, equal_nan=True)
    return got


def same_bits(a: Tensor, b: Tensor) -> bool:
    return a.shape == b.shape and np.array_equal(a.contiguous().numpy(), b.contiguous().numpy(), equal_nan=True)


@pytest.fixture
def _quick_to_compile(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    compiled_with(monkeypatch, [*SHIPPED, "-Og"])
    yield
    forget()


@needs_compiler
@pytest.mark.usefixtures("_quick_to_compile")
@pytest.mark.parametrize(("problem", "optimizer"), each_optimizer(InvSqrt(0.1)))
def test_each_optimizer_agrees_with_the_reference_engine(problem: Problem, optimizer: Optimizer[Any]) -> None:
    b = batch(problem, optimizer, metrics=["iterate"], steps=60)
    if choose("auto", problem, optimizer, b.metrics).name == "fused":
        assert_agree(b)
    else:  # a matrix method may be one that the fused engine does not take
        assert optimizer.kind == "matrix"


@needs_compiler
@pytest.mark.usefixtures("_quick_to_compile")
@pytest.mark.parametrize("name", lab.list_problems())
def test_each_problem_agrees_with_the_reference_engine_under_three_optimizers(name: str) -> None:
    assert_agree(batch(lab.get_problem(name), *PROBES, metrics=["iterate"], steps=60))


def test_the_probe_is_each_of_the_three_optimizers() -> None:
    one = reference.run(batch(QUADRATIC, *PROBES, metrics=["iterate"]))
    for k, optimizer in enumerate(PROBE_OPTIMIZERS):
        alone = reference.run(batch(QUADRATIC, optimizer, metrics=["iterate"]))
        assert same_bits(one.values[0][k], alone.values[0][0])


@needs_compiler
@pytest.mark.parametrize("optimizer", PROBE_OPTIMIZERS, ids=lambda o: o.name)
@pytest.mark.parametrize("problem", [QUADRATIC, *PROBE_PROBLEMS], ids=lambda p: p.name)
def test_every_metric_agrees_with_the_reference_engine_for_a_grid(problem: Problem, optimizer: Optimizer[Any]) -> None:
    assert_agree(batch(problem, optimizer, replace(optimizer, lr=InvSqrt(0.02))))


@needs_compiler
@pytest.mark.slow
@pytest.mark.parametrize("name", lab.list_optimizers())
def test_every_pair_agrees_with_the_reference_engine_over_1000_steps(name: str) -> None:
    on_every_problem(name, InvSqrt(0.1), agrees_as_far_as_rounding_lets)


def agrees_as_far_as_rounding_lets(problem: Problem, optimizer: Optimizer[Any], steps: int = 1000) -> None:
    """Assert that the engines agree to 1e-12, or to what a step size one ulp larger changes, ten times over.

    Where that change is a visible one, rounding decides the path: then the samples must be of one law.
    """
    b = batch(problem, optimizer, steps=steps)
    if choose("auto", problem, optimizer, b.metrics).name != "fused":
        assert optimizer.kind == "matrix"
        return
    lr = getattr(optimizer, "lr", None)
    want, got = reference.run(b), cpu.run(b)
    moved = want if lr is None else reference.run(replace(b, optimizers=(replace(optimizer, lr=an_ulp_more(lr)),)))
    for metric, v, w, u in zip(b.metrics, want.values, got.values, moved.values, strict=True):
        size = v.abs().nan_to_num(posinf=0.0).amax(-1, keepdim=True)
        change, away = apart_by(u, v).amax(-1, keepdim=True), apart_by(w, v)
        apart = (away > 1e-12 * size + 10 * change).flatten()
        visible = bool((change > 1e-3 * size).any())
        assert not apart.any() or visible, (metric.name, (away / size).max(), (change / size).max())
        if visible and problem.n_draws:
            same = ks_2samp(v[0, -1].flatten().nan_to_num(), w[0, -1].flatten().nan_to_num())
            assert same.pvalue > 1e-6, (metric.name, same.pvalue)


def apart_by(a: Tensor, b: Tensor) -> Tensor:
    """|a - b|: 0 where they are alike, infinities and NaN included, and infinite where only one of them is a NaN."""
    alike = (a == b) | (a.isnan() & b.isnan())
    return (a - b).abs().nan_to_num(nan=torch.inf).where(~alike, 0.0)


def an_ulp_more(lr: Any) -> Any:
    """The step size with its first number one ulp larger."""
    if not isinstance(lr, Schedule):
        return math.nextafter(lr, math.inf)
    name = next(n for n, v in vars(lr).items() if isinstance(v, float))
    return replace(lr, **{name: math.nextafter(getattr(lr, name), math.inf)})


@needs_compiler
@pytest.mark.parametrize("problem", [QUADRATIC, *PROBE_PROBLEMS], ids=lambda p: p.name)
def test_float32_agrees_to_its_own_precision(problem: Problem) -> None:
    metrics = ["iterate", "avg_regret"]
    assert_agree(batch(problem, SGD(lr=InvSqrt(0.1)), dtype=torch.float32, steps=100, metrics=metrics), 2e-5)


class Bag(NamedTuple):
    """One state tensor for each kind of shape."""

    point: Tensor
    row: Tensor
    perm: Tensor
    matrix: Tensor
    swapped: Tensor


@dataclass(frozen=True, kw_only=True)
class Everything(Optimizer[Bag]):
    """Uses every operation that the engine knows; no method."""

    name: ClassVar[str] = "everything"
    source: ClassVar[str] = "a test"
    kind: ClassVar[Kind] = "global"

    lr: float = 0.1
    low: float = -0.7

    def init(self, x: Tensor) -> Bag:
        matrix = torch.zeros_like(x).unsqueeze(-1) * x.unsqueeze(-2)
        perm = torch.zeros_like(x, dtype=torch.int64) + torch.tensor([0, 1, 2])
        return Bag(torch.zeros_like(x), x[..., 0], perm, matrix, x)

    def update(self, g: Tensor, state: Bag, x: Tensor, t: Tensor) -> tuple[Tensor, Bag]:
        A = torch.tensor([[1.0, -0.5, 0.25], [0.3, 0.2, 0.1], [0.0, 1.0, -1.0]], dtype=x.dtype)
        y = g.clamp(-2.0, 2.0) + 0.01 * t.sqrt()
        pieces = torch.cat([y[..., 1:], y[..., :1]], -1).flip(-1) + torch.stack([y[..., 2], x[..., 0], y[..., 1]], -1)
        whole = matvec(A, pieces) + (A * y.unsqueeze(-1)).transpose(-1, -2).amax(-1) - y.unflatten(-1, (3, 1)).sum(-1)
        u = torch.sigmoid(whole) * 0.98 + 0.01
        smooth = torch.special.ndtri(u) + u.log() + u.log1p() - u.exp() + u.expm1() + u.rsqrt() + u**3 + u**1.7
        waves = y.sin() + y.cos() + y.tanh() + torch.atan2(y, u) + u.erf() + torch.hypot(y, u) + u.exp2() + u.log2()
        soft = torch.nn.functional.softplus(y) + torch.nn.functional.logsigmoid(y) + y.relu() + torch.log10(u)
        chosen = torch.where((y > x) & ~(y < self.low) | (x == 0), smooth, waves) + soft.clamp(min=self.low)
        picky = torch.maximum(y, x) * torch.minimum(y, u) + y.sign() * y.abs() + y.floor() + y.round() % 3 + y.trunc()
        k = (3 * u[..., :1]).floor().long()
        table = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]], dtype=x.dtype)
        taken = table[k[..., 0]] + chosen.gather(-1, k) + picky.norm(dim=-1, keepdim=True) + y.mean(-1, keepdim=True)
        last = state.perm.gather(-1, k)
        perm = state.perm.scatter(-1, k, state.perm[..., 2:]).scatter(-1, torch.full_like(k, 2), last)
        any_all = torch.where((y > 0).any(-1) & torch.isfinite(y).all(-1), y.amin(-1), y[..., 0])
        step = (chosen + 0.1 * picky + 0.01 * taken + x[..., 1:2] * table[perm[..., 0]]) * self.lr
        matrix = 0.5 * state.matrix + y.unsqueeze(-1) * u.unsqueeze(-2)
        dx = -0.01 * step.tanh() + 0.001 * matrix.sum((-1, -2)).tanh().unsqueeze(-1)
        return dx, Bag(state.swapped, 0.5 * state.row + any_all, perm, matrix, 0.9 * x + state.point * 0.05)

    def output(self, x: Tensor, state: Bag, t: Tensor) -> Tensor:
        return x + state.row.unsqueeze(-1) + state.point + state.matrix.sum(-2) + state.perm.to(x.dtype)


@needs_compiler
def test_every_operation_agrees_with_eager_torch() -> None:
    assert_agree(batch(QUADRATIC, Everything(), Everything(lr=0.3, low=-0.1), steps=60, record=tuple(range(61))), 1e-11)


def _ulps(function: str, exact: Any, x: np.ndarray[Any, Any]) -> float:
    """The largest error of one of prelude.h's functions, in units of the last place; x a multiple of 64 long."""
    body = f"for (long k = 0; k < n; k += B) LANES y[k + l] = {function};"
    loop = f"void map(const double *x, double *y, long n) {{ {body} }}"
    library = compiler.load(compiler.build(f"{cpu._HEADER}#define B 64\n{cpu.PRELUDE}{loop}"))
    y = np.empty_like(x)
    library.map(ctypes.c_void_p(x.ctypes.data), ctypes.c_void_p(y.ctypes.data), ctypes.c_long(len(x)))
    with mpmath.workdps(40):
        truth = [exact(mpmath.mpf(v)) for v in x]
        away = [float(abs(mpmath.mpf(a) - b)) / np.spacing(abs(float(b))) for a, b in zip(y, truth, strict=True)]
    return max(away)


ARGUMENTS = np.random.default_rng(11)
ELEMENTARY: dict[str, tuple[str, Any, Any, float]] = {
    "exp": ("lab_exp(x[k + l])", mpmath.exp, ARGUMENTS.uniform(-745, 709, 1024), 4),
    "exp_near_0": ("lab_exp(x[k + l])", mpmath.exp, ARGUMENTS.normal(0, 0.01, 1024), 4),
    "log": ("lab_log(x[k + l])", mpmath.log, np.exp(ARGUMENTS.uniform(-744, 709, 1024)), 4),
    "log_near_1": ("lab_log(x[k + l])", mpmath.log, 1 + ARGUMENTS.normal(0, 0.01, 1024), 4),
    "power_of_a_uniform": (
        "lab_drawn_power(x[k + l], -1 / 1.5)",
        lambda u: u ** mpmath.mpf(-1 / 1.5),
        np.exp(ARGUMENTS.uniform(-36, 0, 1024)),  # the least uniform of 52 bits is 2^-53
        32,
    ),
    "pow": ("pow(x[k + l], 1.7)", lambda x: x ** mpmath.mpf(1.7), ARGUMENTS.uniform(0, 50, 1024), 4),
    "sin": ("sin(x[k + l])", mpmath.sin, ARGUMENTS.uniform(-50, 50, 1024), 4),
    "tanh": ("tanh(x[k + l])", mpmath.tanh, ARGUMENTS.uniform(-5, 5, 1024), 4),
}


@needs_compiler
@pytest.mark.parametrize("name", ELEMENTARY)
def test_elementary_functions_are_accurate(name: str) -> None:
    function, exact, x, allowed = ELEMENTARY[name]
    assert _ulps(function, exact, np.ascontiguousarray(x)) <= allowed


@needs_compiler
def test_the_accuracy_check_refuses_a_function_that_is_off() -> None:
    off = "lab_exp(x[k + l]) * (1 + 0x1p-49)"
    assert _ulps(off, mpmath.exp, ARGUMENTS.uniform(-5, 5, 64)) > 4


def _range_of_quotients(n: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Dividends and divisors with significands of every kind, those next to a power of two among them."""
    rng = np.random.default_rng(12)
    near = 2.0 ** rng.integers(-3, 3, n) * (1 + rng.integers(-4, 5, n) * 2.0**-52)
    a = np.where(rng.random(n) < 0.5, rng.normal(0, 1, n) * 2.0 ** rng.integers(-300, 300, n), near)
    return a, np.where(rng.random(n) < 0.3, near[::-1], rng.uniform(0, 2, n))


@needs_compiler
@pytest.mark.parametrize("exact", [True, False])
def test_a_quotient_without_the_divider_has_the_bits_of_a_division(exact: bool) -> None:
    quotient = "lab_quotient(a[k + l], lab_divisor(b[k + l]))" if exact else "a[k + l] * (1 / b[k + l])"
    body = f"for (long k = 0; k < n; k += B) LANES y[k + l] = {quotient};"
    loop = f"void map(const double *a, const double *b, double *y, long n) {{ {body} }}"
    library = compiler.load(compiler.build(f"{cpu._HEADER}#define B 64\n{cpu.PRELUDE}{loop}"))
    a, b = _range_of_quotients(1 << 16)
    y = np.empty_like(a)
    pointers = (ctypes.c_void_p(v.ctypes.data) for v in (a, b, y))
    library.map(*pointers, ctypes.c_long(len(a)))
    assert np.array_equal(y, a / b) is exact


def _adam_from(start: float, monkeypatch: pytest.MonkeyPatch, **edits: Any) -> Tensor:
    """Iterates of Adam without noise, whose second moment is that of `start`; edits: names in emit and in cpu."""
    with monkeypatch.context() as patch:
        for module, name in ((emit, "quotients"), (cpu, "PRELUDE")):
            if name in edits:
                patch.setattr(module, name, edits[name])
        forget()
        still = NoisyQuadratic(spectrum=(1.0, 0.5), sigma=0.0)
        found = cpu.run(batch(still, Adam(lr=0.0), start=(start, -start), metrics=["iterate"])).values[0]
        moved = cpu.run(batch(still, Adam(lr=1e-3, eps=0.0), start=(start, -start), metrics=["iterate"])).values[0]
    forget()
    return torch.cat([found, moved])


@needs_compiler
@pytest.mark.parametrize("start", [1.0, 3e-160, 1e-308, 5e-324, 1e200, float("inf")])
def test_quotients_out_of_range_are_divisions(start: float, monkeypatch: pytest.MonkeyPatch) -> None:
    divided = _adam_from(start, monkeypatch, quotients=lambda *given: frozenset())
    assert same_bits(_adam_from(start, monkeypatch), divided)


@needs_compiler
def test_the_check_refuses_quotients_used_out_of_range(monkeypatch: pytest.MonkeyPatch) -> None:
    divided = _adam_from(1e200, monkeypatch, quotients=lambda *given: frozenset())
    unguarded = cpu.PRELUDE.replace("#define LAB_ALL(mask) ((mask) >> 62 & 1)", "#define LAB_ALL(mask) 1")
    assert unguarded != cpu.PRELUDE
    assert not same_bits(_adam_from(1e200, monkeypatch, PRELUDE=unguarded), divided)


@needs_compiler
def test_exp_and_log_at_their_edges() -> None:
    x = np.array([0.0, -0.0, -1.0, np.inf, -np.inf, np.nan, 5e-324, 1.0, -800.0, 800.0] + [1.0] * 54)
    for name, exact in (("exp", np.exp), ("log", np.log)):
        loop = f"void map(const double *x, double *y) {{ LANES y[l] = lab_{name}(x[l]); }}"
        library = compiler.load(compiler.build(f"{cpu._HEADER}#define B 64\n{cpu.PRELUDE}{loop}"))
        y = np.empty_like(x)
        library.map(ctypes.c_void_p(x.ctypes.data), ctypes.c_void_p(y.ctypes.data))
        with np.errstate(all="ignore"):
            np.testing.assert_allclose(y, exact(x), rtol=1e-15)


@dataclass(frozen=True, kw_only=True)
class RandomStart(NoisyQuadratic):
    """Starts each seed elsewhere."""

    name: ClassVar[str] = "random_start"

    def start(self, key: Key) -> Tensor:
        return key.uniforms(self.dim)


@needs_compiler
def test_random_starts_and_given_starts_agree() -> None:
    assert_agree(batch(RandomStart(spectrum=(1.0, 2.0)), SGD(lr=0.1), first_seed=1000, n_seeds=70, steps=20))
    assert_agree(batch(QUADRATIC, SGD(lr=0.1), start=(0.5, -1.0, 2.0), steps=20))


@needs_compiler
@pytest.mark.parametrize("problem", [QUADRATIC, *PROBE_PROBLEMS], ids=lambda p: p.name)
def test_bits_do_not_depend_on_batch_records_threads_or_lanes(
    problem: Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    optimizers = [Adam(lr=InvSqrt(lr)) for lr in (0.3, 0.1, 0.02)]
    whole = batch(problem, *optimizers, n_seeds=300, steps=700, record=(0, 7, 350, 700))
    want = cpu.run(whole, threads=2)
    one = cpu.run(whole, threads=1)
    assert all(same_bits(a, b) for a, b in zip(want.values, one.values, strict=True))
    parts = [cpu.run(replace(whole, first_seed=a, n_seeds=n)) for a, n in ((0, 1), (1, 130), (131, 169))]
    for k, v in enumerate(want.values):
        assert same_bits(v, torch.cat([p.values[k] for p in parts], -1))
    assert same_bits(want.x_final, torch.cat([p.x_final for p in parts], 1))
    alone = cpu.run(replace(whole, optimizers=(optimizers[1],), record=tuple(range(701))))
    for a, b in zip(want.values, alone.values, strict=True):
        assert same_bits(a[1:2], b[:, [0, 7, 350, 700]])
    monkeypatch.setattr(cpu, "lanes_for", lambda kernel: 8)
    cpu.program.cache_clear()
    narrow = cpu.run(whole)
    cpu.program.cache_clear()
    assert all(same_bits(a, b) for a, b in zip(want.values, narrow.values, strict=True))


@needs_compiler
@pytest.mark.parametrize(("flag", "same"), [("-Og", True), ("-O1", True), ("-O3", True), ("-ffp-contract=fast", False)])
def test_bits_do_not_depend_on_how_hard_the_compiler_tries(
    flag: str, same: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches = [batch(p, *PROBES, metrics=["iterate"]) for p in (QUADRATIC, PROBE_PROBLEMS[0])]
    shipped = [cpu.run(b).values[0] for b in batches]
    compiled_with(monkeypatch, [*SHIPPED, flag])
    other = [cpu.run(b).values[0] for b in batches]
    forget()
    assert all(same_bits(a, b) for a, b in zip(shipped, other, strict=True)) is same


@needs_compiler
@pytest.mark.parametrize("optimizer", ["adam", "padam"])  # padam takes a power in the loop over lanes
@pytest.mark.parametrize("problem", ["reddi_stochastic", "student_t_quadratic", "rosenbrock"])
def test_bits_do_not_depend_on_a_kernel_compiled_in_haste(problem: str, optimizer: str) -> None:
    b = batch(lab.get_problem(problem), lab.get_optimizer(optimizer), metrics=["iterate", "suboptimality"])
    want, got = cpu.run(b), cpu.run(b, brief=True)
    assert all(same_bits(v, w) for v, w in zip((*want.values, want.x_final), (*got.values, got.x_final), strict=True))


@needs_compiler
def test_a_kernel_compiled_in_haste_serves_short_runs_alone(tmp_path: Path) -> None:
    _, kernel = cpu.record_kernel(QUADRATIC, SGD(), (METRICS["iterate"],), torch.float64)
    text = cpu.source(kernel, 64)
    hasty = compiler.build(text, tmp_path, brief=True)
    assert compiler.build(text, tmp_path, brief=True) == hasty
    assert (full := compiler.build(text, tmp_path)) != hasty
    assert compiler.build(text, tmp_path, brief=True) == full  # what is there and quicker is used
    assert [compiler.is_brief(n) for n in (5 * 1000 * 2000, 5 * 10**4 * 10**4)] == [True, False]


@needs_compiler
def test_divergence_shows_as_in_the_reference_engine() -> None:
    got = assert_agree(batch(QUADRATIC, SGD(lr=9.0), SGD(lr=0.1), steps=500, record=tuple(range(0, 501, 20))))
    assert not got.alive[0, -1].any()
    assert got.alive[1].all()
    assert not torch.isfinite(got.values[0][0, -1]).all(0).any()


@needs_compiler
def test_a_clip_and_a_maximum_keep_a_nan() -> None:
    problem = ReddiCycle()  # on [-1, 1]: the projection clips
    got = cpu.run(batch(problem, SGD(lr=1.0), start=(float("nan"),), record=(0, 1, 3), metrics=["iterate"]))
    assert got.values[0].isnan().all()
    assert not got.alive.any()


@needs_compiler
def test_progress_adds_up_to_all_seed_steps() -> None:
    told: list[int] = []
    cpu.run(batch(ReddiStochastic(), SGD(), n_seeds=100, steps=5000), told.append)
    assert sum(told) == 100 * 5000


@needs_compiler
def test_one_kernel_serves_all_hyperparameters_and_problem_parameters(tmp_path: Path) -> None:
    def text(problem: Problem, optimizer: Optimizer[Any]) -> str:
        return cpu.source(cpu.record_kernel(problem, optimizer, (METRICS["regret"],), torch.float64)[1], 64)

    first = text(ReddiStochastic(C=101.0), Adam(lr=InvSqrt(0.1)))
    assert text(ReddiStochastic(C=7.0, delta=0.2), Adam(lr=InvSqrt(0.5), betas=(0.5, 0.9), eps=0.1)) == first
    assert text(ReddiStochastic(C=101.0), Adam(lr=InvSqrt(0.1), debias=False)) != first
    library = compiler.build(first, tmp_path)
    assert compiler.build(first.replace("/* adam.py", "/* moved.py"), tmp_path) == library
    assert [p.suffix for p in tmp_path.iterdir()] == [".so"]


@dataclass(frozen=True, kw_only=True)
class Sorting(SGD):
    """Sorts: the recorder does not take it."""

    name: ClassVar[str] = "sorting"

    def update(self, g: Tensor, state: Stateless, x: Tensor, t: Tensor) -> tuple[Tensor, Stateless]:
        return -0.1 * g.sort(-1).values, state


def test_what_cannot_be_recorded_runs_on_the_reference_engine_and_says_why() -> None:
    choice = choose("auto", QUADRATIC, Sorting(), (METRICS["iterate"],))
    assert choice.name == "reference"
    assert "sort cannot be recorded" in choice.why
    assert "test_fused.py" in choice.why
    assert choice.run(batch(QUADRATIC, Sorting(), steps=10, metrics=["iterate"]), lambda done: None).alive.all()
    with pytest.raises(LabError, match="cannot run sorting on noisy_quadratic"):
        choose("fused", QUADRATIC, Sorting(), ())


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(LabError, match="'auto' or 'fused' or 'reference'"):
        choose("fast", QUADRATIC, SGD(), ())


@pytest.fixture
def fresh_compiler(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Forget which compiler was found and what it made, before and after."""
    caches = (compiler.find, compiler.identity, cpu._recorded, cpu.program)
    for cache in caches:
        cache.cache_clear()
    yield monkeypatch
    monkeypatch.undo()
    for cache in caches:
        cache.cache_clear()


def _assert_reference_with_one_line(reason: str) -> None:
    choice = choose("auto", ReddiCycle(), SGD(), (METRICS["iterate"],))
    assert choice.name == "reference"
    assert reason in choice.why
    assert "\n" not in choice.why
    assert choice.run(batch(ReddiCycle(), SGD(), steps=3, metrics=["iterate"]), lambda done: None).alive.all()


def test_without_a_compiler_the_reference_engine_runs(fresh_compiler: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fresh_compiler.setenv("PATH", str(tmp_path))
    fresh_compiler.delenv("CC", raising=False)
    _assert_reference_with_one_line("no C compiler")


def test_with_a_failing_compiler_the_reference_engine_runs(fresh_compiler: pytest.MonkeyPatch, tmp_path: Path) -> None:
    failing = tmp_path / "cc"
    failing.write_text("#!/bin/sh\necho 'kernel.c:1: error: broken' >&2\nexit 1\n")
    failing.chmod(0o755)
    fresh_compiler.setenv("CC", str(failing))
    fresh_compiler.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    _assert_reference_with_one_line("failed: kernel.c:1: error: broken")


@needs_compiler
def test_with_an_unwritable_cache_the_reference_engine_runs(fresh_compiler: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file is no folder")
    fresh_compiler.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    _assert_reference_with_one_line("cannot be written")


@needs_compiler
def test_a_damaged_kernel_in_the_cache_is_named(fresh_compiler: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fresh_compiler.setenv("XDG_CACHE_HOME", str(tmp_path))
    cpu.program(ReddiCycle(), SGD(), (METRICS["iterate"],), torch.float64)
    (library,) = (tmp_path / "ratelab" / "kernels").glob("*.so")
    copy = library.with_name("damaged.so")
    copy.write_bytes(b"not a library")
    with pytest.raises(compiler.NoCompiler, match=r"damaged\.so does not load"):
        compiler.load(copy)
