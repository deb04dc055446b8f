//! What a pooled analysis says: from estimate, spread and number of studies to every output field.

use crate::heterogeneity::q::CochranQ;
use crate::plan::Plan;
use crate::pool::Estimate;
use crate::pool::interval::{Interval, wald};
use crate::simd::{self, Elementwise, Lanes};
use crate::status::Status;
use crate::table::struct_of_arrays;
use crate::tile::Members;

struct_of_arrays! {
    /// Pooled meta-analyses. Undefined fields are NaN; `status` says why.
    pub struct Fits / FitsView {
        /// Pooled effect, analysis scale.
        pub estimate: f64,
        /// Its standard error.
        pub se: f64,
        /// Lower limit of its interval.
        pub ci_low: f64,
        /// Upper limit of its interval.
        pub ci_high: f64,
        /// Test statistic.
        pub statistic: f64,
        /// Its two-sided P.
        pub p_value: f64,
        /// Cochran's Q.
        pub q: f64,
        /// Its P.
        pub q_p: f64,
        /// I², percent.
        pub i2: f64,
        /// Between-study variance.
        pub tau2: f64,
        /// Degrees of freedom of Q.
        pub q_df: i64,
        /// Studies that contribute.
        pub k: i64,
        /// Code of [`Status`].
        pub status: i64,
        /// Whether the random-effects model was taken.
        pub random: bool,
    }
}

/// What is said of the spread of the effects.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spread<V> {
    pub(super) q: CochranQ<V>,
    pub(super) tau2: V,
    pub(super) i2: V,
    pub(super) h2: V,
}

/// The analyses of a block, pooled; a column per quantity. An estimate or Q that does not exist is not finite.
#[derive(Debug, Default)]
pub(super) struct Pooled {
    pub(super) estimate: Vec<f64>,
    pub(super) se: Vec<f64>,
    pub(super) k: Vec<f64>,
    pub(super) q: Vec<f64>,
    pub(super) df: Vec<f64>,
    pub(super) tau2: Vec<f64>,
    pub(super) i2: Vec<f64>,
    pub(super) h2: Vec<f64>,
}

impl Pooled {
    fn columns(&mut self) -> [&mut Vec<f64>; 8] {
        let Self { estimate, se, k, q, df, tau2, i2, h2 } = self;
        [estimate, se, k, q, df, tau2, i2, h2]
    }

    /// Makes room for `n` analyses.
    pub(super) fn resize(&mut self, n: usize) {
        self.columns().into_iter().for_each(|column| column.resize(n, 0.0));
    }

    /// Number of analyses.
    pub(super) fn n_analyses(&self) -> usize {
        self.estimate.len()
    }

    /// Analysis `i`: its estimate and standard error.
    pub(super) fn found(&self, i: usize) -> Estimate<f64> {
        Estimate { estimate: self.estimate[i], se: self.se[i] }
    }

    /// The Q of analysis `i`.
    pub(super) fn q(&self, i: usize) -> CochranQ<f64> {
        CochranQ { q: self.q[i], df: self.df[i] }
    }

    /// Takes analysis `i` from another block.
    pub(super) fn take(&mut self, i: usize, other: &mut Self) {
        for (own, other) in self.columns().into_iter().zip(other.columns()) {
            own[i] = other[i];
        }
    }

    /// Sets the analyses in the lanes of a tile.
    #[inline(always)]
    pub(super) fn set<V: Lanes>(
        &mut self,
        members: Members<'_>,
        Estimate { estimate, se }: Estimate<V>,
        k: V,
        Spread { q, tau2, i2, h2 }: Spread<V>,
    ) {
        let columns = self.columns().map(Vec::as_mut_slice);
        members.scatter([estimate, se, k, q.q, q.df, tau2, i2, h2], columns);
    }
}

/// Describes a block: [`Pooled`] to [`FitsView`] and, if asked for, H².
pub(super) fn describe(
    plan: &Plan,
    pooled: &Pooled,
    out: &mut FitsView<'_>,
    h2: Option<&mut [f64]>,
) {
    simd::each(pooled.n_analyses(), Describe { plan, pooled, out });
    for (i, h2) in h2.into_iter().flatten().enumerate() {
        *h2 = if out.q[i].is_nan() { f64::NAN } else { pooled.h2[i] };
    }
}

struct Describe<'a, 'b> {
    plan: &'a Plan,
    pooled: &'a Pooled,
    out: &'a mut FitsView<'b>,
}

impl Elementwise for Describe<'_, '_> {
    #[inline(always)]
    fn at<V: Lanes>(&mut self, i: usize) {
        let Self { plan, pooled, out } = self;
        let found = Estimate { estimate: V::load(&pooled.estimate, i), se: V::load(&pooled.se, i) };
        let exists = found.exists();
        let inference = match plan.interval {
            Interval::Wald => wald(found, plan.critical),
        };
        found.estimate.or_nan(exists).store(out.estimate, i);
        found.se.or_nan(exists).store(out.se, i);
        inference.ci_low.or_nan(exists).store(out.ci_low, i);
        inference.ci_high.or_nan(exists).store(out.ci_high, i);
        inference.statistic.or_nan(exists).store(out.statistic, i);
        inference.p_value.or_nan(exists).store(out.p_value, i);
        let q = CochranQ { q: V::load(&pooled.q, i), df: V::load(&pooled.df, i) };
        let spread = exists & q.exists();
        q.q.or_nan(spread).store(out.q, i);
        q.p_value().or_nan(spread).store(out.q_p, i);
        V::load(&pooled.i2, i).or_nan(spread).store(out.i2, i);
        V::load(&pooled.tau2, i).or_nan(spread).store(out.tau2, i);
        let k = V::load(&pooled.k, i);
        k.or_zero(exists).store_whole(out.k, i);
        q.df.or_zero(spread).store_whole(out.q_df, i);
        let mut status = Status::Ok.lanes();
        status = V::select(k.eq(V::splat(1.0)), Status::OneStudy.lanes(), status);
        status = V::select(spread, status, Status::QUndefined.lanes());
        status = V::select(exists, status, Status::NotEstimable.lanes());
        status.store_whole(out.status, i);
    }
}
