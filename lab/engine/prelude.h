/* Scalar functions that C lacks, as torch defines them, and the generator. Included by every kernel. */

#define LAB_NUMBER(T, x) ((T)(x)) /* in a loop over lanes, alike.py puts a variable in its place; so with LAB_ALIKE */
#define LAB_ALIKE(x) (x)

LAB_INLINE int lab_within(int i, int n) { return i < 0 ? 0 : i < n ? i : n - 1; }

typedef union { double value; long long bits; } lab_bits;
LAB_INLINE double lab_double(long long bits) { lab_bits b; b.bits = bits; return b.value; }
LAB_INLINE long long lab_long(double value) { lab_bits b; b.value = value; return b.bits; }

/* a/b where b is the same for many a, exact to the last bit without a division for every a.
 *
 * With 1/b = high + low to twice the precision, q = high a + low a is off by little more than half a unit in the last
 * place, a - b q is a double, and q + (a - b q) high is a/b correctly rounded (P. Markstein, IBM J. Res. Dev. 34, 1990;
 * high is 1/b correctly rounded) where nothing overflows or underflows: 2^-400 <= |b| < 2^400 and
 * 2^-511 <= |q| < 2^512, that is where the two highest bits of the exponent differ. */
struct lab_divisor { double value, high, low; LAB_MASK inside; };
#if defined(LAB_HAS_FMA) && !defined(LAB_ONE_LANE)
LAB_INLINE LAB_MASK lab_inside(double q) { return (LAB_MASK)lab_long(q) ^ (LAB_MASK)lab_long(q) << 1; }
LAB_INLINE double lab_quotient(double a, struct lab_divisor b) {
    const double q = fma(a, b.high, a * b.low);
    return fma(fma(-q, b.value, a), b.high, q);
}
LAB_INLINE struct lab_divisor lab_divisor(double b) {
    struct lab_divisor d;
    d.value = b, d.high = 1 / b, d.low = fma(-d.high, b, 1.0) / b;
    d.inside = (fabs(b) >= 0x1p-400) & (fabs(b) < 0x1p400) ? ~(LAB_MASK)0 : 0;
    return d;
}
#else /* plainly */
LAB_INLINE LAB_MASK lab_inside(double q) { return ~(LAB_MASK)0; }
LAB_INLINE double lab_quotient(double a, struct lab_divisor b) { return a / b.value; }
LAB_INLINE struct lab_divisor lab_divisor(double b) {
    struct lab_divisor d;
    d.value = b, d.high = d.low = 0, d.inside = ~(LAB_MASK)0;
    return d;
}
#endif
#define LAB_ALL(mask) ((mask) >> 62 & 1) /* whether all were inside */

#ifdef LAB_HAS_FMA
#define LAB_FMA(x, y, z) fma(x, y, z)
#else
#define LAB_FMA(x, y, z) ((x) * (y) + (z))
#endif

/* exp and log for vector code, free of branches and tables; at most 2 ulp off. Reduction, log: fdlibm (Sun, 1993). */

/* 2^n for a whole n in [-1022, 1023]: adding 1.5 * 2^52 puts n into the lowest bits. */
LAB_INLINE double lab_two_to(double n) { return lab_double((lab_long(n + 6755399441055744.0) + 1023) << 52); }

LAB_INLINE double lab_exp(double given) {
    const double low = given < -746 ? -746 : given, x = low > 710 ? 710 : low; /* a NaN stays */
    const double n = rint(x * 1.44269504088896338700);
    const double r = (x - n * 6.93147180369123816490e-01) - n * 1.90821492927058770002e-10;
    const double r2 = r * r;
    const double odd = 1.0 / 6 + r2 * (1.0 / 120 + r2 * (1.0 / 5040 + r2 * (1.0 / 362880 + r2 * (1.0 / 39916800))));
    const double even =
        1.0 / 2 + r2 * (1.0 / 24 + r2 * (1.0 / 720 + r2 * (1.0 / 40320 + r2 * (1.0 / 3628800 + r2 * (1.0 / 479001600)))));
    const double half = rint(n * 0.5);
    return (1 + (r + r2 * (even + r * odd))) * lab_two_to(half) * lab_two_to(n - half);
}

