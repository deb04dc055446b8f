//! The models that data are drawn from: studies with effects theta_i about a mean.

use crate::choice::choice;
use crate::measure::Data;
use crate::rng::binomial;
use crate::rng::draw::Draws;
use crate::rng::gamma::chi_square;
use crate::rng::normal;
use crate::rng::source::Source;
use crate::simd::{Lanes, MOST_LANES};
use crate::special::exp;

use super::distribution::Distribution;

/// What of a study is random.
#[derive(Debug, Clone, PartialEq)]
pub enum Model {
    /// Events of two arms.
    TwoByTwo {
        /// Risk of the control arm.
        risk_c: Distribution,
        /// The scale of the effects.
        on: Scale,
        /// People of the experimental arm.
        n_e: Distribution,
        /// People of the control arm; as many as of the other if none.
        n_c: Option<Distribution>,
    },
    /// Means and standard deviations of two arms.
    TwoMeans {
        /// Mean of the control arm.
        mean_c: Distribution,
        /// Standard deviation of people, in both arms.
        sd: Distribution,
        /// People of the experimental arm.
        n_e: Distribution,
        /// People of the control arm; as many as of the other if none.
        n_c: Option<Distribution>,
        /// Whether effects are in units of the standard deviation.
        standardised: bool,
    },
    /// Effects with known variances.
    Normal {
        /// Variance.
        v: Distribution,
    },
}

choice! {
    /// Scale of the effects on events.
    pub enum Scale: "on" {
        /// Log odds ratio.
        Or = "OR",
        /// Log risk ratio.
        Rr = "RR",
        /// Risk difference.
        Rd = "RD",
    }
}

/// How effects of studies are spread about their mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effects {
    /// Their mean, analysis scale.
    pub mean: f64,
    /// Their standard deviation.
    pub tau: f64,
    /// The shape of their distribution.
    pub shape: Shape,
}

/// Distributions of effects, of variance 1 about 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shape {
    /// Normal.
    Normal,
    /// Student's t of so many degrees of freedom, more than 2, divided by its standard deviation.
    StudentT(f64),
    /// Skew-normal of this shape (Azzalini 1985), standardised.
    SkewNormal(f64),
}

impl Effects {
    #[inline(always)]
    fn draw<V: Lanes>(self, source: &mut impl Source<V>) -> V {
        let z = match self.shape {
            Shape::Normal => normal::standard(source),
            shape => source.each(|_, draws| shape.draw_one(draws)),
        };
        z * self.tau + self.mean
    }
}

impl Shape {
    fn draw_one(self, draws: &mut Draws) -> f64 {
        let z: f64 = normal::standard(draws);
        match self {
            Self::Normal => z,
            Self::StudentT(df) => z / (chi_square(df, draws) / (df - 2.0)).sqrt(),
            Self::SkewNormal(shape) => {
                let delta = shape / (1.0 + shape * shape).sqrt();
                let mean = delta * (2.0 / std::f64::consts::PI).sqrt();
                let rest: f64 = normal::standard(draws);
                let skewed = z.abs() * delta + rest * (1.0 - delta * delta).sqrt();
                (skewed - mean) / (1.0 - mean * mean).sqrt()
            }
        }
    }
}

/// The most columns that data have.
pub(super) const COLUMNS: usize = 6;

impl Model {
    /// The kind of data.
    #[must_use]
    pub fn data(&self) -> Data {
        match self {
            Self::TwoByTwo { .. } => Data::TwoByTwo,
            Self::TwoMeans { .. } => Data::TwoMeans,
            Self::Normal { .. } => Data::Effects,
        }
    }

    /// A study in each lane, a number for each column of the data.
    ///
    /// # Formula
    /// The sizes of the arms, the risk (or mean and standard deviation, or variance), the effect, then the experimental
    /// and the control arm, in this order. Events: binomial. Means: N(mean, sd²/n), then sd² chi²_{n-1}/(n - 1).
    #[inline(always)]
    pub(super) fn study<V: Lanes>(
        &self,
        effects: Effects,
        source: &mut impl Source<V>,
    ) -> [V; COLUMNS] {
        let none = V::splat(0.0);
        match self {
            Self::TwoByTwo { risk_c, on, n_e, n_c } => {
                let (n_e, n_c) = sizes(n_e, n_c.as_ref(), source);
                let risk_c = risk_c.draw(source);
                let theta = effects.draw(source);
                let risks = [on.risk(risk_c, theta), risk_c];
                let [e, c] = binomial::events([n_e, n_c], risks, source);
                [e, n_e, c, n_c, none, none]
            }
            Self::TwoMeans { mean_c, sd, n_e, n_c, standardised } => {
                let (n_e, n_c) = sizes(n_e, n_c.as_ref(), source);
                let (mean_c, sd) = (mean_c.draw(source), sd.draw(source));
                let theta = effects.draw(source);
                let mean_e = mean_c + if *standardised { theta * sd } else { theta };
                let [mean_e, sd_e] = arm(mean_e, sd, n_e, source);
                let [mean_c, sd_c] = arm(mean_c, sd, n_c, source);
                [mean_e, sd_e, n_e, mean_c, sd_c, n_c]
            }
            Self::Normal { v } => {
                let v = v.draw(source);
                let theta = effects.draw(source);
                let z: V = normal::standard(source);
                [theta + v.sqrt() * z, v, none, none, none, none]
            }
        }
    }
}

impl Scale {
    /// The risk that an effect makes of the control arm's; cut off where it leads beyond 0 or 1.
    #[inline(always)]
    fn risk<V: Lanes>(self, control: V, theta: V) -> V {
        let (zero, one) = (V::splat(0.0), V::splat(1.0));
        let risk = match self {
            Self::Or => {
                let events = control * exp(theta);
                events / (events + (one - control))
            }
            Self::Rr => control * exp(theta),
            Self::Rd => control + theta,
        };
        zero.max(risk).min(one)
    }
}

#[inline(always)]
fn sizes<V: Lanes>(
    n_e: &Distribution,
    n_c: Option<&Distribution>,
    source: &mut impl Source<V>,
) -> (V, V) {
    let n_e = n_e.draw(source);
    (n_e, n_c.map_or(n_e, |n_c| n_c.draw(source)))
}

/// Mean and standard deviation of an arm, in each lane by itself, as a chi-square variable takes words without end.
#[inline(always)]
fn arm<V: Lanes>(mean: V, sd: V, n: V, source: &mut impl Source<V>) -> [V; 2] {
    let [mut means, mut sds, mut sizes] = [[0.0; MOST_LANES]; 3];
    mean.store(&mut means, 0);
    sd.store(&mut sds, 0);
    n.store(&mut sizes, 0);
    let mean = source.each(|lane, draws| {
        let (sd, n) = (sds[lane], sizes[lane]);
        let mean = means[lane] + sd / n.sqrt() * normal::standard::<f64>(draws);
        sds[lane] = sd * (chi_square(n - 1.0, draws) / (n - 1.0)).sqrt();
        mean
    });
    [mean, V::load(&sds, 0)]
}
