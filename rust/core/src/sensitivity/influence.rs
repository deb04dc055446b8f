//! How much each study sways a meta-analysis (Viechtbauer & Cheung 2010; Baujat et al. 2002).

use crate::analysis::{self, Details, DetailsView, Fits, fit_block};
use crate::plan::Plan;
use crate::studies::Studies;
use crate::table::struct_of_arrays;

use super::parts::{self, Part, fit_parts};

struct_of_arrays! {
    /// Influence of every study; NaN for one that does not contribute, and without it where nothing is left.
    pub struct Influences / InfluencesView {
        /// Studentised residual.
        pub rstudent: f64,
        /// Standard deviations by which the mean, at the study, changes without it.
        pub dffits: f64,
        /// Cook's distance.
        pub cook_d: f64,
        /// Variance of the mean without the study over that with it.
        pub cov_ratio: f64,
        /// tau² without it.
        pub tau2_deleted: f64,
        /// Q without it.
        pub q_deleted: f64,
        /// Its share of the weights.
        pub hat: f64,
        /// The same in percent.
        pub weight: f64,
        /// Standard errors by which the mean changes without it.
        pub dfbetas: f64,
        /// Its contribution to heterogeneity.
        pub baujat_x: f64,
        /// Squared standard errors, without it, by which the mean changes.
        pub baujat_y: f64,
        /// Whether any of the rules of thumb calls it influential.
        pub influential: bool,
        /// Code of [`crate::status::Status`] of the fit without it.
        pub status: i64,
    }
}

/// Space for a block of meta-analyses, reused.
#[derive(Debug, Default)]
pub struct Scratch {
    fitting: analysis::Scratch,
    parts: parts::Scratch,
}

/// Influence in meta-analyses `first..first + n`, a row of `out` for each study.
pub fn influence_block(
    plan: &Plan,
    studies: &Studies<'_>,
    first: usize,
    n: usize,
    scratch: &mut Scratch,
    out: &mut InfluencesView<'_>,
) {
    let Scratch { fitting, parts } = scratch;
    let rows = out.hat.len();
    let mut weights = vec![0.0; rows];
    let (mut full, mut details, mut without) = (Fits::new(n), Details::new(n), Fits::new(rows));
    let view = DetailsView { weights: &mut weights, analyses: details.view() };
    fit_block(plan, studies, first, fitting, &mut full.view(), Some(view));
    fit_parts(Part::LeaveOneOut, plan, studies, first, n, parts, without.view());
    let effects = fitting.effects();
    for i in 0..n {
        let fit = Fit { mean: full.estimate[i], se: full.se[i], tau2: full.tau2[i] };
        for row in effects.studies(i) {
            let study = Study { y: effects.y[row], w: effects.w[row], hat: weights[row] / 100.0 };
            let mean = without.estimate[row];
            let deleted = Fit { mean, se: without.se[row], tau2: without.tau2[row] };
            let found = influence(study, fit, deleted, full.k[i] as f64);
            found.write(out, row);
            out.q_deleted[row] = without.q[row];
            out.status[row] = without.status[row];
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Fit {
    mean: f64,
    se: f64,
    tau2: f64,
}

#[derive(Debug, Clone, Copy)]
struct Study {
    y: f64,
    w: f64,
    hat: f64,
}

#[derive(Debug, Clone, Copy)]
struct Influence {
    rstudent: f64,
    dffits: f64,
    cook_d: f64,
    cov_ratio: f64,
    tau2_deleted: f64,
    hat: f64,
    dfbetas: f64,
    baujat: (f64, f64),
    influential: bool,
}

/// # Formula
/// With mu, SE and tau² of all studies, (-i) those without study i, and its share h of the weights:
/// rstudent = (y - mu(-i))/√(v + tau²(-i) + SE²(-i)); dffits = (mu - mu(-i))/√(h (v + tau²(-i)));
/// Cook's D = (mu - mu(-i))²/SE²; cov ratio = SE²(-i)/SE²;
/// dfbetas = (mu - mu(-i))/√(1/Σ 1/(v + tau²(-i))), over all studies.
/// Baujat: x = (y - mu)²/(v + tau²), y = (mu(-i) - mu)²/SE²(-i).
/// Influential (one coefficient): |dffits| above 3/√(k - 1), chi-square cdf of D above ½, h above 3/k, or |dfbetas|
/// above 1.
fn influence(study: Study, fit: Fit, deleted: Fit, k: f64) -> Influence {
    let Study { y, w, hat } = study;
    let v = if w > 0.0 { 1.0 / w } else { f64::NAN };
    let change = fit.mean - deleted.mean;
    let (variance, without) = (fit.se * fit.se, deleted.se * deleted.se);
    let rstudent = (y - deleted.mean) / (v + deleted.tau2 + without).sqrt();
    let dffits = change / (hat * (v + deleted.tau2)).sqrt();
    let contributes = w > 0.0 || hat > 0.0;
    let or_nan = |value: f64| if contributes { value } else { f64::NAN };
    let cook_d = or_nan(change * change / variance);
    // 1/Σ over all studies, from that without it and its own
    let dfbetas = change * (1.0 / without + 1.0 / (v + deleted.tau2)).sqrt();
    let distance = y - fit.mean;
    let influential = dffits.abs() > 3.0 / (k - 1.0).sqrt()
        || cook_d > MEDIAN_CHI_SQUARE
        || hat > 3.0 / k
        || dfbetas.abs() > 1.0;
    Influence {
        rstudent,
        dffits,
        cook_d,
        cov_ratio: or_nan(without / variance),
        tau2_deleted: deleted.tau2,
        hat,
        dfbetas,
        baujat: (distance * distance / (v + fit.tau2), or_nan(change * change / without)),
        influential: influential && contributes,
    }
}

/// The median of chi-square with one degree of freedom.
const MEDIAN_CHI_SQUARE: f64 = 0.454_936_423_119_572_8;

impl Influence {
    fn write(self, out: &mut InfluencesView<'_>, row: usize) {
        out.rstudent[row] = self.rstudent;
        out.dffits[row] = self.dffits;
        out.cook_d[row] = self.cook_d;
        out.cov_ratio[row] = self.cov_ratio;
        out.tau2_deleted[row] = self.tau2_deleted;
        out.hat[row] = self.hat;
        out.weight[row] = 100.0 * self.hat;
        out.dfbetas[row] = self.dfbetas;
        (out.baujat_x[row], out.baujat_y[row]) = self.baujat;
        out.influential[row] = self.influential;
    }
}
