/* r^a for r in [2^-52, 1) and a in (-1, 0), by 2^(a log2 r), in plain C that a compiler vectorises and inlines.
 *
 * libmvec's log and exp are calls, which spill every vector register and check for cases that a uniform cannot be in.
 * Both polynomials interpolate at Chebyshev's points, their coefficients computed with 60 digits; each adds less than
 * 3e-16. What counts is the exponent's rounding, at most 2^-48 in log2 r and 2^-48 in the product where |a log2 r| > 32:
 * 2^-47 ln 2 in the result, which is 44 units in the last place; the rest adds 3, and typical draws are off by 1 or 2.
 */

#include <math.h>
#include <stdint.h>
#include <string.h>

static inline double as_double(uint64_t bits) {
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline uint64_t as_bits(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static const double P0 = 2.885390081777927, P1 = 0.9617966939243345, P2 = 0.5770780172463286, P3 = 0.4121984020482752,
    P4 = 0.32061638813224547, P5 = 0.2614442493522915, P6 = 0.2429160853987535;
static const double Q0 = 1.0, Q1 = 0.69314718055995, Q2 = 0.24022650695910097, Q3 = 0.05550410866444772, Q4 =
    0.009618129107606888, Q5 = 0.0013333558230164974, Q6 = 0.0001540353044173605, Q7 = 1.5252657260200837e-05, Q8 =
    1.321544258792169e-06, Q9 = 1.0208690299958306e-07, Q10 = 7.072585949269223e-09;

#ifdef FP_FAST_FMA
#define FMA(x, y, z) fma(x, y, z)
#else
#define FMA(x, y, z) ((x) * (y) + (z))
#endif

/* r = 2^e f with f in [1/sqrt 2, sqrt 2); log2 f = s P(s^2) with s = (f - 1) / (f + 1): atanh's series. */
static inline double log2_of(double r) {
    const int64_t e = (int64_t)(as_bits(r) - 0x3FE6A09E667F3BCDu) >> 52;
    const double f = as_double(as_bits(r) - ((uint64_t)e << 52)), s = (f - 1) / (f + 1), z = s * s;
    double p = P6;
    p = FMA(p, z, P5), p = FMA(p, z, P4), p = FMA(p, z, P3), p = FMA(p, z, P2), p = FMA(p, z, P1), p = FMA(p, z, P0);
    return FMA(s, p, as_double((uint64_t)e + 0x4338000000000000u) - 0x1.8p52); /* an integer becomes a double */
}

/* y = n + g with g in [-1/2, 1/2]; adding 1.5 2^52 rounds to an integer and leaves it in the lowest bits. */
static inline double exp2_of(double y) {
    const double t = y + 0x1.8p52, g = y - (t - 0x1.8p52);
    double q = Q10;
    q = FMA(q, g, Q9), q = FMA(q, g, Q8), q = FMA(q, g, Q7), q = FMA(q, g, Q6), q = FMA(q, g, Q5), q = FMA(q, g, Q4);
    q = FMA(q, g, Q3), q = FMA(q, g, Q2), q = FMA(q, g, Q1), q = FMA(q, g, Q0);
    return as_double(as_bits(q) + (as_bits(t) << 52));
}
