"""The recorder: a graph gives what eager torch gives, bit for bit, and what is no graph is refused at its line."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pytest
import torch
from pairs import QUADRATIC, on_every_problem, probed
from torch import Tensor
from torch.fx.experimental.proxy_tensor import make_fx

import lab
from lab.engine.graph import Graph, Node, Ref
from lab.engine.record import record
from lab.engine.select import choose
from lab.engine.step import advance, begin, default_dtype, read
from lab.engine.stepgraph import (
    check_dtypes,
    check_step_dtypes,
    parameters,
    record_problem,
    record_step,
)
from lab.engine.tree import flatten, rebuild
from lab.errors import NotRecordable
from lab.linalg import matvec, norm_sq
from lab.metrics import METRICS
from lab.optimizer import Kind, Optimizer, Stateless
from lab.optimizers.adam import Adam
from lab.optimizers.sgd import SGD
from lab.problem import Problem
from lab.schedules import InvSqrt, Polynomial, Warmup
from problems.quadratic import NoisyQuadratic
from problems.reddi import ReddiCycle, ReddiStochastic

N, D = 11, 3
Step = Callable[..., dict[str, Tensor]]


def replay(graph: Graph, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
    """The graph, computed by torch one node after the other: an interpreter of forty lines."""
    rows = next(v.shape[0] for v in inputs.values() if v.dim() > 0)
    values: list[Tensor] = []
    for node in graph.nodes:
        values.append(_value(node, values, inputs, rows))
        assert values[-1].dtype == node.dtype, str(node)
        shape = (rows, *node.inner) if node.rows else node.inner
        assert node.op == "constant" or values[-1].shape == shape, str(node)
    return {name: values[i] for name, i in graph.outputs.items()}


def _value(node: Node, values: list[Tensor], inputs: dict[str, Tensor], rows: int) -> Tensor:
    args = _resolve(node.args, values)
    shape = (rows, *node.inner) if node.rows else node.inner
    match node.op:
        case "input":
            return inputs[args[0]]
        case "constant":
            return args[0].expand(shape)
        case "cast":
            return args[0].to(node.dtype)
        case "reshape":
            return args[0].reshape(shape)
        case "expand":
            return args[0].expand(shape)
        case "permute":
            return args[0].permute([a % args[0].dim() for a in args[1]])
        case "index":
            return _indexed(args[0], args[1], args[0].dim() - sum(k[0] != "new" for k in args[1]))
        case "take":
            return args[0][args[1]]
        case "cat" | "stack":
            return getattr(torch, node.op)(args[0], dim=args[1])
        case "gather":
            return args[0].gather(args[2], args[1])
        case "scatter":
            return args[0].scatter(args[3], args[1], args[2])
        case "sum" | "amax" | "amin" | "all" | "any":
            return getattr(torch, node.op)(args[0], dim=args[1], keepdim=args[2])
        case "norm":
            return torch.linalg.vector_norm(args[0], dim=args[1], keepdim=args[2])
        case "sub" | "div" | "pow" | "remainder" | "add" | "mul" if not isinstance(args[0], Tensor):
            return {
                "sub": lambda a, b: a - b,
                "div": lambda a, b: a / b,
                "pow": lambda a, b: a**b,
                "remainder": lambda a, b: a % b,
                "add": lambda a, b: a + b,
                "mul": lambda a, b: a * b,
            }[node.op](*args)
        case "ndtri":
            return torch.special.ndtri(*args)
        case "softplus" | "logsigmoid":
            return getattr(torch.nn.functional, node.op)(*args)
        case "and" | "or" | "xor" | "not":
            return getattr(torch, f"logical_{node.op}")(*args)
    return getattr(torch, node.op)(*args)


def _resolve(arg: Any, values: list[Tensor]) -> Any:
    if isinstance(arg, Ref):
        return values[arg.index]
    return tuple(_resolve(a, values) for a in arg) if isinstance(arg, tuple) else arg


def _indexed(x: Tensor, spec: tuple[Any, ...], leading: int) -> Tensor:
    """Take one axis at a time, from the right, so that positions stay valid."""
    axis = x.dim()
    for kind, *at in reversed(spec):
        axis -= kind != "new"
        if kind == "slice":
            x = x.index_select(axis, torch.tensor([at[0] + at[1] * i for i in range(at[2])], dtype=torch.int64))
        else:
            x = x.select(axis, at[0]) if kind == "int" else x.unsqueeze(axis)
    assert axis == leading
    return x


def uniforms(*shape: int, key: int = 0, low: float = 0.0, high: float = 1.0) -> Tensor:
    return torch.from_numpy(np.random.default_rng(key).uniform(low, high, shape))


def same_bits(a: Tensor, b: Tensor) -> bool:
    return a.dtype == b.dtype and a.shape == b.shape and a.numpy().tobytes() == b.numpy().tobytes()


def _case_arithmetic(x: Tensor, y: Tensor, t: Tensor) -> Any:
    return (
        x + y,
        1 - x,
        x - 1,
        2 / (x + 3),
        x / y,
        x.mul(y),
        torch.mul(y, x),
        x**2,
        (x * x) ** 0.5,
        2.0**x,
        y**x,
        -x,
        x % 0.3,
        5 % y,
        torch.remainder(x, y),
        x + t,
        x**3,
        y**-1,
        y**-0.5,
    )


def _case_functions(x: Tensor, y: Tensor, t: Tensor) -> Any:
    f = torch.nn.functional
    elementary = (y.sqrt(), y.rsqrt(), x.exp(), y.log(), y.log1p(), x.expm1(), x.sin(), x.cos(), x.tan(), x.tanh())
    rounded = (x.floor(), x.ceil(), x.round(), x.trunc(), x.abs(), x.sign(), x.square())
    special = (torch.special.ndtri(y), f.softplus(x), f.softplus(x, beta=2.0), f.logsigmoid(x), x.sigmoid(), x.relu())
    return (*elementary, *rounded, *special, torch.atan2(x, y), t.sqrt(), torch.erf(x))


def _case_choices(x: Tensor, y: Tensor, t: Tensor) -> Any:
    compared = (x < y, x <= 0, x > 0, x >= y, x == y, x != 0, (x < 0) & (y < 0.5), (x < 0) | ~(y < 0.5))
    return (
        *compared,
        torch.where(x < y, x, -1.0),
        x.where(x < 0, y),
        torch.where(t > 0, 1.0, 2.0),
        x.clamp(-0.1, 0.2),
        x.clamp(min=y),
        x.clip(max=0.1),
        x.clamp_min(0.0),
        torch.maximum(x, y),
        torch.min(x, y),
        torch.isfinite(x),
        torch.isnan(x),
        (x < 0).to(torch.float64),
    )


def _case_axes(x: Tensor, y: Tensor, t: Tensor) -> Any:
    A = torch.arange(6.0, dtype=torch.float64).reshape(2, 3)
    reduced = (x.sum(-1), x.mean(-1), x.amax(-1, keepdim=True), torch.amin(x, 1), x.norm(dim=-1), norm_sq(x))
    taken = (x[..., 0], x[..., :1], x[..., 1:], x[:, 2], x[..., ::2], x[..., None], x[..., -1:], x.flip(-1))
    shaped = (
        x.unsqueeze(-1).squeeze(-1),
        x.unsqueeze(-2).expand(-1, 2, -1),
        x[..., :1].expand_as(x),
        x.unflatten(-1, (3, 1)),
    )
    joined = (torch.cat([x, y], -1), torch.stack([x, y], -1), torch.stack((x, y), dim=-2).transpose(-1, -2))
    made = (torch.zeros_like(x), torch.full_like(x, 0.1), x.new_tensor([1.0, 2.0, 3.0]) * x, x.new_zeros(3) + y)
    logical = ((x < 0).all(-1), (x < 0).any(-1), torch.special.ndtri(y).argmax(-1), x.cumsum(-1))
    index = (3 * y[..., :1]).floor().long()
    gathered = (
        x.gather(-1, index),
        x.scatter(-1, index, y),
        A.T.contiguous()[index[..., 0]],
        x.take_along_dim(index, -1),
    )
    return (*reduced, *taken, *shaped, *joined, *made, *logical, *gathered, matvec(A, x), x.clone(), x.detach() + 0)


@pytest.mark.parametrize("case", [_case_arithmetic, _case_functions, _case_choices, _case_axes])
def test_a_recorded_function_equals_eager_bit_for_bit(case: Any) -> None:
    example = {"x": uniforms(N, D, key=1), "y": uniforms(N, D, key=2), "t": torch.tensor(2.0, dtype=torch.float64)}
    graph = record(lambda v: case(v["x"], v["y"], v["t"]), example, rows=N)
    for n in (1, 64):  # other data and another number of trajectories than the recorder saw
        x, y, t = uniforms(n, D, key=3, low=-2, high=2), uniforms(n, D, key=4), torch.tensor(7.0, dtype=torch.float64)
        eager = flatten(case(x, y, t))
        again = replay(graph, {"x": x, "y": y, "t": t})
        assert eager.keys() == again.keys()
        assert [k for k in eager if not same_bits(eager[k], again[k].expand_as(eager[k]))] == []


PROBLEMS = [ReddiCycle(), ReddiStochastic(), NoisyQuadratic(spectrum=(1.0, 2.0, 0.3))]
OPTIMIZERS = [Adam(lr=InvSqrt(0.3)), Adam(debias=False, eps=0.0, lr=Warmup(Polynomial(0.1, 0.4), 5.0)), SGD(lr=0.1)]


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: p.name)
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=["adam", "adam_plain", "sgd"])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=["float64", "float32"])
def test_the_graph_of_a_step_equals_twenty_eager_steps_bit_for_bit(
    problem: Problem, optimizer: Optimizer[Any], dtype: torch.dtype
) -> None:
    metrics = [m for m in METRICS.values() if _measures(m, problem, optimizer)]
    bind = dtype == torch.float64  # in float32 a number that Python computes from two leaves is rounded once, not twice
    graph = record_step(problem, optimizer, metrics, dtype, bind_problem=bind)
    with default_dtype(dtype), torch.no_grad():
        x = uniforms(64, problem.dim, key=5).to(dtype)
        leaves = {k: torch.full((64, 1), v, dtype=dtype) for k, v in optimizer.leaves().items()}
        bound, carry = optimizer.bind(leaves), None
        given = _parameter_tensors(problem, optimizer, 64, dtype)
        eager = begin(problem, bound, metrics, x)
        carry = replay(graph.begin, given | {"x": x})
        for k in range(1, 21):
            t = torch.tensor(float(k), dtype=torch.float64)
            draws = uniforms(64, problem.n_draws, key=k).to(dtype)
            eager = advance(problem, bound, metrics, eager, t, draws)
            carry = replay(graph.advance, given | carry | {"t": t, "draws": draws})
        found = replay(graph.read, given | carry | {"t": t})
        wanted = flatten(eager) | flatten(read(problem, bound, metrics, eager, t))
        both = carry | found
        assert wanted.keys() == both.keys()
        assert [
            k for k in wanted if not same_bits(wanted[k].contiguous(), both[k].expand_as(wanted[k]).contiguous())
        ] == []


@pytest.mark.parametrize(("p", "o"), probed(InvSqrt(0.3), [QUADRATIC], [SGD()]))
def test_the_graph_of_a_pair_equals_an_eager_step(p: Problem, o: Optimizer[Any]) -> None:
    equals(lambda step, *first: step, p, o, ["iterate", "avg_regret"])


def test_the_graph_of_a_pair_equals_what_make_fx_traces() -> None:
    equals(traced, QUADRATIC, Adam(lr=InvSqrt(0.3)), ["iterate", "avg_regret"])


@pytest.mark.slow
@pytest.mark.parametrize("name", lab.list_optimizers())
def test_the_graph_of_every_pair_equals_what_make_fx_traces(name: str) -> None:
    on_every_problem(name, InvSqrt(0.3), lambda p, o: equals(traced, p, o, list(METRICS)))


def traced(step: Step, *first: Any) -> Step:
    """The step as torch's own tracer sees it, on some data: a choice that Python makes by them is one for ever."""
    made: Step = make_fx(step)(*first)
    return made


