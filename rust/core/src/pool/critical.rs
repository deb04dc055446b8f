//! Critical values of a two-sided confidence level.

use std::cell::Cell;

use crate::simd::Lanes;
use crate::special::{normal, t_critical};

/// The normal quantile of a two-sided confidence level, 0 < level < 1.
#[must_use]
pub fn normal_critical(level: f64) -> f64 {
    normal::upper_quantile(0.5 * (1.0 - level))
}

/// t quantiles of one level by whole degrees of freedom, each computed once.
#[derive(Debug, Clone)]
pub(crate) struct Criticals {
    level: f64,
    normal: f64,
    kept: Vec<Cell<f64>>,
}

impl Default for Criticals {
    fn default() -> Self {
        Self { level: 0.0, normal: 0.0, kept: vec![Cell::new(f64::NAN); Self::KEPT] }
    }
}

impl Criticals {
    /// Degrees of freedom below this are kept.
    const KEPT: usize = 256;

    /// Takes another level.
    pub(crate) fn set_level(&mut self, level: f64) {
        if self.level != level {
            *self = Self { level, normal: normal_critical(level), ..Self::default() };
        }
    }

    /// The normal quantile.
    pub(crate) fn normal(&self) -> f64 {
        self.normal
    }

    /// The t quantiles; the normal one for infinite degrees of freedom.
    #[inline(always)]
    pub(crate) fn t<V: Lanes>(&self, df: V) -> V {
        df.map(|df| self.one(df))
    }

    fn one(&self, df: f64) -> f64 {
        if df == f64::INFINITY {
            return self.normal;
        }
        if df.is_nan() || df <= 0.0 {
            return f64::NAN;
        }
        let Some(kept) = self.kept.get(df as usize).filter(|_| df.trunc() == df) else {
            return t_critical(1.0 - self.level, df);
        };
        if kept.get().is_nan() {
            kept.set(t_critical(1.0 - self.level, df));
        }
        kept.get()
    }
}
