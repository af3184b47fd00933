/* Adam on Reddi's stochastic problem: a block of seeds goes through all steps while its state lies in cache.
 *
 * Step t draws the next block's Philox two rounds at a time beside the update: the multiplier works while the divider,
 * which sets the pace, is busy. Adam in the order of Kingma and Ba's section 2: what does not depend on the seed is
 * folded into the step size and into eps, which leaves one division and one square root. With AS_WRITTEN the update
 * has the reference engine's operations one by one: three divisions and a square root.
 */

#include "block.h"

enum { LANES = 64 };

typedef struct {
    double slope_high, slope_low, probability, lr, beta1, beta2, eps, lowest, highest;
} Numbers;

typedef struct {
    double a, b, c; /* -lr_t sqrt(1 - beta2^t) / (1 - beta1^t), eps sqrt(1 - beta2^t); or -lr_t, 1 - beta1^t, 1 - beta2^t */
} Factors;

static Factors factors(const Numbers *n, int64_t t) {
    const double rate = -(n->lr / sqrt((double)t)), c1 = 1 - pow(n->beta1, (double)t), c2 = 1 - pow(n->beta2, (double)t);
#ifdef AS_WRITTEN
    return (Factors){rate, c1, c2};
#else
    return (Factors){rate * sqrt(c2) / c1, n->eps * sqrt(c2), 1};
#endif
}

static inline double increment(Factors f, double eps, double m, double v) {
#ifdef AS_WRITTEN
    return f.a * ((m / f.b) / (sqrt(v / f.c) + eps));
#else
    (void)eps;
    return f.a * (m / (sqrt(v) + f.b));
#endif
}

typedef struct {
    ALIGNED double x[LANES], m[LANES], v[LANES];
    ALIGNED Word words[2][4][LANES]; /* the block in use, and the next one on its way */
    ALIGNED Word high[LANES], low_[LANES];
} Block;

static void open_block(Block *b, Word (*c)[LANES], uint64_t number, const Keys *k) {
    const Opening o = opening(number, k);
    LANE_LOOP(LANES) open_lane(o, b->high[l], b->low_[l], &c[0][l], &c[1][l], &c[2][l], &c[3][l]);
}

static void two_rounds(Word (*c)[LANES], int i, const Keys *k) {
    LANE_LOOP(LANES) {
        philox_round(&c[0][l], &c[1][l], &c[2][l], &c[3][l], k->k0[i], k->k1[i]);
        philox_round(&c[0][l], &c[1][l], &c[2][l], &c[3][l], k->k0[i + 1], k->k1[i + 1]);
    }
}

/* Step t of all lanes, word w being its draw; and rounds i, i + 1 of the next block c. */
static inline void step(Block *restrict b, const Word *restrict w, Word (*restrict c)[LANES], int i, const Keys *k,
                        const Numbers *n, Factors f) {
    /* u = (w + 1/2) 2^-32 < p just where w < p 2^32 - 1/2 */
    const uint64_t below = (uint64_t)ceil(n->probability * 0x1p32 - 0.5);
    const double g1 = n->slope_high, g0 = n->slope_low, beta1 = n->beta1, beta2 = n->beta2, eps = n->eps;
    const double m1 = (1 - beta1) * g1, m0 = (1 - beta1) * g0;
    const double v1 = (1 - beta2) * (g1 * g1), v0 = (1 - beta2) * (g0 * g0);
    const double lowest = n->lowest, highest = n->highest; /* variables: gcc makes four comparisons of constants */
    const uint32_t ka0 = k->k0[i], ka1 = k->k1[i], kb0 = k->k0[i + 1], kb1 = k->k1[i + 1];
    Word *restrict c0 = c[0], *restrict c1 = c[1], *restrict c2 = c[2], *restrict c3 = c[3];
    double *restrict x = b->x, *restrict m = b->m, *restrict v = b->v;
    LANE_LOOP(LANES) {
        const int hit = w[l] < below;
        m[l] = beta1 * m[l] + (hit ? m1 : m0);
        v[l] = beta2 * v[l] + (hit ? v1 : v0);
        const double y = x[l] + increment(f, eps, m[l], v[l]);
        philox_round(&c0[l], &c1[l], &c2[l], &c3[l], ka0, ka1);
        philox_round(&c0[l], &c1[l], &c2[l], &c3[l], kb0, kb1);
        const double z = y < lowest ? lowest : y;
        x[l] = z > highest ? highest : z;
    }
}

static void trajectory(const Job *job, const Numbers *n, const Keys *k, const Factors *f, int64_t first) {
    Block b;
    memset(&b, 0, sizeof b);
    seed_products((uint32_t)first, LANES, b.high, b.low_);
    Word(*now)[LANES] = b.words[0], (*next)[LANES] = b.words[1];
    open_block(&b, next, 0, k);
    for (int i = 2; i < ROUNDS; i += 2) two_rounds(next, i, k);
    for (int64_t t = 1, r = 0;; ++t) {
        if (job->record[r] == t - 1) keep(job, r++, 1, 0, first, LANES, b.x);
        if (t > job->steps) return;
        const int j = (int)((t - 1) % 4);
        if (j == 0) {
            Word(*const used)[LANES] = now;
            now = next, next = used;
            open_block(&b, next, (uint64_t)(t - 1) / 4 + 1, k);
        }
        step(&b, now[j], next, 2 + 2 * j, k, n, f[t]);
    }
}

int run(const Job *job) {
    Numbers n;
    memcpy(&n, job->numbers, sizeof n);
    const Keys k = key_schedule(job->key);
    Factors *f = malloc(sizeof *f * (size_t)(job->steps + 1));
    if (f == NULL) return 1;
#pragma omp parallel num_threads(job->threads)
    {
#pragma omp for schedule(static)
        for (int64_t t = 1; t <= job->steps; ++t) f[t] = factors(&n, t);
#pragma omp for schedule(dynamic, 4)
        for (int64_t first = 0; first < job->seeds; first += LANES) trajectory(job, &n, &k, f, first);
    }
    free(f);
    return 0;
}