def equals(oracle: Callable[..., Step], p: Problem, o: Optimizer[Any], names: list[str]) -> None:
    """Our graph and the oracle, both made on some data, agree bit for bit on other data."""
    if o.kind == "matrix" and choose("auto", p, o, ()).name != "fused":
        return  # an eigenvalue problem is no graph
    metrics = [METRICS[name] for name in names if _measures(METRICS[name], p, o)]
    graph = record_step(p, o, metrics, bind_problem=False)
    with default_dtype(torch.float64), torch.no_grad():
        given = {f"optimizer.{k}": torch.full((64, 1), v) for k, v in o.leaves().items()}
        bound = o.bind({k.removeprefix("optimizer."): v for k, v in given.items()})
        first = begin(p, bound, metrics, uniforms(64, p.dim, key=5))

        def step(carry: dict[str, Tensor], t: Tensor, draws: Tensor) -> dict[str, Tensor]:
            return flatten(advance(p, bound, metrics, rebuild(first, carry), t, draws))

        seen = {k: v.clone() for k, v in flatten(first).items()}
        other = {k: v + uniforms(64, *v.shape[1:], key=7 + i) for i, (k, v) in enumerate(seen.items())}
        t, draws = torch.tensor(7.0), uniforms(64, p.n_draws, key=8)
        wanted = oracle(step, seen, torch.tensor(1.0), uniforms(64, p.n_draws, key=6))(other, t, draws)
        found = replay(graph.advance, given | other | {"t": t, "draws": draws})
    assert wanted.keys() == found.keys()
    assert [
        k for k in wanted if not same_bits(wanted[k].contiguous(), found[k].expand_as(wanted[k]).contiguous())
    ] == []


