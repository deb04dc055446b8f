//! Quantiles of a bootstrap distribution, exact and without sorting it.

use crate::simd::{self, Kernel, Mask, Register};

/// Values in any order, of which some may lie infinitely far below or above the rest.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Distribution<'a> {
    /// Those that are defined; others are NaN and ignored.
    pub(crate) values: &'a [f64],
    /// How many are defined.
    pub(crate) defined: usize,
    /// How many more are -inf.
    pub(crate) below: usize,
    /// How many more are +inf.
    pub(crate) above: usize,
}

impl Distribution<'_> {
    /// How many values there are.
    pub(crate) fn len(&self) -> usize {
        self.below + self.defined + self.above
    }

    /// Quantiles of rising levels that are near each other, interpolated between neighbours in order (Hyndman &
    /// Fan 1996, type 7).
    pub(crate) fn quantiles<const N: usize>(&self, levels: [f64; N]) -> [f64; N] {
        let last = self.len().saturating_sub(1);
        let place = |level: f64| {
            let place = last as f64 * level.clamp(0.0, 1.0);
            (place.floor() as usize, place - place.floor())
        };
        let mut ranks: Vec<usize> = levels.iter().map(|&level| place(level).0).collect();
        ranks.extend(levels.iter().map(|&level| (place(level).0 + 1).min(last)));
        ranks.sort_unstable();
        ranks.dedup();
        let found = self.order_statistics(&ranks);
        let at = |rank: usize| ranks.binary_search(&rank).map_or(f64::NAN, |i| found[i]);
        levels.map(|level| {
            let (rank, share) = place(level);
            let (low, high) = (at(rank), at((rank + 1).min(last)));
            if share == 0.0 || low == high { low } else { (1.0 - share) * low + share * high }
        })
    }

    /// The values of some ranks, which rise, in order.
    fn order_statistics(&self, ranks: &[usize]) -> Vec<f64> {
        let Self { below, defined, .. } = *self;
        let is_inside = |rank: &usize| (below..below + defined).contains(rank);
        let inside: Vec<usize> =
            ranks.iter().filter(|rank| is_inside(rank)).map(|rank| rank - below).collect();
        let mut found = select(self.values, defined, &inside).into_iter();
        let value = |rank: &usize| match rank {
            rank if *rank < below => f64::NEG_INFINITY,
            rank if is_inside(rank) => found.next().unwrap_or(f64::NAN),
            _ => f64::INFINITY,
        };
        ranks.iter().map(value).collect()
    }
}

/// Values in a sample from which brackets are taken; fewer are sorted themselves.
const SAMPLE: usize = 2048;

/// The values of some ranks, which rise, among the `n` that are not NaN.
///
/// # Formula
/// Floyd & Rivest (1975): a sample gives two values between which the ranks almost certainly lie; only what is
/// between them is looked at more closely. If they do not, the bracket is made wider.
fn select(values: &[f64], n: usize, ranks: &[usize]) -> Vec<f64> {
    let (Some(&first), Some(&last)) = (ranks.first(), ranks.last()) else { return Vec::new() };
    if values.len() <= 2 * SAMPLE {
        let mut sorted: Vec<f64> = values.iter().copied().filter(|x| !x.is_nan()).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        return ranks.iter().map(|&rank| sorted[rank]).collect();
    }
    let sample = (0..SAMPLE).map(|i| values[i * (values.len() / SAMPLE)]);
    let mut sample: Vec<f64> = sample.filter(|x| !x.is_nan()).collect();
    let size = sample.len() as f64;
    let mut margin = 4.0;
    loop {
        // where a rank of all values lies in the sample, give or take some standard deviations
        let bound = |rank: usize, sign: f64| {
            let share = rank as f64 / n as f64;
            let deviation = (size * share * (1.0 - share)).sqrt() + 1.0;
            size * share + sign * margin * deviation
        };
        let (low, high) = (bound(first, -1.0), bound(last, 1.0));
        let mut of_sample = |place: f64, beyond: f64| {
            if place < 0.0 || place >= size {
                return beyond;
            }
            *sample.select_nth_unstable_by(place as usize, f64::total_cmp).1
        };
        let (low, high) = (of_sample(low, f64::NEG_INFINITY), of_sample(high, f64::INFINITY));
        let mut between = simd::run(Classify { values, low, high });
        if let Some(found) = between.order_statistics(ranks) {
            return found;
        }
        margin *= 2.0;
    }
}

