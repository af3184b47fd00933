/* What both hand-written loops share: the job, Philox4x32-10 for a block of seeds, and the writing of records.
 *
 * Philox (J. Salmon et al., SC 2011) in the layout of lab/rng.py: counter (block low, block high, seed, stream 0). Of the
 * products of rounds 1 and 2, two depend on the block alone and two on the seed alone, so that a lane pays for one in
 * place of four; `open_block` does both rounds. Lanes are seeds.
 */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define LANE_LOOP(n) _Pragma("omp simd") for (int l = 0; l < (n); ++l)
#define ALIGNED __attribute__((aligned(64)))

enum { ROUNDS = 10 };

#ifdef __AVX512DQ__ /* multiplies whole 64-bit lanes: a word in a lane of its own saves the shuffles */
typedef uint64_t Word;
#else
typedef uint32_t Word;
#endif

static const uint64_t M0 = 0xD2511F53u, M1 = 0xCD9E8D57u;

typedef struct {
    int64_t seeds, steps, records, threads;
    uint64_t key;
    const int64_t *record; /* the steps to keep: increasing, from 0 to `steps`, then one beyond */
    const double *numbers; /* the workload's parameters, in the order that it reads them */
    double *out;           /* (records, DIM, seeds) */
} Job;

typedef struct {
    uint32_t k0[ROUNDS], k1[ROUNDS]; /* 32 bits: the compiler must know that a word needs no masking */
} Keys;

static Keys key_schedule(uint64_t key) {
    Keys k;
    uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
    for (int i = 0; i < ROUNDS; ++i, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u) k.k0[i] = k0, k.k1[i] = k1;
    return k;
}

static inline uint64_t low(uint64_t x) { return x & 0xFFFFFFFFu; }

/* One round, for one lane. */
static inline void philox_round(Word *c0, Word *c1, Word *c2, Word *c3, uint32_t k0, uint32_t k1) {
    const uint64_t p0 = low(*c0) * M0, p1 = low(*c2) * M1;
    *c0 = (Word)(p1 >> 32) ^ *c1 ^ k0, *c2 = (Word)(p0 >> 32) ^ *c3 ^ k1;
    *c1 = (Word)low(p1), *c3 = (Word)low(p0);
}

/* What the first two rounds make of the block's number: the same for all seeds. */
typedef struct {
    uint32_t a, c0, c1, c2;
} Opening;

static inline Opening opening(uint64_t block, const Keys *k) {
    const uint64_t p0 = M0 * low(block), p1 = M1 * ((p0 >> 32) ^ k->k1[0]);
    const uint32_t high = (uint32_t)(block >> 32);
    return (Opening){high ^ k->k0[0], (uint32_t)(p1 >> 32) ^ k->k0[1], (uint32_t)p1, (uint32_t)p0 ^ k->k1[1]};
}

/* Rounds 1 and 2 for one lane; `high` and `low_` are the words of M1 * seed. */
static inline void open_lane(Opening o, Word high, Word low_, Word *c0, Word *c1, Word *c2, Word *c3) {
    const uint64_t p0 = low(high ^ o.a) * M0;
    *c0 = low_ ^ o.c0, *c1 = o.c1, *c2 = (Word)(p0 >> 32) ^ o.c2, *c3 = (Word)low(p0);
}

/* M1 * seed for the seeds first, first + 1, ... */
static inline void seed_products(uint32_t first, int n, Word *high, Word *low_) {
    for (int l = 0; l < n; ++l) {
        const uint64_t p = M1 * (uint32_t)(first + (uint32_t)l);
        high[l] = (Word)(p >> 32), low_[l] = (Word)low(p);
    }
}

/* Write record number r of coordinate i: the lanes that are seeds of the job. */
static inline void keep(const Job *job, int64_t r, int dim, int i, int64_t first, int lanes, const double *x) {
    const int64_t left = job->seeds - first;
    memcpy(job->out + (r * dim + i) * job->seeds + first, x, sizeof *x * (size_t)(left < lanes ? left : lanes));
}
