"""Experiments for the regret bounds of Adam's relatives: the losses on which Adam's own regret is linear.

The losses are linear in one dimension, with |g| <= G. What a bound takes from the path is recorded (S_g), or put at the
largest value that it can have: sqrt(vhat_t) <= G, and with beta1_t = beta1 lambda^(t-1)
sum_t beta1_t sqrt(vhat_t)/alpha_t <= G beta1/alpha sum_t lambda^(t-1) t = G beta1 / (alpha (1 - lambda)^2).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from lab.claim import Prediction
from lab.optimizer import Optimizer
from lab.optimizers.adagrad import AdaGrad
from lab.optimizers.adam import Adam
from lab.optimizers.adamnc import AdamNC
from lab.optimizers.adamx import AdamX
from lab.optimizers.amsgrad import AMSGrad
from lab.optimizers.gen_adam import GenAdam
from lab.schedules import Constant, InvSqrt
from problems.online import RandomSigns, SignBlocks
from problems.reddi import ReddiCycle
from proofs_check.instances.online import ADAM, LOSSES, D

Values = Mapping[str, float | str]
ALPHA, BETA1, BETA2, LAMBDA = 0.5, 0.1, 0.99, 0.5
AT = tuple(range(101, 3031, 101))
BOX: Values = {"D": D, "alpha": ALPHA}
MOMENTS: Values = {**BOX, "beta1": BETA1, "beta2": BETA2, "S_g": "grad_path_norm"}
DYING = GenAdam(lr=InvSqrt(ALPHA), betas=(BETA1, BETA2), beta1_decay=LAMBDA, second_moment="amsgrad")


def _on_losses(optimizer: Optimizer[Any], values: Values, *of_G: tuple[str, float]) -> tuple[Prediction, ...]:
    """Return a method on the two losses. of_G: symbols that are a factor times G."""
    return tuple(
        Prediction(
            says=f"regret on {problem.name}, G = {G:g}",
            problem=problem,
            optimizer=optimizer,
            at=AT,
            values={**values, **{name: factor * G for name, factor in of_G}},
        )
        for problem, G in LOSSES
    )


def adam(values: Values, T: int = 9000) -> tuple[Prediction, ...]:
    """Return Adam, whose regret on C = 3 is 2T/3, against a bound for another method."""
    says = "Adam on the losses of Theorem 1, C = 3"
    return (Prediction(says=says, problem=ReddiCycle(C=3.0), optimizer=ADAM, at=(T,), values=values),)


NO_MOMENTUM: Values = {"D": D, "alpha": ALPHA, "beta1": 0.0, "beta2": 0.1, "S_g": "grad_path_norm"}
DIED = BETA1 / (ALPHA * (1 - LAMBDA) ** 2)


def constant_beta1() -> tuple[Prediction, ...]:
    """Return AMSGrad with beta1 = 0.1 for ever."""
    return _on_losses(AMSGrad(lr=InvSqrt(ALPHA), betas=(BETA1, BETA2)), MOMENTS, ("S_v", 1.0))


def constant_beta1_broken() -> tuple[Prediction, ...]:
    """Return Adam."""
    return adam({**NO_MOMENTUM, "S_v": 3.0})


def dying_beta1() -> tuple[Prediction, ...]:
    """Return AMSGrad with beta1_t = 0.1 / 2^(t-1), for the bounds that have sum_t beta1_t sqrt(vhat_t)/alpha_t."""
    return _on_losses(DYING, MOMENTS, ("S_v", 1.0), ("S_bv", DIED))


def dying_beta1_broken() -> tuple[Prediction, ...]:
    """Return Adam."""
    return adam({**NO_MOMENTUM, "S_v": 3.0, "S_bv": 0.0})


def dying_in_numbers() -> tuple[Prediction, ...]:
    """Return the same method, for the bound that has lambda."""
    return _on_losses(DYING, {**MOMENTS, "lambda": LAMBDA, "d": 1.0}, ("S_v", 1.0), ("G", 1.0))


def dying_in_numbers_broken() -> tuple[Prediction, ...]:
    """Return Adam."""
    return adam({**NO_MOMENTUM, "lambda": 0.0, "d": 1.0, "S_v": 3.0, "G": 3.0})


def _early() -> float:
    """Return S_0: sum of sqrt(t) up to the last t at which (1 - beta1_t)/sqrt(t) still grows."""
    kept = [(1 - BETA1 * LAMBDA ** (t - 1)) / math.sqrt(t) for t in range(1, 200)]
    last = max((t for t in range(1, 199) if kept[t] > kept[t - 1]), default=0)
    return sum(math.sqrt(t) for t in range(1, last + 2))


def with_early_steps() -> tuple[Prediction, ...]:
    """Return the same method, for the bound in which the first steps count apart."""
    values = {**MOMENTS, "lambda": LAMBDA, "d": 1.0, "S_0": _early()}
    return _on_losses(DYING, values, ("G", 1.0))


def with_early_steps_broken() -> tuple[Prediction, ...]:
    """Return Adam."""
    return adam({**NO_MOMENTUM, "lambda": 0.0, "d": 1.0, "S_0": 0.0, "G": 3.0})


def no_momentum() -> tuple[Prediction, ...]:
    """Return AMSGrad with beta1 = 0, which is beta1/t too; then nothing falls, and S_0 = 0."""
    values = {**MOMENTS, "beta1": 0.0, "d": 1.0, "S_0": 0.0}
    return _on_losses(AMSGrad(lr=InvSqrt(ALPHA), betas=(0.0, BETA2)), values, ("G", 1.0))


def no_momentum_broken() -> tuple[Prediction, ...]:
    """Return Adam."""
    return adam({**NO_MOMENTUM, "d": 1.0, "S_0": 0.0, "G": 3.0}, 20_000)


def average_regret() -> tuple[Prediction, ...]:
    """Return the same, by the average regret."""
    return tuple(_without(p, "S_g") for p in no_momentum())


def average_regret_broken() -> tuple[Prediction, ...]:
    """Return Adam."""
    values = {**NO_MOMENTUM, "beta2": 0.95, "d": 1.0, "S_0": 0.0, "G": 3.0}
    return tuple(_without(p, "S_g") for p in adam(values, 20_000))


def _without(p: Prediction, name: str) -> Prediction:
    values = {key: v for key, v in p.values.items() if key != name}
    return Prediction(says=p.says, problem=p.problem, optimizer=p.optimizer, at=p.at, values=values)


def adamx() -> tuple[Prediction, ...]:
    """Return AdamX: sum_t beta1_t sqrt(t-1) <= beta1 lambda/(1 - lambda)^2."""
    method = AdamX(lr=InvSqrt(ALPHA), betas=(BETA1, BETA2), beta1_decay=LAMBDA)
    values = {**MOMENTS, "d": 1.0, "S_b1t": BETA1 * LAMBDA / (1 - LAMBDA) ** 2}
    return _on_losses(method, values, ("G", 1.0))


def adamx_broken() -> tuple[Prediction, ...]:
    """Return Adam."""
    return adam({**NO_MOMENTUM, "d": 1.0, "S_b1t": 0.0, "G": 3.0})


ADAMNC = AdamNC(lr=InvSqrt(ALPHA), beta1=BETA1, beta1_decay=LAMBDA, gamma=1.0)
NC: Values = {**BOX, "beta1": BETA1, "S_g": "grad_path_norm"}


def adamnc() -> tuple[Prediction, ...]:
    """Return AdamNC with beta2_t = 1 - 1/t: sqrt(v_t)/alpha_t = ||g_{1:t}||/alpha, so that zeta = alpha."""
    return _on_losses(ADAMNC, {**NC, "zeta": ALPHA}, ("S_v", 1.0), ("S_bv", DIED))


def adamnc_broken() -> tuple[Prediction, ...]:
    """Return Adam."""
    return adam(
        {**BOX, "beta1": 0.0, "S_g": "grad_path_norm", "zeta": ALPHA, "S_v": 3.0, "S_bv": 0.0},
    )


def adamnc_in_numbers() -> tuple[Prediction, ...]:
    """Return the same method, for the corollary."""
    return _on_losses(ADAMNC, {**NC, "lambda": LAMBDA, "d": 1.0}, ("G", 1.0))


def adamnc_in_numbers_broken() -> tuple[Prediction, ...]:
    """Return Adam."""
    return adam({**BOX, "beta1": 0.0, "S_g": "grad_path_norm", "lambda": 0.0, "d": 1.0, "G": 3.0})


def adagrad() -> tuple[Prediction, ...]:
    """Return AdaGrad with the scale D/sqrt(2)."""
    method = AdaGrad(lr=Constant(D / math.sqrt(2)), eps=0.0)
    return _on_losses(method, {"D": D, "S_g": "grad_path_norm"})


def adagrad_broken() -> tuple[Prediction, ...]:
    """Return Adam."""
    return adam({"D": D, "S_g": "grad_path_norm"}, 3000)


# --------------------------------------------------------------------------------------------- slopes of one size

T, Q = 1000, 0.01  # a horizon, and the probability of a seed that contradicts: none may
SIGNS: Values = {**BOX, "beta1": 0.0, "beta2": 0.9, "lambda": 0.0, "d": 1.0, "G": 1.0, "S_v": 1.0}


def steady_adam() -> tuple[Prediction, ...]:
    """Return Adam on slopes +-1, along which vhat_t = 1 for ever, so that the theorem's repaired condition holds."""
    method = Adam(lr=InvSqrt(ALPHA), betas=(0.0, 0.9), eps=0.0)
    blocks = Prediction(
        says="slopes +-1 in blocks that double", problem=SignBlocks(), optimizer=method,
        at=tuple(range(1, T + 1)), values={**SIGNS, "S_g": "grad_path_norm"},
    )  # fmt: skip
    coins = Prediction(
        says="slopes +-1 at random, in every seed", problem=RandomSigns(), optimizer=method, at=(T,),
        values={**SIGNS, "S_g": math.sqrt(T)}, seeds=2048, probability=Q,
    )  # fmt: skip
    return (blocks, coins)


def steady_adam_broken() -> tuple[Prediction, ...]:
    """Return Adam where sqrt(vhat_t)/alpha_t falls."""
    return adam({**SIGNS, "beta2": 0.1, "G": 3.0, "S_v": 3.0, "S_g": "grad_path_norm"})


def follows_the_sign() -> tuple[Prediction, ...]:
    """Return AMSGrad on the doubling blocks, at the end of each."""
    run = Prediction(
        says="AMSGrad at the ends of 12 blocks",
        problem=SignBlocks(),
        optimizer=AMSGrad(lr=InvSqrt(1.0), betas=(0.0, 0.5)),
        at=tuple(2**k - 1 for k in range(1, 13)),
        values={},
    )
    return (run,)


def follows_the_sign_broken() -> tuple[Prediction, ...]:
    """Return steps of 1e-6, which do not follow."""
    still = AMSGrad(lr=Constant(1e-6), betas=(0.0, 0.5))
    (p,) = follows_the_sign()
    return (Prediction(says="steps of 1e-6", problem=p.problem, optimizer=still, at=(2**12 - 1,), values={}),)
