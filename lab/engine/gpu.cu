/* Runs a kernel on a GPU: a thread is one trajectory and holds it, in registers where it fits, through many steps.
 *
 * What comes before: struct params, carry, observed and the functions of begin, advance and read (kernel.py). The
 * caller defines B as 1, WORDS (random words a step), DIM, CARRIED (numbers in struct carry), ROWS (numbers in struct
 * observed), OBSERVED, REAL and THREADS (the most in a block). A block's threads are seeds of one configuration: what
 * depends on that and on t alone they compute together, each for another step, into shared memory.
 */

struct Job { /* 64-bit words all, in the order in which the host writes them */
    long long seeds, blocks, records; /* of a configuration; blocks may have threads to spare */
    long long first_seed, key_low, key_high;
    const REAL *params; /* (configs, length of struct params) */
    const REAL *start;  /* (seeds, DIM), or (DIM) where start_stride is 0 */
    long long start_stride;
    const long long *at;   /* the steps of the records */
    double *values;        /* (configs, records, ROWS, seeds) */
    unsigned char *finite; /* (configs, records, seeds) */
    char *carry;           /* (configs, seeds, 8 * CARRIED) */
};

static_assert(sizeof(struct carry) <= 8 * CARRIED, "a carried number takes at most 8 bytes");

enum { SHARED = 16384, STEP = sizeof(struct advance_step) };
enum { TABLE = STEP * 256 <= SHARED ? 256 : STEP <= SHARED ? SHARED / STEP : 1 }; /* steps prepared at a time */

struct Place {
    long long h, seed;
    bool mine; /* false for a thread to spare, which runs along the last seed and writes nothing */
};

LAB_INLINE struct Place place(const struct Job *LAB_RESTRICT job) {
    const long long block = blockIdx.x, seed = block % job->blocks * blockDim.x + threadIdx.x;
    struct Place me;
    me.h = block / job->blocks, me.mine = seed < job->seeds, me.seed = me.mine ? seed : job->seeds - 1;
    return me;
}

LAB_INLINE const struct params *params_of(const struct Job *LAB_RESTRICT job, long long h) {
    return (const struct params *)job->params + h;
}

LAB_INLINE struct carry *saved(const struct Job *LAB_RESTRICT job, struct Place me) {
    return (struct carry *)(job->carry + (me.h * job->seeds + me.seed) * (8 * CARRIED));
}

/* Philox4x32-10: counter (low, high, seed, stream), key (k0, k1), four words out. */
LAB_INLINE void lab_philox(unsigned long long counter, unsigned seed, unsigned stream, unsigned k0, unsigned k1,
                           unsigned *w0, unsigned *w1, unsigned *w2, unsigned *w3) {
    *w0 = (unsigned)counter, *w1 = (unsigned)(counter >> 32), *w2 = seed, *w3 = stream;
    for (int i = 0; i < 10; ++i, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u) lab_philox_round(w0, w1, w2, w3, k0, k1);
}

/* Put the words of step t first in w. Those of one block may serve several steps: they move down as they are used. */
LAB_INLINE void draw(const struct Job *LAB_RESTRICT job, long long place, long long t, bool fresh, unsigned w[][B]) {
    const unsigned seed = (unsigned)(job->first_seed + place);
    const unsigned k0 = (unsigned)job->key_low, k1 = (unsigned)job->key_high;
#if WORDS == 0
    (void)seed, (void)k0, (void)k1, (void)t, (void)fresh, (void)w;
#elif WORDS <= 2
    const unsigned long long i = (unsigned long long)(t - 1) * WORDS, counter = i / 4;
    int used = (int)(i % 4);
    if (fresh || used == 0)
        lab_philox(counter, seed, 0, k0, k1, w[0], w[1], w[2], w[3]);
    else
        used = WORDS; /* since the step before */
    for (; used > 0; used -= WORDS)
        for (int n = 0; n + WORDS < 4; ++n) w[n][0] = w[n + WORDS][0];
#else
    (void)fresh;
    for (int k = 0; k < (WORDS + 3) / 4; ++k) {
        const unsigned long long counter = (unsigned long long)(t - 1) * ((WORDS + 3) / 4) + k;
        lab_philox(counter, seed, 0, k0, k1, w[4 * k], w[4 * k + 1], w[4 * k + 2], w[4 * k + 3]);
    }
#endif
}

/* Write record number k of a trajectory. */
LAB_INLINE void observe(const struct Job *LAB_RESTRICT job, struct Place me, const struct read_once *o, const struct carry *c,
                        long long k) {
    struct read_step s;
    struct observed r;
    read_step(params_of(job, me.h), o, (double)job->at[k], &s);
    read_lanes(params_of(job, me.h), o, &s, c, &r);
    if (!me.mine) return;
    const REAL *x = (const REAL *)c->x;
    bool finite = true;
    for (int i = 0; i < DIM; ++i) finite = finite && fabs(x[i]) < INFINITY;
    const long long record = me.h * job->records + k;
    job->finite[record * job->seeds + me.seed] = finite;
    double *to = job->values + record * ROWS * job->seeds + me.seed;
#define STORE(metric, length) \
    for (int i = 0; i < length; ++i, to += job->seeds) *to = ((const double *)metric)[i];
    OBSERVED
#undef STORE
}

/* Set up every trajectory, and write record 0, the start. */
extern "C" __global__ void __launch_bounds__(THREADS) start(const struct Job *LAB_RESTRICT job) {
    const struct Place me = place(job);
    const struct params *p = params_of(job, me.h);
    struct carry c;
    struct begin_once o;
    struct begin_step s;
    struct read_once ro;
    REAL *x = (REAL *)c.x;
    for (int i = 0; i < DIM; ++i) x[i] = job->start[me.seed * job->start_stride + i];
    begin_once(p, &o);
    begin_step(p, &o, 0.0, &s);
    begin_lanes(p, &o, &s, &c);
    read_once(p, &ro);
    observe(job, me, &ro, &c, 0);
    if (me.mine) *saved(job, me) = c;
}

/* Advance every trajectory from step t0 to step t1; k is the first record after t0. */
extern "C" __global__ void __launch_bounds__(THREADS) march(const struct Job *LAB_RESTRICT job, long long t0, long long t1,
                                                            long long k) {
    __shared__ struct advance_step table[TABLE];
    const struct Place me = place(job);
    const struct params *p = params_of(job, me.h);
    struct advance_once o;
    struct read_once ro;
    advance_once(p, &o);
    read_once(p, &ro);
    struct carry c = *saved(job, me);
    unsigned w[(WORDS + 3) / 4 * 4 + 1][B];
    long long next = k < job->records ? job->at[k] : 0;
    for (long long t = t0; t < t1; t += TABLE) {
        const int n = t1 - t < TABLE ? (int)(t1 - t) : TABLE;
        __syncthreads(); /* nobody reads the table any more */
        for (int q = threadIdx.x; q < n; q += blockDim.x) advance_step(p, &o, (double)(t + 1 + q), &table[q]);
        __syncthreads();
        for (int q = 0; q < n; ++q) {
            const long long now = t + 1 + q;
            draw(job, me.seed, now, now == t0 + 1, w);
            advance_lanes(p, &o, &table[q], &c, w);
            if (now == next) {
                observe(job, me, &ro, &c, k++);
                next = k < job->records ? job->at[k] : 0;
            }
        }
    }
    if (me.mine) *saved(job, me) = c;
}
