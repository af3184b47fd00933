/* What the machine can do at most: the rate of one kind of operation when nothing else is in the way. */

#include <math.h>

#if defined(__AVX512F__)
#define BYTES 64
#elif defined(__AVX__)
#define BYTES 32
#else
#define BYTES 16
#endif

typedef double Vector __attribute__((vector_size(BYTES)));
enum { LANES = BYTES / 8, CHAINS = 12 }; /* independent chains, to hide the latency, and few enough for registers */
enum { ADD_AND_MULTIPLY, FMA, DIVIDE, ROOT };

#define CHAIN _Pragma("GCC unroll 12") for (int i = 0; i < CHAINS; ++i)

/* Half the chains add, half multiply. */
static double add_and_multiply(long rounds, double c) {
    Vector x[CHAINS], sum = {0};
    CHAIN x[i] = (Vector){0} + 1.0 + i * c;
    for (long r = 0; r < rounds; ++r) CHAIN x[i] = i % 2 ? x[i] + c : x[i] * c;
    CHAIN sum += x[i];
    return sum[0];
}

static double fused_multiply_add(long rounds, double c) {
    double x[CHAINS][LANES], sum = 0;
    for (int i = 0; i < CHAINS; ++i)
        for (int l = 0; l < LANES; ++l) x[i][l] = 1.0 + i + l;
    for (long r = 0; r < rounds; ++r) CHAIN {
#pragma omp simd
        for (int l = 0; l < LANES; ++l) x[i][l] = fma(x[i][l], c, c);
    }
    for (int i = 0; i < CHAINS; ++i) sum += x[i][0];
    return sum;
}

static double divide(long rounds, double c) {
    Vector x[CHAINS], sum = {0};
    CHAIN x[i] = (Vector){0} + 1.5 + i * c;
    for (long r = 0; r < rounds; ++r) CHAIN x[i] = c / x[i];
    CHAIN sum += x[i];
    return sum[0];
}

static double root(long rounds, double c) {
    double x[CHAINS * LANES] __attribute__((aligned(64))), sum = 0;
    for (int i = 0; i < CHAINS * LANES; ++i) x[i] = 2 + i * c;
    for (long r = 0; r < rounds; ++r) {
#pragma omp simd
        for (int i = 0; i < CHAINS * LANES; ++i) x[i] = sqrt(x[i]);
        __asm__ volatile("" ::: "memory");
    }
    for (int i = 0; i < CHAINS * LANES; ++i) sum += x[i];
    return sum;
}

/* Do `rounds` times CHAINS * LANES operations on each of `threads` threads; return something of the results. */
double run(int kind, long rounds, int threads, double c) {
    double sum = 0;
#pragma omp parallel for num_threads(threads) reduction(+ : sum)
    for (int i = 0; i < threads; ++i) {
        sum += kind == ADD_AND_MULTIPLY ? add_and_multiply(rounds, c)
               : kind == FMA            ? fused_multiply_add(rounds, c)
               : kind == DIVIDE         ? divide(rounds, c)
                                        : root(rounds, c);
    }
    return sum;
}

int operations_a_round(void) { return CHAINS * LANES; }
