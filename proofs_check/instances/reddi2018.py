"""Experiments for Reddi, Kale, Kumar, "On the Convergence of Adam and Beyond", ICLR 2018."""

from __future__ import annotations

import math
from dataclasses import replace

import sympy as sp

from lab.claim import Prediction, Range
from lab.optimizer import Optimizer
from lab.optimizers.adagrad import AdaGrad
from lab.optimizers.adam import Adam
from lab.optimizers.amsgrad import AMSGrad
from lab.optimizers.sgd import SGD
from lab.schedules import InvSqrt
from problems.reddi import ReddiCycle, ReddiPeriod, ReddiStochastic, ReddiSyntheticOnline
from proofs_check.symbols import r, s

LAST = 3000  # steps of a Theorem 1 run: a thousand blocks
HALF_DECADE = (3162, 10_000)
AVERAGE = (2 * sp.Symbol("C", positive=True) - 4 * s) * r / 3  # Theorem 1's bound, divided by T


def theory_adam(lr: float, beta1: float, beta2: float) -> Adam:
    """Return the paper's Adam: lr / sqrt(t), no bias correction, eps = 0."""
    return Adam(lr=InvSqrt(lr), betas=(beta1, beta2), eps=0.0, debias=False)


def thm1() -> tuple[Prediction, ...]:
    """Return, for each C and step scale: regret above the floor, and x = 1 exactly, after every block."""
    found = []
    for C in (3.0, 10.0, 100.0):
        beta2 = 1 / (1 + C**2)
        for scale in (0.1, 0.5, 0.9):
            alpha = scale * math.sqrt(1 - beta2)
            setting = f"C = {C:g}, alpha = {scale} sqrt(1 - beta2)"
            floor = Prediction(
                says=f"average regret after every block, {setting}",
                problem=ReddiCycle(C=C),
                optimizer=theory_adam(alpha, 0.0, beta2),
                at=tuple(range(3, LAST + 1, 3)),
                values={"C": C, "beta2": beta2, "alpha": alpha},
                metric="avg_regret",
                bound=AVERAGE,
            )
            says = f"x = 1 after every block, {setting}"
            edge = replace(floor, says=says, metric="iterate", relation="==", bound=r, tolerance=0.0)
            found += [floor, edge]
    return tuple(found)


def thm1_broken() -> tuple[Prediction, ...]:
    """Return the controls: methods whose average regret vanishes on the same losses."""
    C, beta2 = 3.0, 0.1
    alpha = 0.5 * math.sqrt(1 - beta2)
    methods: tuple[Optimizer, ...] = (  # type: ignore[type-arg]
        AMSGrad(lr=InvSqrt(alpha), betas=(0.0, beta2)),
        AdaGrad(lr=alpha, eps=0.0),  # type: ignore[arg-type]  # a number is a constant schedule
        SGD(lr=InvSqrt(alpha)),
    )
    values = {"C": C, "beta2": beta2, "alpha": alpha}
    return tuple(
        Prediction(
            says=f"{m.name} on the same losses, C = 3",
            problem=ReddiCycle(C=C),
            optimizer=m,
            at=(LAST,),
            values=values,
            metric="avg_regret",
            bound=AVERAGE,
        )
        for m in methods
    )


def thm2() -> tuple[Prediction, ...]:
    """Return settings inside the theorem's sufficient condition, at every step from 4C on."""
    found = []
    for Nn, beta1, beta2, alpha in ((8, 0.0, 0.5, 0.5), (8, 0.0, 0.5, 5.0), (18, 0.5, 0.6, 5.0)):
        C = 2 * Nn
        found.append(
            Prediction(
                says=f"regret from T = 4C on, C = {C}, betas = ({beta1:g}, {beta2:g}), alpha = {alpha:g}",
                problem=ReddiPeriod(C=C),
                optimizer=theory_adam(alpha, beta1, beta2),
                at=tuple(range(4 * C, 200 * C + 1)),
                values={"C": float(C), "beta1": beta1, "beta2": beta2},
            )
        )
    return tuple(found)


def thm2_broken() -> tuple[Prediction, ...]:
    """Return the controls at C = 16, each at a step scale at which its regret is below T/C before 20,000 steps."""
    methods: tuple[Optimizer, ...] = (  # type: ignore[type-arg]
        AMSGrad(lr=InvSqrt(2.0), betas=(0.0, 0.5)),
        AdaGrad(lr=0.5, eps=0.0),  # type: ignore[arg-type]
        SGD(lr=InvSqrt(0.1)),
    )
    values = {"C": 16.0, "beta1": 0.0, "beta2": 0.5}
    return tuple(
        Prediction(
            says=f"{m.name} on the same losses, C = 16",
            problem=ReddiPeriod(C=16),
            optimizer=m,
            at=(19_200,),
            values=values,
        )
        for m in methods
    )


def _largest_step(optimizer: Adam) -> Range:
    """Certify |x_{t+1} - x_t| <= alpha_t (1 - b1) / sqrt((1 - b2) (1 - b1^2 / b2)) where nothing is projected."""
    beta1, beta2 = optimizer.betas
    assert isinstance(optimizer.lr, InvSqrt)
    c = optimizer.lr.lr * (1 - beta1) / math.sqrt((1 - beta2) * (1 - beta1**2 / beta2))
    why = "Cauchy-Schwarz on m_t against v_t"
    return Range(low=lambda t: -c / math.sqrt(t), high=lambda t: c / math.sqrt(t), why=why)


def _sum_of_steps(step: Range) -> Range:
    """Certify |x_t - x_1| <= sum of the largest steps, from sum_{s<=t} 1/sqrt(s) <= 2 sqrt(t)."""
    c = step.high(1.0)
    return Range(low=lambda t: -2 * c * math.sqrt(t), high=lambda t: 2 * c * math.sqrt(t), why="the sum of the steps")


