"""Noise: reproducible, bounded, and the same however it is cut."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from livermore.simulator.noise import ease, exponential, key, smooth, uniform

keys = st.integers(0, 1_000).map(lambda n: key("test", n))
indexes = st.integers(-1_000_000, 40_000_000)


@given(keys, st.sampled_from([2, 3, 7, 90, 729, 531_441]), indexes, st.integers(1, 400), st.data())
def test_a_stretch_of_noise_is_the_same_inside_a_longer_one(key_, period, first, count, data):
    offset = data.draw(st.integers(0, count - 1))
    part = data.draw(st.integers(1, count - offset))
    long, short = smooth(key_, period, first, count), smooth(key_, period, first + offset, part)
    assert short.tolist() == long[offset : offset + part].tolist()
    assert uniform(key_, first + offset, part).tolist() == uniform(key_, first, count)[offset : offset + part].tolist()


@given(keys, st.sampled_from([2, 3, 90, 729]), indexes)
def test_smooth_noise_stays_between_0_and_1_and_never_climbs_steeper_than_promised(key_, period, first):
    noise = smooth(key_, period, first, 300)
    assert len(noise) == 300
    assert noise.min() >= 0
    assert noise.max() < 1
    assert np.abs(np.diff(noise)).max() <= 1.5 / period + 1e-12


@given(keys, indexes)
def test_uniform_noise_is_evenly_spread(key_, first):
    counts, _ = np.histogram(uniform(key_, first, 10_000), bins=10, range=(0, 1))
    assert counts.sum() == 10_000
    assert counts.min() > 800
    assert counts.max() < 1_200


def test_noise_of_another_key_is_other_noise():
    one, other = uniform(key(1, "BTC-USD"), 0, 1_000), uniform(key(2, "BTC-USD"), 0, 1_000)
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.1


def test_noise_is_what_it_always_was():
    assert uniform(key(1, "BTC-USD", "jitter"), 29_700_000, 2).tolist() == [0.29406616550751274, 0.7576668461631]
    assert smooth(key(1, "BTC-USD", "tide", 12), 12, 29_700_005, 2).tolist() == [
        0.20711908889267922,
        0.21912618655646682,
    ]


def test_ease_goes_from_0_to_1_by_one_half():
    assert ease(np.array([0.0, 0.5, 1.0])).tolist() == [0.0, 0.5, 1.0]


@given(st.floats(-1.5, 1.5))
def test_the_exponential_is_near_the_true_one(x):
    assert math.isclose(exponential(np.array([x]))[0], math.exp(x), rel_tol=1e-3)