def _measures(metric: Any, problem: Problem, optimizer: Optimizer[Any]) -> bool:
    try:
        metric.check(problem)
        metric.check_optimizer(optimizer)
    except ValueError:
        return False
    return True


def _parameter_tensors(problem: Problem, optimizer: Optimizer[Any], n: int, dtype: torch.dtype) -> dict[str, Tensor]:
    given = {}
    for name, v in parameters(problem, optimizer).items():
        row = torch.tensor(v if isinstance(v, list) else [v], dtype=dtype).expand(n, -1)
        given[name] = row[:, 0] if name == "minimum" else row
    return given


def test_hyperparameters_are_inputs_and_not_constants() -> None:
    graph = record_step(ReddiStochastic(), Adam(lr=InvSqrt(0.3), betas=(0.8, 0.95)), [])
    names = {"optimizer.lr.lr", "optimizer.betas.0", "optimizer.betas.1", "optimizer.eps", "problem.C", "problem.delta"}
    assert names <= graph.advance.inputs.keys()
    numbers = {a for i in graph.advance.live() for a in graph.advance.nodes[i].args if isinstance(a, float)}
    assert numbers.isdisjoint({0.3, 0.8, 0.95, 1 - 0.8, 1 - 0.95, 101.0})


def test_aliases_are_one_operation_and_equal_calls_one_node() -> None:
    def fn(v: Any) -> Any:
        x, y = v["x"], v["y"]
        return x * y, torch.mul(x, y), x.multiply(y), x.__mul__(y)

    graph = record(fn, {"x": uniforms(N, D), "y": uniforms(N, D, key=1)}, rows=N)
    assert len(set(graph.outputs.values())) == 1
    assert [n.op for n in graph.nodes] == ["input", "input", "mul"]


