//! Sampling error within studies: each drawn anew about what it observed.

use crate::rng::binomial::Binomial;
use crate::rng::draw::Draws;
use crate::rng::gamma::chi_square;
use crate::rng::normal;
use crate::studies::{Columns, TwoByTwo, TwoMeans};

/// Study `i` anew, one number per column; the words of its stream are taken in this order.
///
/// # Formula
/// Tables: events of the experimental, then of the control arm, binomial with risk (a + h)/(n + 2h). Means: [`arms`].
pub(crate) fn study(columns: &Columns<'_>, h: f64, i: usize, draws: &mut Draws, out: &mut [f64]) {
    match columns {
        Columns::TwoByTwo(TwoByTwo { events_e, n_e, events_c, n_c }) => {
            let arms = [(events_e[i], n_e[i]), (events_c[i], n_c[i])];
            let [a, c] = arms.map(|(events, n)| {
                let risk = (events + h) / (n + 2.0 * h);
                Binomial::new(n, risk).draw(draws)
            });
            out.copy_from_slice(&[a, n_e[i], c, n_c[i]]);
        }
        Columns::TwoMeans(t) => arms(t.mean_e[i], t, i, draws, out),
        Columns::Effects(t) => out.copy_from_slice(&[t.y[i], t.v[i]]),
    }
}

/// Mean ~ N(m, s²/n), then variance ~ s² chi²_{n-1}/(n - 1), of the experimental and then of the control arm. One
/// person's standard deviation stays. `mean_e` is the mean of the experimental arm.
pub(crate) fn arms(mean_e: f64, t: &TwoMeans<'_>, i: usize, draws: &mut Draws, out: &mut [f64]) {
    let mut arm = |mean: f64, sd: f64, n: f64| {
        let mean = mean + sd / n.sqrt() * normal::standard(draws);
        let df = n - 1.0;
        let sd = if df > 0.0 { sd * (chi_square(df, draws) / df).sqrt() } else { sd };
        [mean, sd, n]
    };
    let e = arm(mean_e, t.sd_e[i], t.n_e[i]);
    let c = arm(t.mean_c[i], t.sd_c[i], t.n_c[i]);
    out.copy_from_slice(&[e, c].concat());
}
