/* Norm-clipped SGD on a quadratic with two-sided Pareto noise: a block of seeds goes through all steps in cache.
 *
 * One step is several short loops over lanes, each with few dependent operations, rather than one long one: the
 * processor then has enough independent work in sight. With AS_WRITTEN the power is the C library's.
 */

#include "block.h"
#include "powers.h"

#ifdef AS_WRITTEN
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__clang__)
__attribute__((simd("notinbranch"))) double pow(double, double);
#endif
#endif

#ifndef DIM
#define DIM 10
#endif
enum { PAIRS = (DIM + 1) / 2, WIDTH = 2 * PAIRS }; /* a block of four words serves two coordinates */
enum { LANES = WIDTH <= 16 ? 64 : WIDTH <= 32 ? 32 : 16 }; /* the state stays in the first-level cache */

typedef struct {
    double tail, scale, max_norm, lr, first;
    double spectrum[DIM];
} Numbers;

typedef struct {
    ALIGNED double x[DIM][LANES], g[WIDTH][LANES], length[LANES];
    ALIGNED Word high_word[WIDTH][LANES], low_word[WIDTH][LANES];
    ALIGNED Word high[LANES], low_[LANES];
} Block;

/* The words of step t. */
static void draw(Block *b, int64_t t, const Keys *k) {
    for (int p = 0; p < PAIRS; ++p) {
        const Opening o = opening((uint64_t)(t - 1) * PAIRS + (uint64_t)p, k);
        Word *restrict w0 = b->high_word[2 * p], *restrict w1 = b->low_word[2 * p];
        Word *restrict w2 = b->high_word[2 * p + 1], *restrict w3 = b->low_word[2 * p + 1];
        LANE_LOOP(LANES) {
            Word c0, c1, c2, c3;
            open_lane(o, b->high[l], b->low_[l], &c0, &c1, &c2, &c3);
#pragma GCC unroll 8
            for (int i = 2; i < ROUNDS; ++i) philox_round(&c0, &c1, &c2, &c3, k->k0[i], k->k1[i]);
            w0[l] = c0, w1[l] = c1, w2[l] = c2, w3[l] = c3;
        }
    }
}

/* The probability r = 2 min(u, 1 - u) of lying farther out, u = (k + 1/2) 2^-52, exactly: an odd integer times 2^-52. */
static inline double rest(uint64_t w0, uint64_t w1) {
    const uint64_t odd = w0 << 21 | w1 >> 11 | 1, flip = 0 - (w0 >> 31); /* all ones where u >= 1/2 */
    return as_double((((odd ^ flip) & 0xFFFFFFFFFFFFEu) | 1) | 0x3FF0000000000000u) - 1.0;
}

/* g = spectrum x + noise, and ||g||^2 in b->length. */
static void gradient(Block *b, const Numbers *n) {
    double *restrict y = &b->g[0][0];
    const Word *restrict w0 = &b->high_word[0][0], *restrict w1 = &b->low_word[0][0];
    const double power = -1 / n->tail, scale = n->scale;
#ifdef AS_WRITTEN
    LANE_LOOP(DIM * LANES) y[l] = pow(rest(w0[l], w1[l]), power);
#else
    LANE_LOOP(DIM * LANES) y[l] = power * log2_of(rest(w0[l], w1[l]));
#endif
    memset(b->length, 0, sizeof b->length);
    for (int i = 0; i < DIM; ++i) {
        const double lambda = n->spectrum[i];
        const double *restrict x = b->x[i];
        const Word *restrict w = b->high_word[i];
        double *restrict g = b->g[i], *restrict sum = b->length;
        LANE_LOOP(LANES) {
#ifdef AS_WRITTEN
            const double size = scale * g[l];
#else
            const double size = scale * exp2_of(g[l]);
#endif
            const uint64_t minus = ~((uint64_t)w[l] << 32) & 0x8000000000000000u; /* where u < 1/2 */
            g[l] = lambda * x[l] + as_double(as_bits(size) | minus);
            sum[l] += g[l] * g[l];
        }
    }
}

/* x - lr_t min(1, max_norm / ||g||) g */
static void update(Block *b, const Numbers *n, double rate) {
    double *restrict factor = b->length;
    const double max_norm = n->max_norm;
    LANE_LOOP(LANES) {
        const double length = sqrt(factor[l]);
        factor[l] = rate * (length > max_norm ? max_norm / length : 1.0);
    }
    for (int i = 0; i < DIM; ++i) {
        double *restrict x = b->x[i];
        const double *restrict g = b->g[i];
        LANE_LOOP(LANES) x[l] += factor[l] * g[l];
    }
}

static void trajectory(const Job *job, const Numbers *n, const Keys *k, int64_t first) {
    Block b;
    seed_products((uint32_t)first, LANES, b.high, b.low_);
    for (int i = 0; i < DIM; ++i) LANE_LOOP(LANES) b.x[i][l] = n->first;
    for (int64_t t = 0, r = 0;;) {
        if (job->record[r] == t) {
            for (int i = 0; i < DIM; ++i) keep(job, r, DIM, i, first, LANES, b.x[i]);
            ++r;
        }
        if (t == job->steps) return;
        ++t;
        draw(&b, t, k);
        gradient(&b, n);
        update(&b, n, -(n->lr / sqrt((double)t)));
    }
}

int run(const Job *job) {
    Numbers n;
    memcpy(&n, job->numbers, sizeof n);
    const Keys k = key_schedule(job->key);
#pragma omp parallel for schedule(dynamic) num_threads(job->threads)
    for (int64_t first = 0; first < job->seeds; first += LANES) trajectory(job, &n, &k, first);
    return 0;
}