def test_norm_is_one_node() -> None:
    graph = record(lambda v: v["x"].norm(dim=-1), {"x": uniforms(N, D)}, rows=N)
    assert [n.op for n in graph.nodes] == ["input", "norm"]


class Wrong:
    """Functions that are no graphs; each marks its line."""

    @staticmethod
    def branch(x: Tensor, t: Tensor) -> Tensor:
        return x if t > 1 else -x  # here

    @staticmethod
    def item(x: Tensor, t: Tensor) -> Tensor:
        return x * t.item()  # here

    @staticmethod
    def to_float(x: Tensor, t: Tensor) -> Tensor:
        return x * float(t)  # here

    @staticmethod
    def to_int(x: Tensor, t: Tensor) -> Tensor:
        return x * int(t)  # here

    @staticmethod
    def square_root_in_python(x: Tensor, t: Tensor) -> Tensor:
        return x * math.sqrt(t)  # here

    @staticmethod
    def tolist(x: Tensor, t: Tensor) -> Tensor:
        return x * len(x.tolist())  # here

    @staticmethod
    def to_numpy(x: Tensor, t: Tensor) -> Tensor:
        return torch.from_numpy(x.numpy() + 1)  # here

    @staticmethod
    def numpy_function(x: Tensor, t: Tensor) -> Tensor:
        return torch.as_tensor(np.sqrt(x))  # here

    @staticmethod
    def in_place(x: Tensor, t: Tensor) -> Tensor:
        y = x + 1
        y.add_(1)  # here
        return y

    @staticmethod
    def augmented(x: Tensor, t: Tensor) -> Tensor:
        y = x + 1
        y += 1  # here
        return y

    @staticmethod
    def assigned(x: Tensor, t: Tensor) -> Tensor:
        y = x + 1
        y[..., 0] = 0.0  # here
        return y

    @staticmethod
    def out(x: Tensor, t: Tensor) -> Tensor:
        y = torch.zeros_like(x)
        return torch.add(x, 1, out=y)  # here

    @staticmethod
    def random(x: Tensor, t: Tensor) -> Tensor:
        return x + torch.rand(3)  # here  # noqa: TID251

    @staticmethod
    def random_like(x: Tensor, t: Tensor) -> Tensor:
        return x + torch.randn_like(x)  # here

    @staticmethod
    def unsupported(x: Tensor, t: Tensor) -> Tensor:
        return torch.linalg.cholesky(x.unsqueeze(-1) * x.unsqueeze(-2))  # here

    @staticmethod
    def product(x: Tensor, t: Tensor) -> Tensor:
        return x @ torch.eye(3, dtype=x.dtype)  # here

    @staticmethod
    def masked(x: Tensor, t: Tensor) -> Tensor:
        return x[x > 0].sum()  # here

    @staticmethod
    def nonzero(x: Tensor, t: Tensor) -> Tensor:
        return x.nonzero()  # here

    @staticmethod
    def mixing(x: Tensor, t: Tensor) -> Tensor:
        return x - x.mean(0)  # here

    @staticmethod
    def mixing_all(x: Tensor, t: Tensor) -> Tensor:
        return x / x.sum()  # here

    @staticmethod
    def picking(x: Tensor, t: Tensor) -> Tensor:
        return x + x[:1]  # here

    @staticmethod
    def outer(x: Tensor, t: Tensor) -> Tensor:
        return x[..., 0] * x[..., :1]  # here

    @staticmethod
    def cumulative(x: Tensor, t: Tensor) -> Tensor:
        return x.cumsum(0)  # here

    @staticmethod
    def copied(x: Tensor, t: Tensor) -> Tensor:
        return x + torch.tensor([t, t, 1.0])  # here

    @staticmethod
    def scaled_addition(x: Tensor, t: Tensor) -> Tensor:
        return torch.add(x, x, alpha=2)  # here

    @staticmethod
    def iterated(x: Tensor, t: Tensor) -> Tensor:
        return sum(column for column in x)  # here

    @staticmethod
    def printed(x: Tensor, t: Tensor) -> Tensor:
        return x * len(f"{x}")  # here


