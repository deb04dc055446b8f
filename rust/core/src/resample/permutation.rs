//! Permutation tests: what the statistic would be if signs, labels or residuals had fallen otherwise.

use crate::analysis::{self, Fits, fit_block};
use crate::conventions::REVMAN5;
use crate::effect::block::BlockEffects;
use crate::measure::{Data, Measure};
use crate::plan::Plan;
use crate::pool::subgroup;
use crate::rng::draw::Draws;
use crate::rng::philox::Stream;
use crate::simd::Words;
use crate::small_study::regression::Lines;
use crate::small_study::{self, Test, radial_points, test_block};
use crate::studies::{Columns, Studies};

/// Exact tests go through no more arrangements than these.
pub(crate) const MOST_EXACT: u64 = 1 << 20;

/// What is permuted.
#[derive(Debug, Clone, Copy)]
pub enum Permutation<'p> {
    /// The signs of the effects; the statistic is z or t of the mean, tau² fitted anew.
    Signs(&'p Plan),
    /// The labels of the studies, numbers below the second one; the statistic is Q between subgroups.
    Labels(&'p Plan, &'p [usize], usize),
    /// The residuals of the line through the origin (Freedman & Lane 1983); the statistic is t of the bias.
    Residuals(&'p Test),
}

/// An arrangement of signs, labels or residuals.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Arrangement {
    /// The one that was observed.
    Observed,
    /// One of all, by number.
    Number(u64),
    /// One drawn from a stream. Signs: bit j of its words, 1 flips study j. Else Fisher & Yates (Durstenfeld
    /// 1964), from the last place on, a word for each.
    Drawn(Stream),
}

/// A meta-analysis of which something is permuted.
#[derive(Debug, Default)]
pub(crate) struct Permutable {
    y: Vec<f64>,
    v: Vec<f64>,
    /// Labels of the studies, and their number.
    labels: Vec<usize>,
    groups: usize,
    /// Of the line through the origin: 1/√v, and its residuals.
    x: Vec<f64>,
    residuals: Vec<f64>,
    slope: f64,
    order: Vec<usize>,
    columns: [Vec<f64>; 2],
    offsets: Vec<i64>,
    pooling: analysis::Scratch,
    testing: small_study::Scratch,
}

impl Permutable {
    /// Takes the included studies of meta-analysis `i`.
    pub(crate) fn take(&mut self, what: &Permutation<'_>, studies: &Studies<'_>, i: usize) {
        match what {
            Permutation::Signs(plan) => {
                self.take_effects(plan, studies, i);
            }
            Permutation::Labels(plan, labels, groups) => {
                let included = self.take_effects(plan, studies, i);
                self.groups = *groups;
                self.labels = included.into_iter().map(|row| labels[row]).collect();
            }
            Permutation::Residuals(test) => {
                let rows = studies.range(i);
                let offsets = [0, rows.len() as i64];
                let columns = studies.columns().slice(rows);
                let Ok(one) = Studies::new(columns, &offsets) else { return }; // it fits
                let points = radial_points(test, &one);
                self.slope = points.slope();
                let line = points.x.iter().zip(&points.y);
                self.residuals = line.map(|(x, y)| y - self.slope * x).collect();
                self.v = points.x.iter().map(|x| 1.0 / (x * x)).collect();
                self.y = points.x.iter().zip(&points.y).map(|(x, y)| y / x).collect();
                self.x = points.x;
            }
        }
    }

    /// Takes effects and variances; returns the rows that are included.
    fn take_effects(&mut self, plan: &Plan, studies: &Studies<'_>, i: usize) -> Vec<usize> {
        let mut effects = BlockEffects::default();
        let columns = effects.take(studies, i, 1);
        effects.fill(plan.measure, &plan.conventions, &columns);
        let rows: Vec<usize> = (0..columns.len()).filter(|&row| effects.w[row] > 0.0).collect();
        self.y = rows.iter().map(|&row| effects.y[row]).collect();
        self.v = rows.iter().map(|&row| 1.0 / effects.w[row]).collect();
        rows
    }

    /// How many studies are permuted.
    #[must_use]
    pub(crate) fn n_studies(&self) -> usize {
        self.y.len()
    }

    /// How many arrangements there are, 2^64 - 1 if there are more.
    #[must_use]
    pub(crate) fn arrangements(&self, what: &Permutation<'_>) -> u64 {
        let k = self.n_studies();
        match what {
            Permutation::Signs(_) => 1_u64.checked_shl(k as u32).unwrap_or(u64::MAX),
            Permutation::Residuals(_) => factorial(k),
            Permutation::Labels(..) => multinomial(&self.sizes()),
        }
    }

    /// How many arrangements have the same statistic at least: all signs turned, if the sign of the statistic does
    /// not matter; labels of groups of one size exchanged.
    pub(crate) fn same(&self, what: &Permutation<'_>, two_sided: bool) -> u64 {
        match what {
            Permutation::Signs(_) if two_sided => 2,
            Permutation::Labels(..) => {
                let sizes = self.sizes();
                let alike = |size: usize| sizes.iter().filter(|&&other| other == size).count();
                let most = sizes.iter().copied().max().unwrap_or(0);
                (1..=most).map(|size| factorial(alike(size))).product()
            }
            _ => 1,
        }
    }

    /// Studies of each label.
    fn sizes(&self) -> Vec<usize> {
        let mut sizes = vec![0; self.groups];
        self.labels.iter().for_each(|&label| sizes[label] += 1);
        sizes
    }

