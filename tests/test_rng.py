"""Philox and what is made of its words: known answers, an oracle in Python integers, exact values, laws."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st
from scipy import stats

from lab import rng
from lab.engine.step import default_dtype
from lab.errors import LabError
from lab.rng import Key, Stream, seed_range

ALARM = 1e-6  # of each test of a law; keys are fixed, so a law that passes once passes always

word = st.integers(0, 2**32 - 1)


def philox_oracle(counter: tuple[int, ...], key: tuple[int, int], rounds: int = 10) -> tuple[int, ...]:
    """Salmon et al., SC 2011, section 3.3, with Python's integers."""
    (r0, l0, r1, l1), (k0, k1) = counter, key
    for _ in range(rounds):
        high0, low0 = divmod(0xD2511F53 * r0, 2**32)
        high1, low1 = divmod(0xCD9E8D57 * r1, 2**32)
        r0, l0, r1, l1 = high1 ^ l0 ^ k0, low1, high0 ^ l1 ^ k1, low0
        k0, k1 = (k0 + 0x9E3779B9) % 2**32, (k1 + 0xBB67AE85) % 2**32
    return r0, l0, r1, l1


def philox(counter: tuple[int, ...], key: tuple[int, int]) -> tuple[int, ...]:
    words = rng.philox(tuple(torch.tensor([c]) for c in counter), key)
    return tuple(int(w) for w in words)


