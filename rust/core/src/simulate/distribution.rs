//! What the risks, sizes and variances of studies are drawn from.

use crate::rng::draw::Draws;
use crate::rng::gamma::{self, chi_square};
use crate::rng::normal;
use crate::rng::source::Source;
use crate::simd::Lanes;
use crate::special::exp;

/// A distribution of one number.
#[derive(Debug, Clone, PartialEq)]
pub enum Distribution {
    /// Always the same.
    Fixed(f64),
    /// Uniform between two numbers.
    Uniform {
        /// The lower end.
        low: f64,
        /// The upper end.
        high: f64,
    },
    /// Whole numbers, all equally likely, both ends among them.
    Integers {
        /// The least.
        low: f64,
        /// The greatest; less than 2^52 above it.
        high: f64,
    },
    /// e to the power of a normal variable.
    LogNormal {
        /// Mean of the logarithm.
        mean: f64,
        /// Its standard deviation.
        sd: f64,
    },
    /// Beta.
    Beta {
        /// First shape.
        a: f64,
        /// Second shape.
        b: f64,
    },
    /// Chi-square times a scale, drawn again until it lies between two bounds.
    ChiSquare {
        /// Degrees of freedom.
        df: f64,
        /// The scale.
        scale: f64,
        /// The lower bound.
        low: f64,
        /// The upper bound.
        high: f64,
    },
    /// One of some numbers, all equally likely.
    Choice(Vec<f64>),
    /// A number for each study, from the first again after the last.
    PerStudy(Vec<f64>),
}

/// Attempts at a variable between its bounds; with a share of 1 in 1000 between them all fail once in e^1000 draws.
const ATTEMPTS: usize = 1_000_000;

impl Distribution {
    /// Draws a number in each lane.
    ///
    /// # Words
    /// Fixed numbers and those of studies take none, uniform and log-normal ones one, integers and choices a digit,
    /// beta and chi-square those of [`gamma`].
    #[inline(always)]
    pub(crate) fn draw<V: Lanes>(&self, source: &mut impl Source<V>) -> V {
        match *self {
            Self::Fixed(value) => V::splat(value),
            Self::Uniform { low, high } => source.uniform() * (high - low) + low,
            Self::Integers { low, high } => source.digit((high - low) as u64 + 1) + low,
            Self::Choice(ref values) => {
                source.digit(values.len() as u64).map(|i| values[i as usize])
            }
            Self::PerStudy(ref values) => source
                .study()
                .map(|study| values[(study as usize).saturating_sub(1) % values.len()]),
            // in each lane by itself: their code, in lanes, would be many times all of the rest
            Self::LogNormal { .. } | Self::Beta { .. } | Self::ChiSquare { .. } => {
                source.each(|_, draws| self.draw_one(draws))
            }
        }
    }

    /// Draws a number of those that are not drawn in lanes.
    fn draw_one(&self, draws: &mut Draws) -> f64 {
        match *self {
            Self::LogNormal { mean, sd } => exp(normal::standard::<f64>(draws) * sd + mean),
            Self::Beta { a, b } => beta(a, b, draws),
            Self::ChiSquare { df, scale, low, high } => {
                let mut attempts = std::iter::repeat_with(|| scale * chi_square(df, draws));
                let found = attempts.by_ref().take(ATTEMPTS).find(|x| low <= *x && *x <= high);
                found.unwrap_or(f64::NAN)
            }
            _ => f64::NAN,
        }
    }
}

/// x/(x + y) of gamma variables (Johnson, Kotz & Balakrishnan 1995, ch. 25).
fn beta(a: f64, b: f64, draws: &mut Draws) -> f64 {
    let x = gamma::standard(a, draws);
    let y = gamma::standard(b, draws);
    x / (x + y)
}
