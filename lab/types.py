"""Shapes, said once. The last axis is always coordinates; every leading axis is trajectories."""

from typing import Annotated

from torch import Tensor

Points = Annotated[Tensor, "... d"]  # one point of R^d for every trajectory
Scalars = Annotated[Tensor, "..."]  # one number for every trajectory
Draws = Annotated[Tensor, "... n_draws"]  # uniforms in (0, 1), one row for every trajectory
Step = Annotated[Tensor, ""]  # 0-d float64: t = 1, 2, ...; t = 0 is the start
Words = Annotated[Tensor, "... n_words"]  # int64 tensors that hold 32-bit words
