//! Critical values of a two-sided confidence level.

use std::cell::{Cell, RefCell};

use crate::simd::{Lanes, MOST_LANES, Mask};
use crate::special::{chi_square_upper_quantile, normal, t_critical};

/// The normal quantile of a two-sided confidence level, 0 < level < 1.
#[must_use]
pub fn normal_critical(level: f64) -> f64 {
    normal::upper_quantile(0.5 * (1.0 - level))
}

/// Critical values of one level: the normal one, and t quantiles by whole degrees of freedom; also medians
/// of chi-square. Each is computed once.
#[derive(Debug, Default)]
pub(crate) struct Criticals {
    level: f64,
    normal: f64,
    kept: RefCell<Vec<f64>>,
    medians: RefCell<Vec<f64>>,
    /// The last degrees of freedom that were the same in all lanes, and their quantile.
    last: Cell<Option<(f64, f64)>>,
}

impl Criticals {
    /// Degrees of freedom below this are kept.
    const KEPT: f64 = 256.0;

    /// Of a level.
    pub(crate) fn of(level: f64) -> Self {
        Self { level, normal: normal_critical(level), ..Self::default() }
    }

    /// Takes a level and its normal quantile.
    pub(crate) fn set_level(&mut self, level: f64, normal: f64) {
        if self.level != level {
            (self.level, self.normal) = (level, normal);
            self.kept.get_mut().clear();
            self.last.set(None);
        }
    }

    /// The normal quantile.
    pub(crate) fn normal(&self) -> f64 {
        self.normal
    }

    /// The t quantiles; the normal one for infinite degrees of freedom.
    #[inline(always)]
    pub(crate) fn t<V: Lanes>(&self, df: V) -> V {
        let mut lanes = [0.0; MOST_LANES];
        df.store(&mut lanes, 0);
        let first = V::splat(lanes[0]);
        if (!df.eq(first)).any() {
            return df.map(|df| self.one(df));
        }
        if let Some((df, t)) = self.last.get()
            && df == lanes[0]
        {
            return V::splat(t);
        }
        let t = self.one(lanes[0]);
        self.last.set(Some((lanes[0], t)));
        V::splat(t)
    }

    fn one(&self, df: f64) -> f64 {
        if df == f64::INFINITY {
            return self.normal;
        }
        if df.is_nan() || df <= 0.0 {
            return f64::NAN;
        }
        Self::keep(&self.kept, df, |df| t_critical(1.0 - self.level, df))
    }

    /// Medians of chi-square; 0 for no degrees of freedom.
    #[inline(always)]
    pub(crate) fn chi_square_median<V: Lanes>(&self, df: V) -> V {
        df.map(|df| if df > 0.0 { Self::keep(&self.medians, df, median) } else { 0.0 })
    }

    fn keep(kept: &RefCell<Vec<f64>>, df: f64, compute: impl Fn(f64) -> f64) -> f64 {
        if df >= Self::KEPT || df.trunc() != df {
            return compute(df);
        }
        let (mut kept, i) = (kept.borrow_mut(), df as usize);
        if kept.len() <= i {
            kept.resize(i + 1, f64::NAN);
        }
        if kept[i].is_nan() {
            kept[i] = compute(df);
        }
        kept[i]
    }
}

fn median(df: f64) -> f64 {
    chi_square_upper_quantile(0.5, df)
}
