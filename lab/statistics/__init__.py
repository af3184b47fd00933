"""What a sample can say: limits that are wrong with probability at most delta, for every law that they admit.

Every function on a `Sample` is valid for any values inside its cells, so that histograms decide like raw samples.
`delta` is the probability that the truth lies outside [low, high]. The two sides share it equally wherever the
method has two sides (`median_of_means` bounds the sum only), so one-sided limits at delta each are the two-sided
ones at 2 delta. Only `mean_normal` and the fitted slopes speak of a *confidence*: approximate, they decide nothing.

Arguments outside their range (a level not in (0, 1), a k above n, a NaN) are a LabError that names them. Where
`refused` says so, or an error, an estimator does not apply. Bands hold at all steps together; sequences at all
numbers of seeds; levels are shared among statements in `levels`.

Seeds are assumed independent and equally distributed, their number fixed beforehand (else see `looks`). What is
*certified* about Y (a range, a moment, a sign) comes from a proof or a domain, never from the sample: without it no
finite sample bounds a mean from above (Bahadur and Savage 1956, Theorem 1).
"""

from lab.statistics.bands import over_steps, quantile_band
from lab.statistics.certified import ESTIMATORS, Certified, mean_limits, refused
from lab.statistics.comparisons import disagreement, ks_test, law_difference, sign_p_value, sign_test
from lab.statistics.levels import Look, bonferroni, holm, holm_adjusted, looks, p_value, planned_looks
from lab.statistics.limits import FloatArray, Limits
from lab.statistics.means import (
    bernstein,
    catoni,
    hoeffding,
    mean_normal,
    median_of_means,
    trimmed_mean,
    truncated_lower,
)
from lab.statistics.ranks import (
    clopper_pearson,
    dkw_band,
    dkw_quantiles,
    exceedance_limits,
    exceedances,
    quantile,
    quantile_limits,
    quantile_rank,
    rank_limits,
)
from lab.statistics.rates import DECADES, HORIZONS, RateTest, rate_test
from lab.statistics.sample import Sample
from lab.statistics.sequences import (
    bounded_sequence,
    cdf_sequence,
    mean_sequence,
    probability_sequence,
    quantile_sequence,
)
from lab.statistics.slopes import (
    Slope,
    in_window,
    log_weights,
    slope,
    slope_from_limits,
    slope_of_median,
    slope_per_seed,
)
from lab.statistics.tails import TailIndex, hill, log_moment_index

__all__ = [
    "DECADES",
    "ESTIMATORS",
    "HORIZONS",
    "Certified",
    "FloatArray",
    "Limits",
    "Look",
    "RateTest",
    "Sample",
    "Slope",
    "TailIndex",
    "bernstein",
    "bonferroni",
    "bounded_sequence",
    "catoni",
    "cdf_sequence",
    "clopper_pearson",
    "disagreement",
    "dkw_band",
    "dkw_quantiles",
    "exceedance_limits",
    "exceedances",
    "hill",
    "hoeffding",
    "holm",
    "holm_adjusted",
    "in_window",
    "ks_test",
    "law_difference",
    "log_moment_index",
    "log_weights",
    "looks",
    "mean_limits",
    "mean_normal",
    "mean_sequence",
    "median_of_means",
    "over_steps",
    "p_value",
    "planned_looks",
    "probability_sequence",
    "quantile",
    "quantile_band",
    "quantile_limits",
    "quantile_rank",
    "quantile_sequence",
    "rank_limits",
    "rate_test",
    "refused",
    "sign_p_value",
    "sign_test",
    "slope",
    "slope_from_limits",
    "slope_of_median",
    "slope_per_seed",
    "trimmed_mean",
    "truncated_lower",
]