KNOWN = [  # Random123's kat_vectors
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((2**32 - 1,) * 4, (2**32 - 1,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN)
def test_philox_gives_the_known_answers(counter, key, answer):
    assert philox(counter, key) == answer
    assert philox_oracle(counter, key) == answer


@given(st.tuples(word, word, word, word), st.tuples(word, word))
@settings(max_examples=200, deadline=None)
def test_philox_equals_python_integers(counter, key):
    assert philox(counter, key) == philox_oracle(counter, key)


# The counter layout


def expected_words(key: int, seed: int, stream: int, step: int, n: int) -> list[int]:
    """The words of one step by the layout of the module's docstring, one at a time."""
    found = []
    for j in range(n):
        if n <= 2:
            block, place = divmod((step - 1) * n + j, 4)
        else:
            block, place = (step - 1) * math.ceil(n / 4) + j // 4, j % 4
        counter = (block % 2**32, block // 2**32, seed, stream)
        found.append(philox_oracle(counter, (key % 2**32, key // 2**32))[place])
    return found


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 9])
@pytest.mark.parametrize("step", [1, 2, 3, 4, 5, 17, 2**33 + 3])
def test_words_stand_where_the_layout_says(n, step):
    key, seeds = 0x0123456789ABCDEF, (0, 1, 77, 2**32 - 1)
    got = rng.words(key, torch.tensor(seeds), Stream.ORDER, step, n)
    assert got.tolist() == [expected_words(key, seed, Stream.ORDER, step, n) for seed in seeds]


@given(
    key=st.integers(0, 2**64 - 1),
    seed=word,
    stream=st.sampled_from(Stream),
    step=st.integers(1, 2**40),
    n=st.integers(1, 12),
)
@settings(max_examples=60, deadline=None)
def test_words_stand_where_the_layout_says_for_any_key_seed_and_step(key, seed, stream, step, n):
    got = rng.words(key, torch.tensor([seed]), stream, step, n)
    assert got.tolist() == [expected_words(key, seed, stream, step, n)]


@pytest.mark.parametrize("n", [0, 1, 2, 3, 5])
@pytest.mark.parametrize("first", [1, 2, 3, 4, 6])
def test_a_walk_yields_the_words_of_one_step_after_the_other(n, first):
    seeds = seed_range(5, 7)
    walk = rng.walk(9, seeds, Stream.ORACLE, n, first)
    for step, got in enumerate(itertools.islice(walk, 11), start=first):
        assert torch.equal(got, rng.words(9, seeds, Stream.ORACLE, step, n))


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_a_seeds_words_do_not_depend_on_the_batch(n):
    together = rng.words(3, seed_range(0, 1000), Stream.ORACLE, 6, n)
    for seed in (0, 1, 500, 999):
        assert torch.equal(rng.words(3, torch.tensor([seed]), Stream.ORACLE, 6, n)[0], together[seed])
    assert torch.equal(rng.words(3, torch.arange(999, -1, -1), Stream.ORACLE, 6, n).flip(0), together)


def test_streams_keys_seeds_and_steps_are_told_apart():
    base = {"key": 1, "seeds": torch.tensor([1]), "stream": Stream.ORACLE, "step": 1, "n_words": 4}
    others = [{"key": 2}, {"key": 1 + 2**32}, {"seeds": torch.tensor([2])}, {"stream": Stream.START}, {"step": 2}]
    seen = {tuple(rng.words(**(base | other)).flatten().tolist()) for other in [{}, *others]}
    assert len(seen) == 6


def test_the_words_of_a_run_are_all_different():
    """2^16 words of 32 bits collide in about 0.5 pairs; 20 or more have probability below 1e-20."""
    seeds = seed_range(0, 256)
    words = torch.cat([rng.words(0, seeds, Stream.ORACLE, step, 1) for step in range(1, 257)])
    assert len(words) - len(torch.unique(words)) < 20


# Uniforms


def test_two_words_make_one_uniform_of_52_bits():
    """Exactly (k + 1/2) 2^-52, k being the first word and then the top 20 bits of the second."""
    high, low = [0, 1, 2**32 - 1, 0x80000000, 0xDEADBEEF], [0, 2**12, 2**32 - 1, 0xFFF, 0x12345678]
    pairs = list(itertools.product(high, low))
    w = torch.tensor([v for pair in pairs for v in pair])
    got = rng.uniforms(w, 52, torch.float64)
    for u, (a, b) in zip(got.tolist(), pairs, strict=True):
        numerator = 2 * (a * 2**20 + b // 2**12) + 1
        assert u == numerator / 2**53  # Python's division of integers rounds once; this one is exact
        assert u.as_integer_ratio()[0] * (2**53 // u.as_integer_ratio()[1]) == numerator


def test_one_word_makes_one_uniform_of_32_bits():
    w = torch.tensor([0, 1, 2**31, 2**32 - 1])
    want = [(k + 0.5) / 2**32 for k in w.tolist()]
    assert rng.uniforms(w, 32, torch.float64).tolist() == want


@pytest.mark.parametrize(("bits", "dtype"), [(32, torch.float64), (52, torch.float64), (32, torch.float32)])
def test_uniforms_lie_strictly_inside_the_unit_interval(bits, dtype):
    per = rng.words_per_draw(bits)
    ends = rng.uniforms(torch.tensor([0] * per + [2**32 - 1] * per), bits, dtype)
    b = 23 if dtype == torch.float32 else bits
    assert ends.tolist() == [2.0 ** -(b + 1), 1 - 2.0 ** -(b + 1)]
    assert torch.isfinite(rng.normal(ends)).all()
    assert torch.isfinite(rng.exponential(ends)).all()


@given(word)
@settings(max_examples=100, deadline=None)
def test_float32_uniforms_are_exact(w):
    """(k + 1/2) 2^-23 with the top 23 bits: representable, hence equal to the same number in float64."""
    for bits in (32, 52):
        got = rng.uniforms(torch.tensor([w] * rng.words_per_draw(bits)), bits, torch.float32)
        assert got.dtype == torch.float32
        assert float(got[0]) == (w // 2**9 + 0.5) / 2**23


@pytest.mark.parametrize("default", [torch.float32, torch.float64])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_laws_keep_the_uniforms_precision(default, dtype):
    u = rng.uniforms(torch.tensor([1, 2**31 - 1, 2**31, 2**32 - 1]), 32, dtype)
    with default_dtype(default):
        for law in (rng.normal, rng.exponential, rng.sign):
            assert law(u).dtype == dtype


def test_laws_are_inverse_distribution_functions():
    u = rng.uniforms(rng.words(0, seed_range(0, 4096), Stream.ORACLE, 1, 1)[:, 0], 32, torch.float64)
    edges = torch.tensor([2.0**-33, 2.0**-53, 0.5, 1 - 2.0**-33], dtype=torch.float64)
    u = torch.cat([u, edges])
    normal, exponential = rng.normal(u).numpy(), rng.exponential(u).numpy()
    np.testing.assert_allclose(normal, stats.norm.ppf(u.numpy()), rtol=4e-15, atol=1e-16)
    np.testing.assert_allclose(exponential, stats.expon.ppf(u.numpy()), rtol=4 * 2.0**-52, atol=0)
    halves = torch.tensor([0.2, 0.5 - 2.0**-33, 0.5 + 2.0**-33, 0.9], dtype=torch.float64)
    assert rng.sign(halves).tolist() == [-1, -1, 1, 1]


@pytest.mark.parametrize("bits", [32, 52])
@pytest.mark.parametrize("along", ["seeds", "steps", "draws"])
def test_uniforms_are_uniform_along_seeds_steps_and_draws(bits, along):
    """Kolmogorov and Smirnov on 20,000 numbers, each at ALARM."""
    per, count = rng.words_per_draw(bits), 20_000
    if along == "seeds":
        w = rng.words(7, seed_range(0, count), Stream.ORACLE, 1, per).flatten()
    elif along == "steps":
        w = torch.cat(list(itertools.islice(rng.walk(7, seed_range(0, 4), Stream.ORACLE, per), count // 4))).flatten()
    else:
        w = rng.words(7, seed_range(0, 1), Stream.ORACLE, 1, per * count).flatten()
    u = rng.uniforms(w, bits, torch.float64).numpy()
    assert len(u) == count
    assert stats.kstest(u, "uniform").pvalue > ALARM


def test_normals_of_neighbouring_seeds_steps_and_draws_are_uncorrelated():
    """Sample correlations of n pairs are normal with deviation 1 / sqrt(n); 5 deviations are passed with 6e-7."""
    steps = [rng.words(2, seed_range(0, 200), Stream.ORACLE, t, 2) for t in range(1, 101)]
    z = rng.normal(rng.uniforms(torch.stack(steps), 32, torch.float64))  # (steps, seeds, draws)
    pairs = [(z[1:], z[:-1]), (z[:, 1:], z[:, :-1]), (z[..., 1], z[..., 0])]
    for a, b in pairs:
        assert abs(float((a * b).mean())) < 5 / math.sqrt(a.numel())
    assert stats.kstest(z.flatten().numpy(), "norm").pvalue > ALARM


# Bad input


@pytest.mark.parametrize("key", [-1, 2**64, 1.5, None])
def test_a_bad_key_is_refused(key):
    with pytest.raises(LabError, match=r"key must be an integer in \[0, 2\^64\)"):
        rng.split_key(key)


def test_seeds_beyond_32_bits_are_refused():
    assert seed_range(2**32 - 1, 1).tolist() == [2**32 - 1]
    with pytest.raises(LabError, match=r"seed index must be below 2\^32"):
        seed_range(2**32 - 1, 2)


def test_draw_bits_other_than_32_and_52_are_refused():
    with pytest.raises(LabError, match="draw_bits must be 32 or 52, got 64"):
        rng.words_per_draw(64)


def test_a_random_start_has_a_stream_of_its_own():
    key = Key(5, seed_range(0, 3))
    want = [[(w + 0.5) / 2**32 for w in expected_words(5, seed, Stream.START, 1, 2)] for seed in range(3)]
    assert key.uniforms(2).tolist() == want


@pytest.mark.gpu
@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_words_are_the_same_on_a_gpu(n):
    if not torch.cuda.is_available():
        pytest.fail("torch sees no CUDA device")
    for step in (1, 2, 5, 2**33):
        here = rng.words(11, seed_range(0, 1000), Stream.ORACLE, step, n)
        there = rng.words(11, seed_range(0, 1000, "cuda"), Stream.ORACLE, step, n)
        assert torch.equal(there.cpu(), here)
        for bits, dtype in ((32, torch.float64), (32, torch.float32)):
            assert torch.equal(rng.uniforms(there, bits, dtype).cpu(), rng.uniforms(here, bits, dtype))
