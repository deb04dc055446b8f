//! The binomial distribution.

use super::binomial_squeeze;
use super::btpe::Btpe;
use super::draw::Draws;
use super::source::Source;
use crate::simd::{Lanes, MOST_LANES, Mask};
use crate::special::{exp, ln_1p};

/// The number of events among n trials of probability p, to be drawn any number of times.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Binomial {
    n: f64,
    /// The likelier outcome is the event, and the other is counted.
    mirrored: bool,
    method: Method,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Method {
    Undefined,
    Inversion(Inversion<f64>),
    Rejection(Btpe),
}

/// Here inversion, whose work grows with the mean, gives way to rejection.
const REJECTION: f64 = 100.0;
/// Beyond, not every whole number is a double.
const MOST_TRIALS: f64 = 9_007_199_254_740_992.0; // 2^53

impl Binomial {
    /// Of `n` trials, a whole number up to 2^53, each with probability `p` in [0, 1]; all draws are NaN if
    /// either is not.
    ///
    /// # Formula
    /// With r = min(p, 1 - p): if nr < 100, inversion of the distribution function from 0 (BINV); else
    /// rejection (BTPE), both of Kachitvichyanukul & Schmeiser (1988). If p > ½ (where 1 - p is exact) n
    /// less a draw with r.
    ///
    /// # Example
    /// ```
    /// use metapool_core::rng::binomial::Binomial;
    /// use metapool_core::rng::{draw::Draws, philox::{Purpose, Streams}};
    /// let mut draws = Draws::new(Streams::new(7, Purpose::Bootstrap).stream(1, 0, 0));
    /// let events = Binomial::new(200.0, 0.1).draw(&mut draws);
    /// assert!((0.0..=200.0).contains(&events) && events.fract() == 0.0);
    /// ```
    #[must_use]
    pub fn new(n: f64, p: f64) -> Self {
        let mirrored = p > 0.5;
        let r = if mirrored { 1.0 - p } else { p };
        let defined =
            (0.0..=MOST_TRIALS).contains(&n) && n.floor() == n && (0.0..=0.5).contains(&r);
        let method = if !defined {
            Method::Undefined
        } else if n * r < REJECTION {
            Method::Inversion(Inversion::new(n, r))
        } else {
            Method::Rejection(Btpe::new(n, r))
        };
        Self { n, mirrored, method }
    }

    /// Draws a number of events.
    ///
    /// # Formula
    /// That of [`Binomial::new`], with its source.
    ///
    /// # Words
    /// Inversion takes one. Rejection takes two for each attempt until one is accepted: u, which chooses
    /// the part of the hat, then v.
    ///
    /// # Example
    /// ```
    /// use metapool_core::rng::binomial::Binomial;
    /// use metapool_core::rng::{draw::Draws, philox::{Purpose, Streams}};
    /// let mut draws = Draws::new(Streams::new(7, Purpose::Bootstrap).stream(1, 0, 0));
    /// let arm = Binomial::new(50.0, 0.4);
    /// let mean = (0..1000).map(|_| arm.draw(&mut draws)).sum::<f64>() / 1000.0;
    /// assert!((mean - 20.0).abs() < 0.6);
    /// ```
    pub fn draw(&self, draws: &mut Draws) -> f64 {
        let counted = match &self.method {
            Method::Undefined => return f64::NAN,
            Method::Inversion(inversion) => inversion.at(draws.uniform()),
            Method::Rejection(btpe) => btpe.draw(draws),
        };
        if self.mirrored { self.n - counted } else { counted }
    }
}

/// Draws of two arms of n trials, a whole number up to 2^53, with probability 0 <= p <= 1, each lane from its own
/// stream: the same as [`Binomial::draw`] for one arm, then for the other.
///
/// # Example
/// ```
/// use metapool_core::rng::binomial::{self, Binomial};
/// use metapool_core::rng::{draw::Draws, philox::{Purpose, Streams}};
/// let mut draws = Draws::new(Streams::new(7, Purpose::Simulation).stream(1, 0, 0));
/// let mut one_by_one = draws.clone();
/// let expected = [(50.0, 0.4), (60.0, 0.9)].map(|(n, p)| Binomial::new(n, p).draw(&mut one_by_one));
/// assert_eq!(binomial::events([50.0, 60.0], [0.4, 0.9], &mut draws), expected);
/// ```
#[inline(always)]
pub fn events<V: Lanes>(n: [V; 2], p: [V; 2], source: &mut impl Source<V>) -> [V; 2] {
    // loops, since closures of lanes are not inlined in a kernel
    let mut r = p;
    let mut rejects = false;
    for arm in 0..2 {
        r[arm] = V::select(V::splat(0.5).lt(p[arm]), V::splat(1.0) - p[arm], p[arm]);
        rejects |= V::splat(REJECTION).le(n[arm] * r[arm]).any();
    }
    if rejects {
        return one_by_one(n, p, source);
    }
    let mut counted = [source.uniform(), source.uniform()];
    if let Some(found) = binomial_squeeze::quantiles(n, r, counted) {
        counted = found;
    } else {
        for arm in 0..2 {
            counted[arm] = Inversion::new(n[arm], r[arm]).at(counted[arm]);
        }
    }
    for arm in 0..2 {
        let mirrored = V::splat(0.5).lt(p[arm]);
        counted[arm] = V::select(mirrored, n[arm] - counted[arm], counted[arm]);
    }
    counted
}

