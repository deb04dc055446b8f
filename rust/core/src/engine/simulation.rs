//! Simulation studies: replicates of a scenario, generated, analysed and summed.

use crate::analysis::{self, Fits, fit_again, fit_block, takes_tiles_alone};
use crate::plan::Plan;
use crate::pool::critical::Criticals;
use crate::rng::philox::Streams;
use crate::simulate::performance::{Tally, Truth};
use crate::simulate::{Generated, Scenario, Tested};
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
    let [mut fits, mut first_fits] = [Fits::new(0), Fits::new(0)];
    let [mut lines, mut first_lines] = [Lines::new(0), Lines::new(0)];
    let in_tiles = pooled.iter().all(|(plan, _)| takes_tiles_alone(plan))
        && tests.iter().all(|(test, _)| test.takes_tiles_alone());
    let mut done = 0;
    while done < n {
        let now = (n - done).min(TOGETHER as u64) as usize;
        if fits.estimate.len() != now {
            [fits, first_fits] = [Fits::new(now), Fits::new(now)];
            [lines, first_lines] = [Lines::new(now), Lines::new(now)];
        }
        if !(in_tiles && generated.generate_tiles(scenario, streams, first + done, now)) {
            generated.generate(scenario, streams, first + done, now);
        }
        let studies = generated.studies(scenario)?;
        for (plan, _) in pooled {
            needs(plan.data(), plan.measure.name(), &studies)?;
        }
        for (test, _) in tests {
            needs(test.data(), test.name(), &studies)?;
        }
        let mut sums = tallies.iter_mut();
        if let Some(((plan, truth), others)) = pooled.split_first() {
            let mut out = first_fits.view().without_p();
            fit_block(plan, &studies, 0, &mut pooling, &mut out, None);
            add(&mut sums, Tally::of_fits(&first_fits, *truth, None));
            let first = Some((&first_fits, *truth));
            for (plan, truth) in others {
                let mut out = fits.view().without_p();
                fit_again(plan, &studies, 0, &mut pooling, &mut out, None);
                add(&mut sums, Tally::of_fits(&fits, *truth, first));
            }
        }
        let mut tests = tests.iter().zip(&criticals);
        if let Some(((test, _), criticals)) = tests.next() {
            let (effects, mut out) = (pooling.effects(), first_lines.view().without_p());
            test_with_effects(test, &studies, 0, &mut testing, effects, &mut out);
            let first = Tested { lines: &first_lines, criticals };
            add(&mut sums, Tally::of_tests(first, None));
            for ((test, _), criticals) in tests {
                let mut out = lines.view().without_p();
                test_with_effects(test, &studies, 0, &mut testing, effects, &mut out);
                add(&mut sums, Tally::of_tests(Tested { lines: &lines, criticals }, Some(first)));
            }
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
