//! Fits to many subsets of the studies of one meta-analysis.

use std::collections::VecDeque;

use crate::analysis::Fits;
use crate::plan::Plan;
use crate::sensitivity::subsets::{self, Subsets, words};
use crate::studies::{ShapeError, Studies};
use crate::table::struct_of_arrays;

use super::batch::Steps;
use super::needs;
use super::workers::Workers;

struct_of_arrays! {
    /// Fits to subsets.
    pub struct SubsetFits / SubsetFitsView {
        /// Pooled effect, analysis scale.
        pub estimate: f64,
        /// Cochran's Q.
        pub q: f64,
        /// I², percent.
        pub i2: f64,
        /// Between-study variance.
        pub tau2: f64,
        /// Studies that contribute.
        pub k: i64,
        /// Code of [`crate::status::Status`].
        pub status: i64,
    }
}

/// Subsets in a block.
const BLOCK: usize = 1024;

/// Subsets on their way to be fitted.
#[derive(Debug)]
pub struct FitSubsets<'a> {
    subsets: Subsets,
    plan: &'a Plan,
    studies: &'a Studies<'a>,
    next: usize,
    bits: &'a mut [u64],
    out: SubsetFitsView<'a>,
}

/// The subsets of a meta-analysis, as many as `out` has rows; their bits go to `bits`, [`words`] each.
///
/// # Errors
/// [`ShapeError::Kind`] if the measure is not taken from this kind of data.
pub fn fit_subsets<'a>(
    subsets: Subsets,
    plan: &'a Plan,
    studies: &'a Studies<'a>,
    bits: &'a mut [u64],
    out: SubsetFitsView<'a>,
) -> Result<FitSubsets<'a>, ShapeError> {
    needs(plan.data(), plan.measure.name(), studies)?;
    Ok(FitSubsets { subsets, plan, studies, next: 0, bits, out })
}

impl FitSubsets<'_> {
    /// The share of `n` subsets that is fitted.
    #[must_use]
    pub fn share_done(&self, n: usize) -> f64 {
        self.next as f64 / n as f64
    }
}

/// What a thread reuses.
#[derive(Debug, Default)]
struct Scratch {
    fitting: subsets::Scratch,
    fits: Fits,
}

impl Steps for FitSubsets<'_> {
    fn step(&mut self, studies: usize, workers: &Workers) -> bool {
        let (plan, all, which) = (self.plan, self.studies, self.subsets);
        let each = words(all.columns().len());
        let most = studies.div_ceil(all.columns().len().div_ceil(2).max(1));
        let mut jobs = VecDeque::new();
        let mut taken = 0;
        while taken < most && !self.out.estimate.is_empty() {
            let n = BLOCK.min(self.out.estimate.len());
            let (out, rest) = std::mem::take(&mut self.out).split_at(n);
            let (bits, other) = std::mem::take(&mut self.bits).split_at_mut(n * each);
            (self.out, self.bits) = (rest, other);
            jobs.push_back((self.next, bits, out));
            self.next += n;
            taken += n;
        }
        workers.run(workers.share(jobs), |scratch: &mut Scratch, (first, bits, out)| {
            let Scratch { fitting, fits } = scratch;
            if fits.estimate.len() != out.estimate.len() {
                *fits = Fits::new(out.estimate.len());
            }
            let view = fits.view().without_p();
            subsets::fit_subsets(which, plan, all, first, fitting, bits, view);
            take(fits, out);
        });
        !self.out.estimate.is_empty()
    }

    fn is_short(&self) -> bool {
        self.out.estimate.len() <= BLOCK
    }
}

fn take(fits: &Fits, out: SubsetFitsView<'_>) {
    let SubsetFitsView { estimate, q, i2, tau2, k, status } = out;
    for (to, from) in [(estimate, &fits.estimate), (q, &fits.q), (i2, &fits.i2), (tau2, &fits.tau2)]
    {
        to.copy_from_slice(from);
    }
    k.copy_from_slice(&fits.k);
    status.copy_from_slice(&fits.status);
}
