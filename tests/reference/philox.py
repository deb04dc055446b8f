"""Philox4x64-10, the generator by counter of Salmon et al. (2011), in plain integers."""

import math
from collections.abc import Iterator, Sequence
from itertools import count, islice

BOOTSTRAP, PERMUTATION, SIMULATION = 1, 2, 3
STREAM_VERSION = 1
ROUNDS = 10
WORD = 2**64
MULTIPLIERS = 0xD2E7470EE14C6C93, 0xCA5A826395121157
WEYL = 0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B  # golden ratio, sqrt(3) - 1


def philox(counter: Sequence[int], key: Sequence[int]) -> list[int]:
    """The four words of a counter of four words and a key of two (Salmon et al. 2011)."""
    x0, x1, x2, x3 = counter
    k0, k1 = key
    for _ in range(ROUNDS):
        high0, low0 = divmod(MULTIPLIERS[0] * x0, WORD)
        high1, low1 = divmod(MULTIPLIERS[1] * x2, WORD)
        x0, x1, x2, x3 = high1 ^ x1 ^ k0, low1, high0 ^ x3 ^ k1, low0
        k0, k1 = (k0 + WEYL[0]) % WORD, (k1 + WEYL[1]) % WORD
    return [x0, x1, x2, x3]


def block(seed: int, purpose: int, b: int, study: int, replicate: int, analysis: int) -> list[int]:
    """Block b of a stream: what numpy.random.Philox gives first from the counter [b, study,
    replicate, analysis], to which it adds 1 before it generates."""
    key = seed, purpose + 2**32 * STREAM_VERSION
    return philox((b + 1, study, replicate, analysis), key)


def words(seed: int, purpose: int, study: int, replicate: int, analysis: int) -> Iterator[int]:
    """The words of a stream, block after block."""
    for b in count():
        yield from block(seed, purpose, b, study, replicate, analysis)


def per_word(k: int) -> int:
    """How many indices below k a word gives: the most m with k^m <= 2^32, 32 if k = 1."""
    if not 1 <= k <= 2**32:
        raise ValueError(k)
    return max(m for m in range(1, 33) if k**m <= 2**32)


def split(word: int, k: int) -> list[int]:
    """The digits of word/2^64 to base k, the first ones: i = hi(word k), word = lo(word k)."""
    found = []
    for _ in range(per_word(k)):
        i, word = divmod(word * k, WORD)
        found.append(i)
    return found


def indices(
    k: int, seed: int, purpose: int, study: int, replicate: int, analysis: int, n: int
) -> list[int]:
    """n draws below k; what the last word gives beyond them is thrown away."""
    needed = islice(words(seed, purpose, study, replicate, analysis), math.ceil(n / per_word(k)))
    return [i for word in needed for i in split(word, k)][:n]
