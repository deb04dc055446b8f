//! Words of 64 bits side by side.

/// Words that are computed with together.
pub trait Words: Copy {
    /// How many.
    const LANES: usize;

    /// The same word in every lane.
    fn splat(word: u64) -> Self;
    /// The words of a slice from element `i` on.
    fn load(from: &[u64], i: usize) -> Self;
    /// Writes to a slice from element `i` on.
    fn store(self, to: &mut [u64], i: usize);
    /// Bits that differ.
    fn xor(self, other: Self) -> Self;
    /// The high and the low word of the product with a number.
    fn multiply(self, by: u64) -> (Self, Self);
}

impl Words for u64 {
    const LANES: usize = 1;

    #[inline(always)]
    fn splat(word: u64) -> Self {
        word
    }
    #[inline(always)]
    fn load(from: &[u64], i: usize) -> Self {
        from[i]
    }
    #[inline(always)]
    fn store(self, to: &mut [u64], i: usize) {
        to[i] = self;
    }
    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        self ^ other
    }
    #[inline(always)]
    fn multiply(self, by: u64) -> (Self, Self) {
        let product = u128::from(self) * u128::from(by);
        ((product >> 64) as u64, product as u64)
    }
}

/// Two of them, whose chains of operations do not wait for each other.
impl<W: Words> Words for [W; 2] {
    const LANES: usize = 2 * W::LANES;

    #[inline(always)]
    fn splat(word: u64) -> Self {
        [W::splat(word); 2]
    }
    #[inline(always)]
    fn load(from: &[u64], i: usize) -> Self {
        [W::load(from, i), W::load(from, i + W::LANES)]
    }
    #[inline(always)]
    fn store(self, to: &mut [u64], i: usize) {
        self[0].store(to, i);
        self[1].store(to, i + W::LANES);
    }
    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        [self[0].xor(other[0]), self[1].xor(other[1])]
    }
    #[inline(always)]
    fn multiply(self, by: u64) -> (Self, Self) {
        let (first, second) = (self[0].multiply(by), self[1].multiply(by));
        ([first.0, second.0], [first.1, second.1])
    }
}