    /// The statistics of arrangements; NaN where one is undefined.
    pub(crate) fn statistics(
        &mut self,
        what: &Permutation<'_>,
        arrangements: impl Iterator<Item = Arrangement>,
    ) -> Vec<f64> {
        self.columns.iter_mut().for_each(Vec::clear);
        self.offsets.clear();
        self.offsets.push(0);
        for arrangement in arrangements {
            match what {
                Permutation::Signs(_) => self.flip(arrangement),
                Permutation::Labels(..) => self.relabel(arrangement),
                Permutation::Residuals(_) => self.shuffle_residuals(arrangement),
            }
        }
        let [y, v] = &self.columns;
        let studies = Columns::new(Data::Effects, &[y, v])
            .and_then(|columns| Studies::new(columns, &self.offsets));
        let Ok(studies) = studies else { return Vec::new() }; // made to fit
        let n = studies.n_analyses();
        match what {
            Permutation::Signs(plan) => pool(plan, &studies, &mut self.pooling).statistic,
            Permutation::Labels(plan, ..) => {
                let fits = pool(plan, &studies, &mut self.pooling);
                let groups = fits.estimate.chunks(self.groups).zip(fits.se.chunks(self.groups));
                groups.map(|(estimate, se)| subgroup::difference(estimate, se).q).collect()
            }
            Permutation::Residuals(_) => {
                let mut lines = Lines::new(n);
                let test = Test::Egger(Measure::Gen, REVMAN5); // given effects know no conventions
                test_block(&test, &studies, 0, &mut self.testing, &mut lines.view());
                lines.statistic
            }
        }
    }

    fn flip(&mut self, arrangement: Arrangement) {
        let [y, v] = &mut self.columns;
        let mut word = if let Arrangement::Number(number) = arrangement { number } else { 0 };
        let mut draws = match arrangement {
            Arrangement::Drawn(stream) => Some(Draws::new(stream)),
            _ => None,
        };
        for (j, effect) in self.y.iter().enumerate() {
            if let (Some(draws), 0) = (&mut draws, j % 64) {
                word = draws.word();
            }
            y.push(if word & 1 == 1 { -effect } else { *effect });
            word >>= 1;
        }
        v.extend(&self.v);
        self.offsets.push(y.len() as i64);
    }

    fn relabel(&mut self, arrangement: Arrangement) {
        let mut labels = self.labels.clone();
        match arrangement {
            Arrangement::Observed => {}
            Arrangement::Number(number) => unrank_labels(number, self.sizes(), &mut labels),
            Arrangement::Drawn(stream) => shuffle(&mut labels, &mut Draws::new(stream)),
        }
        let [y, v] = &mut self.columns;
        for group in 0..self.groups {
            for ((label, effect), variance) in labels.iter().zip(&self.y).zip(&self.v) {
                if *label == group {
                    y.push(*effect);
                    v.push(*variance);
                }
            }
            self.offsets.push(y.len() as i64);
        }
    }

    fn shuffle_residuals(&mut self, arrangement: Arrangement) {
        self.order.clear();
        self.order.extend(0..self.y.len());
        match arrangement {
            Arrangement::Observed => {}
            Arrangement::Number(number) => unrank(number, &mut self.order),
            Arrangement::Drawn(stream) => shuffle(&mut self.order, &mut Draws::new(stream)),
        }
        let [y, v] = &mut self.columns;
        for (x, &from) in self.x.iter().zip(&self.order) {
            y.push((self.slope * x + self.residuals[from]) / x);
        }
        v.extend(&self.v);
        self.offsets.push(y.len() as i64);
    }
}

fn pool(plan: &Plan, studies: &Studies<'_>, scratch: &mut analysis::Scratch) -> Fits {
    let mut fits = Fits::new(studies.n_analyses());
    fit_block(&plan.of_given_effects(), studies, 0, scratch, &mut fits.view(), None);
    fits
}

fn shuffle(items: &mut [usize], draws: &mut Draws) {
    for last in (1..items.len()).rev() {
        let (with, _) = draws.word().multiply(last as u64 + 1);
        items.swap(last, with as usize);
    }
}

/// Permutation `number` of the items, in the order of Lehmer's code: 0 is the given order.
fn unrank(mut number: u64, items: &mut [usize]) {
    for place in 0..items.len() {
        let rest = factorial(items.len() - place - 1);
        let chosen = place + (number / rest) as usize;
        number %= rest;
        items[place..=chosen].rotate_right(1);
    }
}

/// Arrangement `number` of labels, of which there are `sizes`, in lexicographic order.
fn unrank_labels(mut number: u64, mut sizes: Vec<usize>, labels: &mut [usize]) {
    for label in labels {
        for group in 0..sizes.len() {
            if sizes[group] == 0 {
                continue;
            }
            sizes[group] -= 1;
            let rest = multinomial(&sizes);
            if number < rest {
                *label = group;
                break;
            }
            number -= rest;
            sizes[group] += 1;
        }
    }
}

fn factorial(n: usize) -> u64 {
    (1..=n as u64).try_fold(1_u64, u64::checked_mul).unwrap_or(u64::MAX)
}

/// (Σ sizes)! / Π sizes!.
fn multinomial(sizes: &[usize]) -> u64 {
    let (mut found, mut n) = (1_u128, 0_u128);
    for &size in sizes {
        for i in 1..=size as u128 {
            n += 1;
            found = found * n / i;
            if found > u128::from(u64::MAX) {
                return u64::MAX;
            }
        }
    }
    found as u64
}