/// How values lie about two others.
#[derive(Debug, Default)]
struct Between {
    low: f64,
    high: f64,
    below: f64,
    at_low: f64,
    inside: Vec<f64>,
    at_high: f64,
}

impl Between {
    /// The values of ranks, if all lie between the two.
    fn order_statistics(&mut self, ranks: &[usize]) -> Option<Vec<f64>> {
        let Self { low, high, below, at_low, inside, at_high } = self;
        let (start, end) = (*below as usize, (*below + *at_low) as usize);
        let (mut sorted, mut found) = (0, Vec::new());
        for &rank in ranks {
            let value = if rank < start {
                return None;
            } else if rank < end {
                *low
            } else if rank - end < inside.len() {
                let place = rank - end - sorted;
                let (_, &mut value, _) =
                    inside[sorted..].select_nth_unstable_by(place, f64::total_cmp);
                sorted += place;
                value
            } else if ((rank - end - inside.len()) as f64) < *at_high {
                *high
            } else {
                return None;
            };
            found.push(value);
        }
        Some(found)
    }
}

struct Classify<'a> {
    values: &'a [f64],
    low: f64,
    high: f64,
}

impl Kernel for Classify<'_> {
    type Output = Between;

    #[inline(always)]
    fn run<V: Register>(self) -> Between {
        let Self { values, low, high } = self;
        let (least, most, one) = (V::splat(low), V::splat(high), V::splat(1.0));
        let mut below = V::splat(0.0);
        let mut found = Between { low, high, ..Between::default() };
        let mut look = |x: f64| {
            if low < x && x < high {
                found.inside.push(x);
            } else if x == low {
                found.at_low += 1.0;
            } else if x == high {
                found.at_high += 1.0;
            }
        };
        let chunks = values.chunks_exact(V::LANES);
        let rest = chunks.remainder();
        for chunk in chunks {
            let x = V::load(chunk, 0);
            below = below + one.or_zero(x.lt(least));
            if (least.le(x) & x.le(most)).any() {
                chunk.iter().for_each(|&x| look(x));
            }
        }
        rest.iter().for_each(|&x| look(x));
        let mut lanes = [0.0; simd::MOST_LANES];
        below.store(&mut lanes, 0);
        found.below = lanes.iter().sum::<f64>() + rest.iter().filter(|&&x| x < low).count() as f64;
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sorted(values: &[f64], below: usize, above: usize) -> Vec<f64> {
        let mut all = vec![f64::NEG_INFINITY; below];
        all.extend(values.iter().filter(|x| !x.is_nan()));
        all.extend(vec![f64::INFINITY; above]);
        all.sort_unstable_by(f64::total_cmp);
        all
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn ranks_are_those_of_the_sorted_values(
            seed in any::<u64>(), n in 1_usize..20_000, kinds in 1_u64..40, nan in 0_u64..5,
            (below, above) in (0_usize..3, 0_usize..3),
        ) {
            // few kinds of values make ties, many none
            let mut state = seed;
            let values: Vec<f64> = (0..n).map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let x = state >> 33;
                if nan > 0 && x % 11 < nan { f64::NAN }
                else if kinds > 20 { x as f64 } else { (x % kinds) as f64 }
            }).collect();
            let defined = values.iter().filter(|x| !x.is_nan()).count();
            prop_assume!(defined > 0);
            let distribution = Distribution { values: &values, defined, below, above };
            let all = sorted(&values, below, above);
            for rank in [0, 1, all.len() / 40, all.len() / 2, all.len() - 1] {
                let rank = rank.min(all.len() - 1);
                let next = (rank + 1).min(all.len() - 1);
                let ranks = if next > rank { vec![rank, next] } else { vec![rank] };
                let expected: Vec<f64> = ranks.iter().map(|&rank| all[rank]).collect();
                prop_assert_eq!(distribution.order_statistics(&ranks), expected);
            }
        }
    }
}