LAB_INLINE double lab_log(double given) {
    const bool tiny = given < 2.2250738585072014e-308;
    const double x = tiny ? given * 18014398509481984.0 : given;
    const unsigned long long shifted = (unsigned long long)lab_long(x) + 0x00095f6199000000ull; /* 1 - sqrt(1/2) */
    const double k = lab_double((long long)(0x4330000000000000ull | (shifted >> 52))) - 4503599627370496.0 -
                     (tiny ? 1077.0 : 1023.0);
    const double f = lab_double((long long)((shifted & 0x000fffffffffffffull) + 0x3fe6a09e67000000ull)) - 1;
    const double s = f / (2 + f), z = s * s, w = z * z, half = 0.5 * f * f;
    const double t1 = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
    const double t2 = z * (6.666666666666735130e-01 + w * (2.857142874366239149e-01 +
                      w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)));
    const double y = k * 6.93147180369123816490e-01 -
                     ((half - (s * (half + t1 + t2) + k * 1.90821492927058770002e-10)) - f);
    const double upper = given < INFINITY ? y : given; /* inf and NaN */
    return given > 0 ? upper : given == 0 ? -INFINITY : NAN;
}
LAB_INLINE float lab_expf(float x) { return expf(x); }
LAB_INLINE float lab_logf(float x) { return logf(x); }

/* x^y where x comes from draws alone, as 2^(y log2 x): at most 32 ulp off for |y log2 x| < 36, typically 2.
 *
 * x = 2^e f with f in [1/sqrt 2, sqrt 2); log2 f = s P(s^2) with s = (f - 1) / (f + 1). Then y log2 x = n + g with g in
 * [-1/2, 1/2]: adding 1.5 2^52 rounds to n and leaves it in the lowest bits. P and Q, which is 2^g, interpolate at
 * Chebyshev's points; each adds less than 3e-16. What counts is the rounding of the exponent. Below 2^-1022 all is 0. */
LAB_INLINE double lab_log2_drawn(double x) {
    const long long e = (long long)((unsigned long long)lab_long(x) - 0x3FE6A09E667F3BCDull) >> 52;
    const double f = lab_double((long long)((unsigned long long)lab_long(x) - ((unsigned long long)e << 52)));
    const double s = (f - 1) / (f + 1), z = s * s;
    double p = 0.2429160853987535;
    p = LAB_FMA(p, z, 0.2614442493522915), p = LAB_FMA(p, z, 0.32061638813224547), p = LAB_FMA(p, z, 0.4121984020482752);
    p = LAB_FMA(p, z, 0.5770780172463286), p = LAB_FMA(p, z, 0.9617966939243345), p = LAB_FMA(p, z, 2.885390081777927);
    const double found = LAB_FMA(s, p, lab_double(e + 0x4338000000000000ll) - 0x1.8p52); /* an integer becomes a double */
    return x >= 0x1p-1022 ? found : x < 0 ? NAN : x != x ? x : -INFINITY;
}
LAB_INLINE double lab_drawn_power(double x, double y) {
    const double given = y * lab_log2_drawn(x), t = given + 0x1.8p52, g = given - (t - 0x1.8p52);
    double q = 7.072585949269223e-09;
    q = LAB_FMA(q, g, 1.0208690299958306e-07), q = LAB_FMA(q, g, 1.321544258792169e-06);
    q = LAB_FMA(q, g, 1.5252657260200837e-05), q = LAB_FMA(q, g, 0.0001540353044173605);
    q = LAB_FMA(q, g, 0.0013333558230164974), q = LAB_FMA(q, g, 0.009618129107606888);
    q = LAB_FMA(q, g, 0.05550410866444772), q = LAB_FMA(q, g, 0.24022650695910097);
    q = LAB_FMA(q, g, 0.69314718055995), q = LAB_FMA(q, g, 1.0);
    const double found = lab_double((long long)((unsigned long long)lab_long(q) + ((unsigned long long)lab_long(t) << 52)));
    const double upper = given < 1023 ? found : given * INFINITY; /* a NaN stays */
    return given < -1022 ? 0 : upper;
}
LAB_INLINE float lab_drawn_powerf(float x, float y) { return lab_expf(y * lab_logf(x)); }