/// Each lane by itself, as rejection does not say how many words it takes.
#[inline(always)]
fn one_by_one<V: Lanes>(n: [V; 2], p: [V; 2], source: &mut impl Source<V>) -> [V; 2] {
    let mut events = n;
    for (events, p) in events.iter_mut().zip(p) {
        let [mut ns, mut ps] = [[0.0; MOST_LANES]; 2];
        events.store(&mut ns, 0);
        p.store(&mut ps, 0);
        *events = source.each(|lane, draws| Binomial::new(ns[lane], ps[lane]).draw(draws));
    }
    events
}

/// The quantile function, by a walk from 0.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Inversion<V> {
    n: V,
    odds: V,
    /// P(0), more than 2^-200 since nr < 100.
    none: V,
}

impl<V: Lanes> Inversion<V> {
    /// Steps of a walk between two looks at where it is.
    const STRIDE: usize = 4;

    #[inline(always)]
    fn new(n: V, r: V) -> Self {
        Self { n, odds: r / (V::splat(1.0) - r), none: exp(n * ln_1p(-r)) }
    }

    /// The least k with u <= P(0) + … + P(k). P(k + 1)/P(k) = odds (n - k)/(k + 1) = odds (n + 1)/(k + 1) - odds.
    #[inline(always)]
    fn at(&self, u: V) -> V {
        let Self { n, odds, none } = *self;
        let most = (n + 1.0) * odds;
        let (mut k, mut term, mut sum) = (V::splat(0.0), none, none);
        let mut step = 0;
        loop {
            let before = sum;
            for _ in 0..Self::STRIDE {
                k = k + V::splat(1.0).or_zero(sum.lt(u));
                step += 1;
                term = term * (most * reciprocal(step) - odds);
                sum = sum + term;
            }
            // rounding may leave the whole sum below u: the walk ends where terms change nothing
            let moves = sum.lt(u) & before.lt(sum);
            if !moves.any() {
                return k.min(n);
            }
            sum = V::select(moves, sum, V::splat(f64::INFINITY));
        }
    }
}

/// 1/step.
#[inline(always)]
fn reciprocal(step: usize) -> f64 {
    RECIPROCALS.get(step).copied().unwrap_or(1.0 / step as f64)
}

