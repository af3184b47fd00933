"""Units: exponents of the objective (F), of length (X) and of step (T), of which every quantity is a product."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Units:
    """Exponents of objective (F), length (X) and step (T): a gradient is Units(F=1, X=-1)."""

    F: float = 0
    X: float = 0
    T: float = 0

    def factor(self, f: float, x: float) -> float:
        """Return by what a quantity is multiplied when the objective is multiplied by f and lengths by x."""
        return float(f**self.F * x**self.X)


PURE = Units()
OBJECTIVE = Units(F=1)
LENGTH = Units(X=1)
PER_LENGTH = Units(X=-1)
GRADIENT = Units(F=1, X=-1)
GRADIENT_SQ = Units(F=2, X=-2)
CURVATURE = Units(F=1, X=-2)
STEP_SIZE = Units(F=-1, X=2)  # of gradient descent: a length for a gradient

ByName = Mapping[str, Units | None]  # of hyperparameters; None for one number in the place of two quantities
