//! Data of a fitted model: theta_i ~ N(mu, tau²), and studies of the sizes that were observed.

use crate::measure::Measure;
use crate::rng::binomial::Binomial;
use crate::rng::draw::Draws;
use crate::rng::normal;
use crate::studies::{Columns, Effects, TwoByTwo, TwoMeans};

use super::within;

/// The model that data are drawn from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Model {
    pub(crate) measure: Measure,
    /// Mean effect, analysis scale.
    pub(crate) mu: f64,
    /// Between-study variance.
    pub(crate) tau2: f64,
}

impl Model {
    /// Study `i` anew, one number per column; the words of its stream are taken in this order.
    ///
    /// # Formula
    /// Effects: y* ~ N(mu, v + tau²). Otherwise theta ~ N(mu, tau²) first. Tables: [`risks`], then the events of
    /// both arms, binomial. Means: [`experimental_mean`], then both arms as [`within`] their study.
    pub(crate) fn study(
        &self,
        columns: &Columns<'_>,
        i: usize,
        draws: &mut Draws,
        out: &mut [f64],
    ) {
        let Self { mu, tau2, measure } = *self;
        if let Columns::Effects(Effects { y: _, v }) = columns {
            let y = mu + (v[i] + tau2).sqrt() * normal::standard(draws);
            out.copy_from_slice(&[y, v[i]]);
            return;
        }
        let theta = mu + tau2.sqrt() * normal::standard(draws);
        match *columns {
            Columns::TwoByTwo(TwoByTwo { n_e, events_c, n_c, .. }) => {
                let [e, c] = risks(measure, theta, (events_c[i] + 0.5) / (n_c[i] + 1.0));
                let events = [(n_e[i], e), (n_c[i], c)];
                let [a, c] = events.map(|(n, risk)| Binomial::new(n, risk).draw(draws));
                out.copy_from_slice(&[a, n_e[i], c, n_c[i]]);
            }
            Columns::TwoMeans(t) => {
                let mean_e = experimental_mean(measure, theta, &t, i);
                within::arms(mean_e, &t, i, draws, out);
            }
            Columns::Effects(_) => {}
        }
    }
}

/// Risks of both arms with effect `theta`, from that of the control arm; cut off where the effect leads beyond
/// 0 or 1.
fn risks(measure: Measure, theta: f64, control: f64) -> [f64; 2] {
    let experimental = match measure {
        Measure::Rr => control * libm::exp(theta),
        Measure::Rd => control + theta,
        Measure::As => {
            let angle = libm::asin(control.sqrt()) + theta;
            libm::sin(angle.clamp(0.0, std::f64::consts::FRAC_PI_2)).powi(2)
        }
        // odds ratios
        _ => {
            let odds = control / (1.0 - control) * libm::exp(theta);
            if odds == f64::INFINITY { 1.0 } else { odds / (1.0 + odds) }
        }
    };
    [experimental.clamp(0.0, 1.0), control]
}

/// The mean of the experimental arm with effect `theta`, from the control arm's: + theta, for the SMD in units of
/// the pooled standard deviation; ROM: times e^theta.
fn experimental_mean(measure: Measure, theta: f64, t: &TwoMeans<'_>, i: usize) -> f64 {
    let control = t.mean_c[i];
    match measure {
        Measure::Rom => control * libm::exp(theta),
        Measure::Smd => {
            let (e, c) = (t.n_e[i] - 1.0, t.n_c[i] - 1.0);
            let squares = e * t.sd_e[i] * t.sd_e[i] + c * t.sd_c[i] * t.sd_c[i];
            control + theta * (squares / (e + c)).sqrt()
        }
        _ => control + theta,
    }
}