/// 1/i of the steps that are likely, since a division takes longer than a step.
const RECIPROCALS: [f64; 256] = {
    let mut table = [0.0; 256];
    let mut i = 1;
    while i < table.len() {
        table[i] = 1.0 / i as f64;
        i += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::philox::{Purpose, Streams};
    use crate::simd::{self, Kernel, Pair, Path, Register};

    fn draws() -> Draws {
        Draws::new(Streams::new(3, Purpose::Bootstrap).stream(0, 0, 0))
    }

    #[test]
    fn certain_outcomes() {
        for n in [0.0, 1.0, 7.0, 1e9, MOST_TRIALS] {
            for (p, expected) in [(0.0, 0.0), (1e-300, 0.0), (5e-324, 0.0), (1.0, n)] {
                assert_eq!(Binomial::new(n, p).draw(&mut draws()), expected);
            }
        }
        assert_eq!(Binomial::new(0.0, 0.5).draw(&mut draws()), 0.0);
    }

    #[test]
    fn what_is_undefined_is_nan() {
        let (nan, infinity) = (f64::NAN, f64::INFINITY);
        for (n, p) in [(-1.0, 0.5), (1.5, 0.5), (nan, 0.5), (infinity, 0.5), (2e16, 0.5)] {
            assert!(Binomial::new(n, p).draw(&mut draws()).is_nan());
        }
        for p in [-1e-300, 1.0 + f64::EPSILON, nan, infinity, -infinity] {
            assert!(Binomial::new(10.0, p).draw(&mut draws()).is_nan());
        }
    }

    #[test]
    fn always_a_whole_number_among_the_trials() {
        let mut draws = draws();
        for exponent in 0..=53 {
            for n in [2.0_f64.powi(exponent), 2.0_f64.powi(exponent) - 1.0] {
                for p in [1e-17, 1e-9, 0.01, 9.99 / n, 10.0 / n, 10.01 / n, 0.5, 1.0 - 1e-9] {
                    let p = p.min(1.0);
                    let events = Binomial::new(n, p).draw(&mut draws);
                    assert!((0.0..=n).contains(&events) && events.floor() == events, "{n} {p}");
                }
            }
        }
    }

    #[test]
    fn the_last_uniform_ends_in_the_tail() {
        let last = 1.0 - 0.5 * f64::EPSILON;
        assert_eq!(Inversion::new(1.0, 0.5).at(last), 1.0);
        assert_eq!(Inversion::new(MOST_TRIALS, 1e-300).at(last), 0.0);
        for (n, r) in [(19.0, 0.5), (1e3, 9.9e-3), (1e9, 9.9e-9), (MOST_TRIALS, 1.1e-15)] {
            let k = Inversion::new(n, r).at(last);
            assert!(k <= n && k < 60.0, "n {n}, r {r}, k {k}");
        }
    }

    struct Both([f64; MOST_LANES], [f64; MOST_LANES], [f64; MOST_LANES]);

    impl Kernel for Both {
        type Output = (Option<[f64; MOST_LANES]>, [f64; MOST_LANES]);

        fn run<V: Register>(self) -> Self::Output {
            let [n, r, u] = [self.0, self.1, self.2].map(|lanes| Pair::<V>::load(&lanes, 0));
            let (mut found, mut exact) = ([0.0; MOST_LANES], [0.0; MOST_LANES]);
            Inversion::new(n, r).at(u).store(&mut exact, 0);
            let squeezed =
                binomial_squeeze::quantiles([n; 2], [r; 2], [u; 2]).map(|[one, other]| {
                    assert!(!(!one.eq(other)).any());
                    one.store(&mut found, 0);
                    found
                });
            (squeezed, exact)
        }
    }

    #[test]
    fn single_precision_is_sure_of_what_is_right_alone() {
        let mut draws = draws();
        let (mut sure, mut sure_near) = (0, [0; 9]);
        for trial in 0..4000 {
            let n = [1.0, 2.0, 20.0, 150.0, 4000.0, 1e6, 16_777_215.0][trial % 7];
            let r = (0.5 * draws.uniform()).min(99.0 / n);
            simd::use_path([Path::Baseline, Path::Avx2][trial % 2]);
            let both = |u| match simd::run(Both([n; MOST_LANES], [r; MOST_LANES], u)) {
                (Some(found), exact) => {
                    assert_eq!(found, exact, "n {n}, r {r}, u {u:?}");
                    1
                }
                _ => 0,
            };
            let walk = Inversion::new(n, r);
            let (mut term, mut sum) = (walk.none, walk.none);
            for k in 1..=draws.digit(60).min(n as u64) {
                term *= walk.odds * (n + 1.0 - k as f64) / k as f64;
                sum += term;
            }
            for (decimals, sure) in (1..).zip(&mut sure_near) {
                let off = 0.1_f64.powi(decimals);
                for u in [sum * (1.0 + off), sum * (1.0 - off)] {
                    *sure += if 1e-16 < u && u < 1.0 { both([u; MOST_LANES]) } else { 0 };
                }
            }
            sure += both(std::array::from_fn(|_| draws.uniform()));
        }
        assert!(sure > 3800, "sure of {sure} of 4000");
        // a tenth away it is often sure, at 1e-6, two units of roundoff per step, it cannot be
        assert!(sure_near[0] > 1000 && sure_near[5..] == [0; 4], "sure of {sure_near:?}");
    }

    #[test]
    fn the_likelier_event_mirrors_the_other() {
        for n in [9.0, 1e6] {
            let (rare, likely) = (Binomial::new(n, 0.25), Binomial::new(n, 0.75));
            assert_eq!(likely.draw(&mut draws()), n - rare.draw(&mut draws()));
        }
    }

    #[test]
    fn takes_the_words_it_says() {
        let (mut used, mut counted) = (draws(), draws());
        let _ = Binomial::new(19.0, 0.5).draw(&mut used);
        counted.word();
        assert_eq!(used.word(), counted.word());
        let _ = Binomial::new(1e6, 0.5).draw(&mut used);
        assert!((0..100).any(|_| {
            let _ = (counted.word(), counted.word());
            used.clone().word() == counted.clone().word()
        }));
    }
}
