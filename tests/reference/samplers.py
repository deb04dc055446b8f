"""Draws of distributions from the words of a stream, each as its paper has it."""

import math
from collections.abc import Iterator

from scipy import special, stats

from . import philox


class Draws:
    """A stream, read word by word."""

    def __init__(
        self,
        seed: int,
        study: int,
        replicate: int,
        analysis: int = 0,
        purpose: int = philox.BOOTSTRAP,
    ) -> None:
        self._words: Iterator[int] = philox.words(seed, purpose, study, replicate, analysis)
        self._rest, self._taken = 0, 0  # what digits left of a word, product of their bases

    def word(self) -> int:
        """The next word, or what digits left of the last one."""
        word = self._rest if self._taken else next(self._words)
        self._taken = 0
        return word

    def digit(self, base: int) -> int:
        """The first digit of word/2^64 to a base; what is behind it is the next word, as long as
        the product of the bases is no more than 2^12."""
        taken = max(self._taken, 1) * base
        digit, rest = divmod(self.word() * base, philox.WORD)
        if taken <= 2**12:
            self._rest, self._taken = rest, taken
        return digit

    def uniform(self) -> float:
        """The highest 52 bits of a word and a half: never 0 or 1."""
        return ((self.word() >> 12) + 0.5) * 2.0**-52

    def normal(self) -> float:
        """By inversion."""
        return float(special.ndtri(self.uniform()))

    def gamma(self, shape: float) -> float:
        """Marsaglia & Tsang (2000); a shape below 1 by U^(1/shape) of one above."""
        if shape < 1:
            boost = self.uniform() ** (1 / shape)
            return boost * self.gamma(shape + 1)
        d = shape - 1 / 3
        while True:
            x, u = self.normal(), self.uniform()
            v = (1 + x / math.sqrt(9 * d)) ** 3
            if v > 0 and math.log(u) < x * x / 2 + d - d * v + d * math.log(v):
                return d * v

    def chi_square(self, df: float) -> float:
        return 2 * self.gamma(df / 2)

    def binomial(self, n: int, p: float) -> int:
        """By inversion, of the rarer outcome; as the core has it where n min(p, 1 - p) < 100."""
        assert n * min(p, 1 - p) < 100
        u = self.uniform()
        return n - int(stats.binom.ppf(u, n, 1 - p)) if p > 0.5 else int(stats.binom.ppf(u, n, p))

    def signs(self, k: int) -> list[int]:
        """Bit j of the words, 1, is a minus."""
        words = [self.word() for _ in range(0, k, 64)]
        return [-1 if words[j // 64] >> (j % 64) & 1 else 1 for j in range(k)]