REASONS = {
    "branch": "__bool__",
    "item": "item",
    "to_float": "__float__",
    "to_int": "__int__",
    "square_root_in_python": "__float__",
    "tolist": "tolist",
    "to_numpy": "numpy",
    "numpy_function": "__array__",
    "in_place": "in place",
    "augmented": "in place",
    "assigned": "in place",
    "out": "in place",
    "random": "random",
    "random_like": "random",
    "unsupported": "linalg_cholesky cannot be recorded",
    "product": "matvec",
    "masked": "depends on data",
    "nonzero": "depends on data",
    "mixing": "mixes trajectories",
    "mixing_all": "mixes trajectories",
    "picking": "picks trajectories",
    "outer": "mixes trajectories",
    "cumulative": "along the axis of trajectories",
    "copied": "torch.stack",
    "scaled_addition": "alpha",
    "iterated": "unbind",
    "printed": "__format__",
}


def test_every_wrong_specimen_has_its_reason() -> None:
    assert REASONS.keys() == {name for name in vars(Wrong) if not name.startswith("_")}


@pytest.mark.parametrize("name", REASONS)
def test_what_is_no_graph_is_refused_with_its_line(name: str) -> None:
    fn = getattr(Wrong, name)
    lines, first = inspect.getsourcelines(fn)
    line = first + next(i for i, text in enumerate(lines) if "# here" in text)
    with pytest.raises(NotRecordable) as refused:
        record(lambda v: fn(v["x"], v["t"]), {"x": uniforms(N, D), "t": torch.tensor(2.0)}, rows=N)
    message = str(refused.value)
    assert REASONS[name] in message
    assert f"test_record.py:{line}:" in message
    assert "\n" not in message


