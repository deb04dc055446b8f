//! What a pooled analysis says: from estimate, spread and number of studies to every output field.

use crate::pool::critical::Criticals;
use crate::pool::interval::{Interval, wald_limits};
use crate::simd::{self, Elementwise, Lanes};
use crate::special::{normal, student_t};
use crate::status::Status;
use crate::table::struct_of_arrays;

use super::pooled::{Mean, Pooled, Spread};

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

impl FitsView<'_> {
    /// The same without the columns of P, which take longest and are not computed then.
    #[must_use]
    pub(crate) fn without_p(self) -> Self {
        Self { p_value: &mut [], q_p: &mut [], ..self }
    }

    /// Whether there is room for estimates, standard errors and tau² alone.
    #[must_use]
    pub(crate) fn means_alone(&self) -> bool {
        self.status.is_empty()
    }

    /// Makes row `i` not estimable.
    pub(super) fn forget(&mut self, i: usize) {
        let Self { estimate, se, ci_low, ci_high, statistic, p_value, q, q_p, i2, tau2, .. } = self;
        for column in [estimate, se, ci_low, ci_high, statistic, p_value, q, q_p, i2, tau2] {
            if let Some(value) = column.get_mut(i) {
                *value = f64::NAN; // P may be left out
            }
        }
        (self.k[i], self.q_df[i]) = (0, 0);
        self.status[i] = Status::NotEstimable as i64;
    }
}

/// Describes a block: [`Pooled`] to [`FitsView`].
pub(super) fn describe(
    interval: Interval,
    criticals: &Criticals,
    pooled: &Pooled,
    out: &mut FitsView<'_>,
) {
    simd::each(pooled.n_analyses(), Describe { interval, criticals, pooled, out });
}

struct Describe<'a, 'b> {
    interval: Interval,
    criticals: &'a Criticals,
    pooled: &'a Pooled,
    out: &'a mut FitsView<'b>,
}

impl Elementwise for Describe<'_, '_> {
    #[inline(always)]
    fn at<V: Lanes>(&mut self, i: usize) {
        let Self { interval, criticals, pooled, out } = self;
        let Mean { found, k, df } = pooled.mean::<V>(i);
        let Spread { q, tau2, i2, .. } = pooled.spread::<V>(i);
        let zero = V::splat(0.0);
        let mut exists = found.exists();
        let mut tested = exists;
        if interval.may_vanish() {
            exists = exists | (found.estimate.is_finite() & found.se.eq(zero));
            tested = zero.lt(found.se);
        }
        let statistic = found.estimate / found.se;
        let by_normal = *interval == Interval::Wald;
        let critical = if by_normal { V::splat(criticals.normal()) } else { criticals.t(df) };
        let (ci_low, ci_high) = wald_limits(found, critical);
        found.estimate.or_nan(exists).store(out.estimate, i);
        found.se.or_nan(exists).store(out.se, i);
        ci_low.or_nan(exists).store(out.ci_low, i);
        ci_high.or_nan(exists).store(out.ci_high, i);
        statistic.or_nan(exists & tested).store(out.statistic, i);
        let spread = exists & q.exists();
        q.q.or_nan(spread).store(out.q, i);
        if !out.p_value.is_empty() {
            let p_value = if by_normal {
                normal::two_sided(statistic)
            } else {
                student_t::two_sided(statistic, df)
            };
            p_value.or_nan(exists & tested).store(out.p_value, i);
            q.p_value().or_nan(spread).store(out.q_p, i);
        }
        i2.or_nan(spread).store(out.i2, i);
        tau2.tau2.or_nan(spread).store(out.tau2, i);
        k.or_zero(exists).store_whole(out.k, i);
        q.df.or_zero(spread).store_whole(out.q_df, i);
        let mut status = Status::Ok.lanes();
        status = V::select(k.eq(V::splat(1.0)), Status::OneStudy.lanes(), status);
        status = V::select(spread, status, Status::QUndefined.lanes());
        status = V::select(tested, status, Status::ZeroSpread.lanes());
        status = V::select(exists, status, Status::NotEstimable.lanes());
        status.store_whole(out.status, i);
    }
}
