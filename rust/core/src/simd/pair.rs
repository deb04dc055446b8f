//! Two registers side by side: twice the lanes, and two chains of additions that do not wait for each
//! other.

use std::ops::{Add, BitAnd, BitOr, Div, Mul, Neg, Not, Sub};

use super::{Lanes, Mask, operator};

/// Two of anything.
#[derive(Debug, Clone, Copy)]
pub struct Pair<V>(V, V);

impl<M: Mask> BitAnd for Pair<M> {
    type Output = Self;
    #[inline(always)]
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0, self.1 & other.1)
    }
}

impl<M: Mask> BitOr for Pair<M> {
    type Output = Self;
    #[inline(always)]
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0, self.1 | other.1)
    }
}

impl<M: Mask> Not for Pair<M> {
    type Output = Self;
    #[inline(always)]
    fn not(self) -> Self {
        Self(!self.0, !self.1)
    }
}

impl<M: Mask> Mask for Pair<M> {
    #[inline(always)]
    fn any(self) -> bool {
        (self.0 | self.1).any()
    }
}

operator!([V: Lanes] Pair<V>, Add add (a, b) Self(a.0 + b.0, a.1 + b.1));
operator!([V: Lanes] Pair<V>, Sub sub (a, b) Self(a.0 - b.0, a.1 - b.1));
operator!([V: Lanes] Pair<V>, Mul mul (a, b) Self(a.0 * b.0, a.1 * b.1));
operator!([V: Lanes] Pair<V>, Div div (a, b) Self(a.0 / b.0, a.1 / b.1));

impl<V: Lanes> Neg for Pair<V> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self(-self.0, -self.1)
    }
}

impl<V: Lanes> Lanes for Pair<V> {
    const LANES: usize = 2 * V::LANES;
    type Mask = Pair<V::Mask>;
    type Singles = V::Singles;

    #[inline(always)]
    fn splat(x: f64) -> Self {
        Self(V::splat(x), V::splat(x))
    }
    #[inline(always)]
    fn load(from: &[f64], i: usize) -> Self {
        Self(V::load(from, i), V::load(from, i + V::LANES))
    }
    #[inline(always)]
    fn store(self, to: &mut [f64], i: usize) {
        self.0.store(to, i);
        self.1.store(to, i + V::LANES);
    }
    #[inline(always)]
    fn store_whole(self, to: &mut [i64], i: usize) {
        self.0.store_whole(to, i);
        self.1.store_whole(to, i + V::LANES);
    }
    #[inline(always)]
    fn store_fours([a, b, c, d]: [Self; 4], to: &mut [f64], i: usize) {
        V::store_fours([a.0, b.0, c.0, d.0], to, i);
        V::store_fours([a.1, b.1, c.1, d.1], to, i + V::LANES);
    }
    #[inline(always)]
    fn load_fours(from: &[f64], i: usize) -> [Self; 4] {
        let [a, b, c, d] = V::load_fours(from, i);
        let [e, f, g, h] = V::load_fours(from, i + V::LANES);
        [Self(a, e), Self(b, f), Self(c, g), Self(d, h)]
    }
    #[inline(always)]
    fn scatter_fours([a, b, c, d]: [Self; 4], to: &mut [f64], at: &[usize]) {
        let (first, second) = at.split_at(V::LANES.min(at.len()));
        V::scatter_fours([a.0, b.0, c.0, d.0], to, first);
        V::scatter_fours([a.1, b.1, c.1, d.1], to, second);
    }
    #[inline(always)]
    fn gather_fours(from: &[f64], at: &[usize]) -> [Self; 4] {
        let (first, second) = at.split_at(V::LANES.min(at.len()));
        let [a, b, c, d] = V::gather_fours(from, first);
        let [e, f, g, h] = V::gather_fours(from, second);
        [Self(a, e), Self(b, f), Self(c, g), Self(d, h)]
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        Self(self.0.sqrt(), self.1.sqrt())
    }
    #[inline(always)]
    fn abs(self) -> Self {
        Self(self.0.abs(), self.1.abs())
    }
    #[inline(always)]
    fn lt(self, other: Self) -> Self::Mask {
        Pair(self.0.lt(other.0), self.1.lt(other.1))
    }
    #[inline(always)]
    fn le(self, other: Self) -> Self::Mask {
        Pair(self.0.le(other.0), self.1.le(other.1))
    }
    #[inline(always)]
    fn eq(self, other: Self) -> Self::Mask {
        Pair(self.0.eq(other.0), self.1.eq(other.1))
    }
    #[inline(always)]
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self {
        Self(V::select(mask.0, yes.0, no.0), V::select(mask.1, yes.1, no.1))
    }
    #[inline(always)]
    fn or_zero(self, mask: Self::Mask) -> Self {
        Self(self.0.or_zero(mask.0), self.1.or_zero(mask.1))
    }
    #[inline(always)]
    fn map(self, f: impl Fn(f64) -> f64) -> Self {
        Self(self.0.map(&f), self.1.map(&f))
    }
    #[inline(always)]
    fn exponent(self) -> Self {
        Self(self.0.exponent(), self.1.exponent())
    }
    #[inline(always)]
    fn significand(self) -> Self {
        Self(self.0.significand(), self.1.significand())
    }
    #[inline(always)]
    fn scaled_to(self, other: Self) -> (Self, Self) {
        let (first, second) = (self.0.scaled_to(other.0), self.1.scaled_to(other.1));
        (Self(first.0, second.0), Self(first.1, second.1))
    }
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        Self(self.0.min(other.0), self.1.min(other.1))
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        Self(self.0.max(other.0), self.1.max(other.1))
    }
    #[inline(always)]
    fn exp2_whole(self) -> Self {
        Self(self.0.exp2_whole(), self.1.exp2_whole())
    }
    #[inline(always)]
    fn within_unit(words: &[u64], i: usize) -> Self {
        Self(V::within_unit(words, i), V::within_unit(words, i + V::LANES))
    }
}
