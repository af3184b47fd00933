"""Noise laws: what a stochastic gradient adds to the exact one, coordinate by coordinate.

A law turns uniforms into noise by a formula without rejection, and knows its mean, moments, tail index and distribution
function exactly; `lab.testing.check_noise` holds the draws against them.
"""

from lab.noise.heavy import Burr, CentredPareto, Pareto, StudentT, Weibull
from lab.noise.law import Discrete, Noise
from lab.noise.light import Gaussian, Laplace, Rademacher, Spikes, TwoPoint, Uniform
from lab.noise.skewed import CentredBurr, CentredWeibull
from lab.noise.stable import Stable

__all__ = [
    "Burr",
    "CentredBurr",
    "CentredPareto",
    "CentredWeibull",
    "Discrete",
    "Gaussian",
    "Laplace",
    "Noise",
    "Pareto",
    "Rademacher",
    "Spikes",
    "Stable",
    "StudentT",
    "TwoPoint",
    "Uniform",
    "Weibull",
]