#define LAB_FUNCTIONS(T, F)                                                                                            \
    /* A function's arguments are read before the choice: gcc makes no vectors of a loop that reads inside a branch. */  \
    LAB_INLINE T lab_where##F(bool which, T x, T y) { return which ? x : y; }                                          \
    LAB_INLINE T lab_sign##F(T x) { return (T)((x > 0) - (x < 0)); }                                                   \
    LAB_INLINE T lab_at_least##F(T x, T low) { return x < low ? low : x; } /* a NaN stays, here and below */            \
    LAB_INLINE T lab_at_most##F(T x, T high) { return x > high ? high : x; }                                           \
    LAB_INLINE T lab_maximum##F(T x, T y) { const T most = x > y ? x : y; return x != x ? x : most; } /* NaN wins */   \
    LAB_INLINE T lab_minimum##F(T x, T y) { const T least = x < y ? x : y; return x != x ? x : least; }                \
    LAB_INLINE T lab_remainder##F(T x, T y) {                                                                          \
        const T r = fmod##F(x, y);                                                                                     \
        return (r != 0) & ((y < 0) != (r < 0)) ? r + y : r;                                                            \
    }                                                                                                                  \
    LAB_INLINE T lab_sigmoid##F(T x) { return 1 / (1 + lab_exp##F(-x)); }                                              \
    LAB_INLINE T lab_logsigmoid##F(T x) { return (x < 0 ? x : (x != x ? x : 0)) - log1p##F(lab_exp##F(-fabs##F(x))); } \
    /* The quantile function of the normal law (Cephes, S. Moshier): three fractions, of which one is divided. */      \
    LAB_INLINE T lab_ndtri##F(T p) {                                                                                   \
        const bool right = p > (T)(1 - 0.13533528323661269189);                                                        \
        const T y = right ? 1 - p : p, c = y - (T)0.5, c2 = c * c;                                                     \
        const bool middle = y > (T)0.13533528323661269189;                                                             \
        const T x = sqrt##F(-2 * lab_log##F(y)), z = 1 / x;                                                            \
        const T above = x < 8 ? LAB_P1(T, z) : LAB_P2(T, z), below = x < 8 ? LAB_Q1(T, z) : LAB_Q2(T, z);              \
        const T ratio = (middle ? c2 * LAB_P0(T, c2) : above) / (middle ? LAB_Q0(T, c2) : below);                      \
        const T near = (c + c * ratio) * (T)2.50662827463100050242;                                                    \
        const T far = x - lab_log##F(x) * z - z * ratio;                                                               \
        return middle ? near : right ? far : -far;                                                                     \
    }

#define LAB_H5(T, x, a, b, c, d, e) (((((T)a * x + (T)b) * x + (T)c) * x + (T)d) * x + (T)e)
#define LAB_H9(T, x, a, b, c, d, e, f, g, h, i) \
    (((((((((T)a * x + (T)b) * x + (T)c) * x + (T)d) * x + (T)e) * x + (T)f) * x + (T)g) * x + (T)h) * x + (T)i)
#define LAB_P0(T, x) \
    LAB_H5(T, x, -5.99633501014107895267E1, 9.80010754185999661536E1, -5.66762857469070293439E1, \
           1.39312609387279679503E1, -1.23916583867381258016E0)
#define LAB_Q0(T, x) \
    LAB_H9(T, x, 1.0, 1.95448858338141759834E0, 4.67627912898881538453E0, 8.63602421390890590575E1, \
           -2.25462687854119370527E2, 2.00260212380060660359E2, -8.20372256168333339912E1, 1.59056225126211695515E1, \
           -1.18331621121330003142E0)
