//! What one thread does for bootstraps: resamples of an analysis, and what is said of their distribution.

use crate::resample::bootstrap::{Bootstrap, Drawable, Jackknife};
use crate::resample::interval::{BootstrapInterval, SummariesView, Summary, p_value};
use crate::resample::parametric::Model;
use crate::resample::{Request, Scheme, Statistic, within};
use crate::rng::draw::Draws;
use crate::rng::index::Indices;
use crate::rng::philox::Streams;
use crate::status::Status;
use crate::studies::Studies;

/// Which resamples, and what is said of them.
#[derive(Debug, Clone, Copy)]
pub struct Resamples {
    /// Where they are drawn from.
    pub streams: Streams,
    /// The first replicate.
    pub first: u64,
    /// How many of each analysis.
    pub n: usize,
    /// What is drawn.
    pub scheme: Scheme,
    /// What is added to events and non-events for the risks of [`Scheme::Within`].
    pub h: f64,
    /// Whether analyses come in pairs, of which the difference is taken.
    pub difference: bool,
    /// What is said of each distribution.
    pub summary: Summary,
}

impl Resamples {
    /// Meta-analyses that are resampled together.
    pub(super) fn group(&self) -> usize {
        if self.difference { 2 } else { 1 }
    }
}

/// What a thread reuses: the groups of an analysis, which analysis, and room.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    groups: [Drawable; 2],
    taken: Option<usize>,
    other: Vec<f64>,
}

impl Scratch {
    /// Takes an analysis, all groups of it.
    fn take(&mut self, request: &Request<'_>, group: usize, studies: &Studies<'_>, i: usize) {
        if self.taken != Some(i) {
            for (g, drawable) in self.groups[..group].iter_mut().enumerate() {
                drawable.take(request, studies, group * i + g);
            }
            self.taken = Some(i);
        }
    }

    /// Replicates from `first` on.
    pub(super) fn resample(
        &mut self,
        request: &Request<'_>,
        resamples: &Resamples,
        studies: &Studies<'_>,
        i: usize,
        first: usize,
        rows: &mut [&mut [f64]],
    ) {
        self.take(request, resamples.group(), studies, i);
        let [drawable, second] = &mut self.groups;
        let place = (i as u64, resamples.first + first as u64);
        let first_group = drawable.n_studies() as u64;
        draw(request, resamples, studies, (0, 1, drawable), place, rows);
        if resamples.difference {
            let n = rows.first().map_or(0, |row| row.len());
            self.other.resize(rows.len() * n, 0.0);
            let mut other: Vec<_> = self.other.chunks_mut(n.max(1)).collect();
            draw(request, resamples, studies, (1, 1 + first_group, second), place, &mut other);
            for (row, other) in rows.iter_mut().zip(other) {
                row.iter_mut().zip(other).for_each(|(value, other)| *value -= *other);
            }
        }
    }

    /// Describes the distributions of an analysis, `values`, a row for each number.
    pub(super) fn describe(
        &mut self,
        request: &Request<'_>,
        resamples: &Resamples,
        studies: &Studies<'_>,
        i: usize,
        values: &[f64],
        out: &mut SummariesView<'_>,
    ) {
        self.take(request, resamples.group(), studies, i);
        let bca = resamples.summary.ci == BootstrapInterval::BiasCorrectedAccelerated;
        let mut observed = vec![0.0; request.len()];
        let mut jackknife: Vec<Vec<Vec<f64>>> = vec![Vec::new(); request.len()];
        for (drawable, sign) in self.groups[..resamples.group()].iter_mut().zip([1.0, -1.0]) {
            let found = drawable.observed(request, studies);
            observed.iter_mut().zip(found).for_each(|(sum, found)| *sum += sign * found);
            if bca {
                let found = drawable.compute(request, studies, &Jackknife, drawable.n_studies());
                for (groups, mut found) in jackknife.iter_mut().zip(found) {
                    found.iter_mut().for_each(|value| *value *= sign);
                    groups.push(found);
                }
            }
        }
        for (row, values) in values.chunks(resamples.n).enumerate() {
            let jackknife: Vec<&[f64]> = jackknife[row].iter().map(Vec::as_slice).collect();
            resamples.summary.describe(observed[row], values, &jackknife, out, row);
            if resamples.scheme == Scheme::Wild {
                out.p_value[row] = p_value(observed[row], values);
            }
            let alone = self.groups[..resamples.group()].iter().any(|group| group.n_studies() == 1);
            if alone && resamples.scheme == Scheme::Studies && out.status[row] == Status::Ok as i64
            {
                out.status[row] = Status::OneStudy as i64; // which is always drawn
            }
        }
    }
}

/// What is requested of replicates of an analysis from a first one on. Of a group: its number, and that of its
/// first study in the streams.
fn draw(
    request: &Request<'_>,
    resamples: &Resamples,
    studies: &Studies<'_>,
    (group, number, drawable): (u64, u64, &mut Drawable),
    (analysis, first): (u64, u64),
    rows: &mut [&mut [f64]],
) {
    let Resamples { streams, scheme, h, .. } = *resamples;
    let columns = studies.columns();
    match scheme {
        Scheme::Studies => {
            let indices = Indices::below(drawable.n_studies());
            let draws = Bootstrap { streams, study: group, analysis, first, indices };
            drawable.resample(request, studies, &draws, rows);
        }
        Scheme::Within => {
            let study = |row, draws: &mut Draws, out: &mut [f64]| {
                within::study(columns, h, row, draws, out);
            };
            drawable.regenerate(request, streams, number, (analysis, first), rows, &study);
        }
        Scheme::Wild => {
            drawable.regenerate_residuals(request, streams, (analysis, first), rows);
            // biases about 0, moved to the bias of the data
            for (row, bias) in rows.iter_mut().zip(drawable.observed(request, studies)) {
                row.iter_mut().for_each(|value| *value += bias);
            }
        }
        Scheme::Parametric => {
            let statistics = &[Statistic::Estimate, Statistic::Tau2];
            let fit = Request { plan: request.plan, statistics, tests: &[] };
            let found = drawable.observed(&fit, studies);
            let model = Model { measure: request.plan.measure, mu: found[0], tau2: found[1] };
            let study = |row, draws: &mut Draws, out: &mut [f64]| {
                model.study(columns, row, draws, out);
            };
            drawable.regenerate(request, streams, number, (analysis, first), rows, &study);
        }
    }
}
