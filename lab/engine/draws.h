/* The random words of a block of seeds on a CPU: Philox4x32-10 (J. Salmon et al., SC 2011), as lab/rng.py lays it out.
 *
 * Of the products of rounds 1 and 2, two depend on the counter alone and two on the seed alone, so that a lane pays for
 * one in place of four. Where four words serve several steps, the rounds that make the next four run beside the updates
 * (LAB_BESIDE): the multiplier works while the divider, which sets the pace, is busy.
 */

enum { ROUNDS = 10, CALLS = (WORDS + 3) / 4, AHEAD = WORDS == 1 || WORDS == 2 };

typedef struct {
    unsigned k0[ROUNDS], k1[ROUNDS]; /* 32 bits: the compiler must know that a word needs no mask */
} Keys;

typedef struct {
    LAB_ALIGNED LAB_WORD high[B], low[B];                    /* the words of 0xCD9E8D57 * seed */
    LAB_ALIGNED LAB_WORD words[AHEAD ? 2 : CALLS + 1][4][B]; /* AHEAD: those in use, and the next on their way */
    int now;
} Words;

#if WORDS == 1 || WORDS == 2
#define LAB_DRAWS \
    const LAB_WORD (*LAB_RESTRICT w)[B], LAB_WORD (*LAB_RESTRICT next)[B], const unsigned *LAB_RESTRICT k0, \
        const unsigned *LAB_RESTRICT k1
#define LAB_BESIDE \
    _Pragma("GCC unroll 4") for (int i = 0; i < 2 * WORDS; ++i) \
        lab_philox_round(&next[0][l], &next[1][l], &next[2][l], &next[3][l], k0[i], k1[i]);
#else
#define LAB_DRAWS const LAB_WORD (*LAB_RESTRICT w)[B]
#define LAB_BESIDE
#endif

static Keys key_schedule(unsigned k0, unsigned k1) {
    Keys k;
    for (int i = 0; i < ROUNDS; ++i, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u) k.k0[i] = k0, k.k1[i] = k1;
    return k;
}

static void seed_products(unsigned first, Words *s) {
    LANES {
        const unsigned long long p = 0xCD9E8D57ull * (first + (unsigned)l);
        s->high[l] = (LAB_WORD)(p >> 32), s->low[l] = (LAB_WORD)(p & 0xffffffffu);
    }
}

/* Rounds 1 to `last` for counter `number`, in w. */
static inline void generate(const Words *s, unsigned long long number, const Keys *k, int last, LAB_WORD (*LAB_RESTRICT w)[B]) {
    const unsigned long long p = 0xD2511F53ull * (unsigned)number, q = 0xCD9E8D57ull * ((unsigned)(p >> 32) ^ k->k1[0]);
    const unsigned a = (unsigned)(number >> 32) ^ k->k0[0], w0 = (unsigned)(q >> 32) ^ k->k0[1], w1 = (unsigned)q;
    const unsigned w2 = (unsigned)p ^ k->k1[1];
    LANES {
        const unsigned long long r = 0xD2511F53ull * (s->high[l] ^ a);
        LAB_WORD c0 = s->low[l] ^ w0, c1 = w1, c2 = (LAB_WORD)(r >> 32) ^ w2, c3 = (LAB_WORD)(r & 0xffffffffu);
        _Pragma("GCC unroll 8") for (int i = 2; i < last; ++i) lab_philox_round(&c0, &c1, &c2, &c3, k->k0[i], k->k1[i]);
        w[0][l] = c0, w[1][l] = c1, w[2][l] = c2, w[3][l] = c3;
    }
}

/* Return the words of step t; those of one call may serve several steps. */
static const LAB_WORD (*draw(Words *s, const Keys *k, long t, bool fresh))[B] {
#if WORDS == 1 || WORDS == 2
    const unsigned long long i = (unsigned long long)(t - 1) * WORDS, number = i / 4;
    const int used = (int)(i % 4);
    if (fresh) {
        s->now = 0;
        generate(s, number, k, ROUNDS, s->words[0]);
    } else if (used == 0) {
        s->now = !s->now;
    }
    LAB_WORD (*const next)[B] = s->words[!s->now];
    if (fresh || used == 0) generate(s, number + 1, k, 2, next);
    if (fresh)
        for (int r = 2; r < 2 + 2 * used; ++r)
            LANES lab_philox_round(&next[0][l], &next[1][l], &next[2][l], &next[3][l], k->k0[r], k->k1[r]);
    return (const LAB_WORD (*)[B])(s->words[s->now] + used);
#else
    (void)fresh;
    for (int n = 0; n < CALLS; ++n) generate(s, (unsigned long long)(t - 1) * CALLS + (unsigned)n, k, ROUNDS, s->words[n]);
    return (const LAB_WORD (*)[B])s->words[0];
#endif
}