#define LAB_P1(T, x) \
    LAB_H9(T, x, 4.05544892305962419923E0, 3.15251094599893866154E1, 5.71628192246421288162E1, \
           4.40805073893200834700E1, 1.46849561928858024014E1, 2.18663306850790267539E0, -1.40256079171354495875E-1, \
           -3.50424626827848203418E-2, -8.57456785154685413611E-4)
#define LAB_Q1(T, x) \
    LAB_H9(T, x, 1.0, 1.57799883256466749731E1, 4.53907635128879210584E1, 4.13172038254672030440E1, \
           1.50425385692907503408E1, 2.50464946208309415979E0, -1.42182922854787788574E-1, -3.80806407691578277194E-2, \
           -9.33259480895457427372E-4)
#define LAB_P2(T, x) \
    LAB_H9(T, x, 3.23774891776946035970E0, 6.91522889068984211695E0, 3.93881025292474443415E0, \
           1.33303460815807542389E0, 2.01485389549179081538E-1, 1.23716634817820021358E-2, 3.01581553508235416007E-4, \
           2.65806974686737550832E-6, 6.23974539184983293730E-9)
#define LAB_Q2(T, x) \
    LAB_H9(T, x, 1.0, 6.02427039364742014255E0, 3.67983563856160859403E0, 1.37702099489081330271E0, \
           2.16236993594496635890E-1, 1.34204006088543189037E-2, 3.28014464682127739104E-4, 2.89247864745380683936E-6, \
           6.79019408009981274425E-9)

LAB_FUNCTIONS(double, )
LAB_FUNCTIONS(float, f)

/* A word, and a word followed by the top 20 bits of the next one, as numbers. */
#ifdef LAB_WIDE
LAB_INLINE double lab_from_word(LAB_WORD k) { return (double)(long long)k; }
LAB_INLINE double lab_from_words(LAB_WORD high, LAB_WORD low) { return (double)(long long)(high << 20 | low >> 12); }
#else /* signed integers convert faster */
LAB_INLINE double lab_from_word(LAB_WORD k) { return (double)(int)(k ^ 0x80000000u) + 2147483648.0; }
LAB_INLINE double lab_from_words(LAB_WORD high, LAB_WORD low) {
    return lab_from_word(high) * 1048576.0 + (double)(int)(low >> 12);
}
#endif

/* Uniforms in (0, 1) from 32-bit words: (k + 1/2) 2^-b, exactly. A word may lie in a 64-bit lane of its own. */
LAB_INLINE double lab_uniform32(LAB_WORD k) { return (lab_from_word(k) + 0.5) * 0x1p-32; }
LAB_INLINE double lab_bound32(double p) { return p * 0x1p32 - 0.5; } /* k < this just where lab_uniform32(k) < p */
LAB_INLINE double lab_uniform52(LAB_WORD high, LAB_WORD low) { return (lab_from_words(high, low) + 0.5) * 0x1p-52; }
LAB_INLINE float lab_uniform23(LAB_WORD k) { return ((float)(int)(k >> 9) + 0.5f) * 0x1p-23f; }

/* A round of Philox4x32 (J. Salmon et al., SC 2011) on the words a, b, c, d with the round's key (k0, k1). */
LAB_INLINE void lab_philox_round(LAB_WORD *a, LAB_WORD *b, LAB_WORD *c, LAB_WORD *d, unsigned k0,
                                 unsigned k1) {
    const unsigned long long p = 0xD2511F53ull * *a, q = 0xCD9E8D57ull * *c;
    *a = (LAB_WORD)(q >> 32) ^ *b ^ k0, *c = (LAB_WORD)(p >> 32) ^ *d ^ k1;
    *b = (LAB_WORD)(q & 0xffffffffu), *d = (LAB_WORD)(p & 0xffffffffu);
}
