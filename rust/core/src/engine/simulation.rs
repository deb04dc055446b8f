//! Simulation studies: replicates of a scenario, generated, analysed and summed.

use crate::analysis::{self, Fits, fit_again, fit_block};
use crate::plan::Plan;
use crate::pool::critical::Criticals;
use crate::rng::philox::Streams;
use crate::simulate::performance::{Tally, Truth};
use crate::simulate::{Generated, Scenario};
use crate::small_study::regression::Lines;
use crate::small_study::{self, Test, test_with_effects};
use crate::studies::ShapeError;

use super::needs;

/// What is done with every replicate.
#[derive(Debug, Clone)]
pub struct Analyses<'a> {
    /// Analyses and what they should find; P below 1 - level rejects.
    pub pooled: &'a [(Plan, Truth)],
    /// Small-study tests; P below the number rejects.
    pub tests: &'a [(Test, f64)],
}

/// Replicates that are generated and analysed at a time: few enough for a near cache.
const TOGETHER: usize = 256;

/// Sums over replicates `first..first + n` of a scenario: for every analysis, then for every test.
///
/// # Errors
/// [`ShapeError::Kind`] if a measure, or a test, is not for the data of the scenario.
pub fn simulate(
    scenario: &Scenario,
    analyses: &Analyses<'_>,
    streams: Streams,
    first: u64,
    n: u64,
) -> Result<Vec<Tally>, ShapeError> {
    let Analyses { pooled, tests } = *analyses;
    let mut tallies = vec![Tally::default(); pooled.len() + tests.len()];
    let mut generated = Generated::default();
    let mut pooling = analysis::Scratch::default();
    let mut testing = small_study::Scratch::default();
    let criticals: Vec<Criticals> =
        tests.iter().map(|(_, alpha)| Criticals::of(1.0 - alpha)).collect();
    let mut done = 0;
    while done < n {
        let now = (n - done).min(TOGETHER as u64) as usize;
        generated.generate(scenario, streams, first + done, now);
        let studies = generated.studies(scenario)?;
        let mut sums = tallies.iter_mut();
        for (i, (plan, truth)) in pooled.iter().enumerate() {
            needs(plan.data(), plan.measure.name(), &studies)?;
            let mut fits = Fits::new(now);
            let fit = if i == 0 { fit_block } else { fit_again };
            fit(plan, &studies, 0, &mut pooling, &mut fits.view().without_p(), None);
            add(&mut sums, Tally::of_fits(&fits, *truth));
        }
        for ((test, _), criticals) in tests.iter().zip(&criticals) {
            needs(test.data(), test.name(), &studies)?;
            let mut lines = Lines::new(now);
            let effects = pooling.effects();
            let mut out = lines.view().without_p();
            test_with_effects(test, &studies, 0, &mut testing, effects, &mut out);
            add(&mut sums, Tally::of_tests(&lines, criticals));
        }
        done += now as u64;
    }
    Ok(tallies)
}

fn add<'t>(sums: &mut impl Iterator<Item = &'t mut Tally>, found: Tally) {
    if let Some(sum) = sums.next() {
        *sum = sum.and(found);
    }
}