def test_a_branch_on_a_constant_is_no_branch_on_data() -> None:
    def fn(v: Any) -> Tensor:
        scale = torch.tensor([3.0, 4.0], dtype=torch.float64)
        x = v["x"][..., :2] * scale  # used in the graph, it stays a constant
        return x * 2 if scale.norm() > 1 else x

    graph = record(fn, {"x": uniforms(N, D)}, rows=N)
    assert [n.op for n in graph.nodes] == ["input", "index", "constant", "mul", "mul"]


class OneNumber(NamedTuple):
    n: Tensor


@dataclass(frozen=True, kw_only=True)
class Grows(Optimizer[OneNumber]):
    """Its state starts as one number and becomes a point."""

    name: ClassVar[str] = "grows"
    source: ClassVar[str] = "a wrong specimen"
    kind: ClassVar[Kind] = "global"

    def init(self, x: Tensor) -> OneNumber:
        return OneNumber(x.new_zeros(()))

    def update(self, g: Tensor, state: OneNumber, x: Tensor, t: Tensor) -> tuple[Tensor, OneNumber]:
        return -g, OneNumber(state.n + g)


@dataclass(frozen=True, kw_only=True)
class BranchOnT(SGD):
    """Halves its step from the tenth on, by a Python branch on t."""

    name: ClassVar[str] = "branch_on_t"

    def update(self, g: Tensor, state: Stateless, x: Tensor, t: Tensor) -> tuple[Tensor, Stateless]:
        return (-0.5 * g if t > 10 else -g), state


def test_an_optimizer_that_branches_on_t_is_refused_at_its_own_line() -> None:
    line = inspect.getsourcelines(BranchOnT.update)[1] + 1
    with pytest.raises(NotRecordable, match=rf"test_record.py:{line}: .*__bool__"):
        record_step(ReddiCycle(), BranchOnT(), [])


def test_a_state_that_changes_its_shape_is_refused() -> None:
    with pytest.raises(NotRecordable, match=r"state.n starts as \(\) float64 and is \(N, 1\) float64"):
        record_step(ReddiCycle(), Grows(), [])


@dataclass(frozen=True, kw_only=True)
class Single(NoisyQuadratic):
    """Its gradient is float32 whatever x is."""

    name: ClassVar[str] = "single"

    def grad(self, x: Tensor) -> Tensor:
        return x.to(torch.float32)


def test_float32_out_of_float64_is_refused_with_its_line() -> None:
    line = inspect.getsourcelines(Single.grad)[1] + 1
    graphs = record_problem(Single(), default=torch.float32)
    check_dtypes("value", graphs["value"])
    with pytest.raises(NotRecordable, match=rf"test_record.py:{line}: grad in float32"):
        check_dtypes("grad", graphs["grad"])


@dataclass(frozen=True, kw_only=True)
class SingleStep(SGD):
    """Its step is rounded to float32."""

    name: ClassVar[str] = "single_step"

    def step(self, oracle: Any, x: Tensor, state: Stateless, t: Tensor) -> tuple[Tensor, Stateless]:
        return (x - oracle(x)).to(torch.get_default_dtype()), state


def test_a_step_in_the_default_dtype_is_refused() -> None:
    check_step_dtypes(ReddiCycle(), SGD(), [])
    with pytest.raises(NotRecordable, match="float32"):
        check_step_dtypes(ReddiCycle(), SingleStep(), [])


def test_trees_are_flattened_and_rebuilt() -> None:
    tree = (torch.ones(1), (OneNumber(torch.zeros(2)), ()))
    flat = flatten(tree)
    assert list(flat) == ["0", "1.0.n"]
    again = rebuild(tree, flat)
    assert type(again[1][0]) is OneNumber
    assert again[1][0].n is flat["1.0.n"]
