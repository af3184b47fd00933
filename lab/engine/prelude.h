/* Scalar functions that C lacks, as torch defines them, and the generator. Included by every kernel. */

/* exp and log for vector code, free of branches and tables; at most 2 ulp off. Reduction, log: fdlibm (Sun, 1993). */
typedef union { double value; long long bits; } lab_bits;
LAB_INLINE double lab_double(long long bits) { lab_bits b; b.bits = bits; return b.value; }
LAB_INLINE long long lab_long(double value) { lab_bits b; b.value = value; return b.bits; }

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

#define LAB_FUNCTIONS(T, F)                                                                                            \
    LAB_INLINE T lab_sign##F(T x) { return (T)((x > 0) - (x < 0)); }                                                   \
    LAB_INLINE T lab_maximum##F(T x, T y) { return (x > y) | (x != x) ? x : y; } /* NaN wins */                        \
    LAB_INLINE T lab_minimum##F(T x, T y) { return (x < y) | (x != x) ? x : y; }                                       \
    LAB_INLINE T lab_remainder##F(T x, T y) {                                                                          \
        const T r = fmod##F(x, y);                                                                                     \
        return (r != 0) & ((y < 0) != (r < 0)) ? r + y : r;                                                            \
    }                                                                                                                  \
    LAB_INLINE T lab_sigmoid##F(T x) { return 1 / (1 + lab_exp##F(-x)); }                                              \
    LAB_INLINE T lab_logsigmoid##F(T x) { return (x < 0 ? x : (x != x ? x : 0)) - log1p##F(lab_exp##F(-fabs##F(x))); } \
    /* x^y where x comes from draws alone: at most 32 ulp off for |y log x| < 32, and twice as fast as pow. */         \
    LAB_INLINE T lab_drawn_power##F(T x, T y) { return lab_exp##F(y * lab_log##F(x)); }                                \
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

/* Uniforms in (0, 1) from 32-bit words: (k + 1/2) 2^-b. The detour by signed integers converts faster, exactly. */
LAB_INLINE double lab_from_word(unsigned k) { return (double)(int)(k ^ 0x80000000u) + 2147483648.0; }
LAB_INLINE double lab_uniform32(unsigned k) { return (lab_from_word(k) + 0.5) * 0x1p-32; }
LAB_INLINE double lab_uniform52(unsigned high, unsigned low) {
    return (lab_from_word(high) * 1048576.0 + (double)(int)(low >> 12) + 0.5) * 0x1p-52;
}
LAB_INLINE float lab_uniform23(unsigned k) { return ((float)(int)(k >> 9) + 0.5f) * 0x1p-23f; }

/* Philox4x32-10 (J. Salmon et al., SC 2011): counter (low, high, seed, stream), key (k0, k1), four words out.
 * Words lie in 64-bit variables on a CPU (LAB_WORD), so that products vectorise without a shuffle. */
LAB_INLINE void lab_philox(unsigned c0, unsigned c1, unsigned c2, unsigned c3, unsigned k0, unsigned k1, unsigned *w0,
                           unsigned *w1, unsigned *w2, unsigned *w3) {
    typedef LAB_WORD word;
    const word mask = 0xffffffffu;
    word a = c0, b = c1, c = c2, d = c3, ka = k0, kb = k1;
    for (int round = 0; round < 10; ++round) {
        const unsigned long long p = 0xD2511F53ull * a, q = 0xCD9E8D57ull * c;
        a = (word)(q >> 32) ^ b ^ ka, c = (word)(p >> 32) ^ d ^ kb;
        b = (word)q & mask, d = (word)p & mask;
        ka = (ka + 0x9E3779B9u) & mask, kb = (kb + 0xBB67AE85u) & mask;
    }
    *w0 = (unsigned)a, *w1 = (unsigned)b, *w2 = (unsigned)c, *w3 = (unsigned)d;
}