def _box() -> Range:
    return Range(low=lambda t: -1.0, high=lambda t: 1.0, why="the box [-1, 1]")


INSIDE = {"C": 28.0, "delta": 0.5, "beta1": 0.0, "beta2": 0.5}  # C0 = 27: inside the theorem's hypotheses


def thm3() -> tuple[Prediction, ...]:
    """Return the drift at C >= C0 without projection, the separating instance, and the paper's own setting."""
    adam = theory_adam(2.0, 0.0, 0.5)
    free = ReddiStochastic(C=28.0, delta=0.5, projected=False)
    steps = (1, 2, 3, 5, 10, 30, 100, 300, 1000)
    drift = Prediction(
        says="E[x_{t+1} - x_t] >= 0 without projection, C = 28 >= C0", problem=free, optimizer=adam, at=steps,
        values=INSIDE, seeds=20_480, certified=_largest_step(adam),
        metric="increment", relation=">=", bound=sp.Integer(0),
    )  # fmt: skip
    level = Prediction(
        says="E F(x_t) - F(-1) >= delta, that is E x_t >= 0, without projection", problem=free, optimizer=adam,
        at=steps, values=INSIDE, seeds=20_480, certified=_sum_of_steps(_largest_step(adam)),
        metric="iterate", relation=">=", bound=sp.Integer(0),
    )  # fmt: skip
    return (drift, level, *_separation(), *_trend())


def _separation() -> tuple[Prediction, ...]:
    """Return where each method stands after 10,000 steps on an instance inside the hypotheses, with the box."""
    boxed = ReddiStochastic(C=28.0, delta=0.5)
    cases = (
        (theory_adam(2.0, 0.0, 0.5), ">=", 0.9),
        (AMSGrad(lr=InvSqrt(2.0), betas=(0.0, 0.5)), "<=", -0.9),
        (SGD(lr=InvSqrt(2.0 / 28.0)), "<=", -0.9),
    )
    return tuple(
        Prediction(
            says=f"mean of x after 10,000 steps {relation} {bound}: C = 28, delta = 0.5", problem=boxed, optimizer=o,
            at=(10_000,), values={}, seeds=4096, certified=_box(),
            metric="iterate", relation=relation, bound=sp.Rational(str(bound)) * r,  # type: ignore[arg-type]
        )
        for o, relation, bound in cases
    )  # fmt: skip


def _trend() -> tuple[Prediction, ...]:
    """Return the drift of the mean over the last half-decade at C = 101, outside the theorem's C0 but as published."""
    problem = ReddiStochastic(C=101.0, delta=0.1)
    first, last = HALF_DECADE
    cases = (
        (theory_adam(0.5, 0.9, 0.99), ">=", "rises"),
        (AMSGrad(lr=InvSqrt(0.5), betas=(0.9, 0.99)), "<=", "falls"),
        (SGD(lr=InvSqrt(0.5)), "<=", "falls"),
    )
    return tuple(
        Prediction(
            says=f"mean of x {word} from t = {first} to {last}: C = 101, delta = 0.1", problem=problem, optimizer=o,
            at=(last,), since=first, values={}, seeds=100_000, certified=_box(),
            metric="iterate", relation=relation, bound=sp.Integer(0),  # type: ignore[arg-type]
        )
        for o, relation, word in cases
    )  # fmt: skip


def thm3_broken() -> tuple[Prediction, ...]:
    """Return SGD, whose drift is -alpha_t delta exactly."""
    lr = 2.0 / 28.0
    certified = Range(low=lambda t: -28 * lr / math.sqrt(t), high=lambda t: 28 * lr / math.sqrt(t), why="|g| <= C = 28")
    sgd = Prediction(
        says="SGD drifts down on the same losses, C = 28", problem=ReddiStochastic(C=28.0, delta=0.5, projected=False),
        optimizer=SGD(lr=InvSqrt(lr)), at=(1, 10, 100), values=INSIDE, seeds=102_400, certified=certified,
        metric="increment", relation=">=", bound=sp.Integer(0),
    )  # fmt: skip
    return (sgd,)


def thm4() -> tuple[Prediction, ...]:
    """Return AMSGrad's regret on the paper's losses, beta1 = 0, with S_v at its largest value d G."""
    found = []
    for problem, G in ((ReddiSyntheticOnline(), 1010.0), (ReddiCycle(C=3.0), 3.0)):
        values: dict[str, float | str] = {
            "D": 2.0, "alpha": 0.5, "beta1": 0.0, "beta2": 0.99,
            "S_v": G, "S_g": "grad_path_norm", "S_bv": 0.0,
        }  # fmt: skip
        found.append(
            Prediction(
                says=f"regret on {problem.name}, beta1 = 0",
                problem=problem,
                optimizer=AMSGrad(lr=InvSqrt(0.5), betas=(0.0, 0.99)),
                at=tuple(range(101, 5051, 101)),
                values=values,
            )
        )
    return tuple(found)


def thm4_broken() -> tuple[Prediction, ...]:
    """Return Adam, whose regret is linear where the bound for AMSGrad grows like sqrt(T)."""
    alpha = 0.5 * math.sqrt(0.9)
    values: dict[str, float | str] = {
        "D": 2.0, "alpha": alpha, "beta1": 0.0, "beta2": 0.1,
        "S_v": 3.0, "S_g": "grad_path_norm", "S_bv": 0.0,
    }  # fmt: skip
    adam = Prediction(
        says="Adam on the losses of Theorem 1, C = 3", problem=ReddiCycle(C=3.0),
        optimizer=theory_adam(alpha, 0.0, 0.1), at=(9000,), values=values,
    )  # fmt: skip
    return (adam,)
