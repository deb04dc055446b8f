//! Publication selection: studies are drawn again until one is published.

use crate::conventions::REVMAN5;
use crate::effect::block::BlockEffects;
use crate::measure::Measure;
use crate::rng::draw::Draws;
use crate::special::normal;
use crate::studies::{Columns, ShapeError, Studies};

use super::Scenario;
use super::model::{Model, Scale};

/// With what probability a study is published.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    /// Ends of the steps of one-sided P, rising.
    pub cutoffs: Vec<f64>,
    /// Probability up to each of them, and beyond the last.
    pub weights: Vec<f64>,
    /// Whether P is that of an effect above 0, else below.
    pub greater: bool,
    /// Studies of fewer people, and the probability that one of these is published, by which that of its P is multiplied.
    pub small: Option<(f64, f64)>,
}

/// Draws of a study until the search is given up.
const ATTEMPTS: usize = 1000;

impl Selection {
    /// Probability that a study of effect y and precision w (0: without an effect, P = 1) is published.
    fn probability(&self, y: f64, w: f64, people: f64) -> f64 {
        let z = y * w.sqrt();
        let p = if w > 0.0 { normal::sf(if self.greater { z } else { -z }) } else { 1.0 };
        let step = self.cutoffs.partition_point(|&cutoff| cutoff < p);
        let of_p = self.weights.get(step).copied().unwrap_or(1.0);
        match self.small {
            Some((below, weight)) if people < below => of_p * weight,
            _ => of_p,
        }
    }
}

/// What is published of `rows`, a replicate and a study each. A study reads its stream on: data, then a uniform number
/// that decides. Returns the rows that were given up.
pub(super) fn publish(
    scenario: &Scenario,
    selection: &Selection,
    mut draws: Vec<Draws>,
    columns: &mut [Vec<f64>],
) -> Vec<usize> {
    let mut waiting: Vec<usize> = (0..draws.len()).collect();
    let mut effects = BlockEffects::default();
    for _ in 0..ATTEMPTS {
        if waiting.is_empty() {
            break;
        }
        let mut drawn: Vec<Vec<f64>> = vec![Vec::with_capacity(waiting.len()); columns.len()];
        for &row in &waiting {
            let study = scenario.model.study::<f64>(scenario.effects, &mut draws[row]);
            drawn.iter_mut().zip(study).for_each(|(column, value)| column.push(value));
        }
        if take(scenario, &drawn, &mut effects).is_err() {
            break; // made to fit
        }
        let mut rest = Vec::new();
        for (i, &row) in waiting.iter().enumerate() {
            let probability = selection.probability(
                effects.y[i],
                effects.w[i],
                people(&scenario.model, &drawn, i),
            );
            if draws[row].uniform() < probability {
                for (column, drawn) in columns.iter_mut().zip(&drawn) {
                    column[row] = drawn[i];
                }
            } else {
                rest.push(row);
            }
        }
        waiting = rest;
    }
    waiting
}

/// Effects on the scale that they are declared on.
fn take(
    scenario: &Scenario,
    drawn: &[Vec<f64>],
    effects: &mut BlockEffects,
) -> Result<(), ShapeError> {
    let columns: Vec<&[f64]> = drawn.iter().map(Vec::as_slice).collect();
    let offsets = [0, columns[0].len() as i64];
    let studies = Studies::new(Columns::new(scenario.model.data(), &columns)?, &offsets)?;
    let columns = effects.take(&studies, 0, 1);
    let measure = match scenario.model {
        Model::TwoByTwo { on: Scale::Or, .. } => Measure::Or,
        Model::TwoByTwo { on: Scale::Rr, .. } => Measure::Rr,
        Model::TwoByTwo { on: Scale::Rd, .. } => Measure::Rd,
        Model::TwoMeans { standardised: true, .. } => Measure::Smd,
        Model::TwoMeans { standardised: false, .. } => Measure::Md,
        Model::Normal { .. } => Measure::Gen,
    };
    effects.fill(measure, &REVMAN5, &columns);
    Ok(())
}

/// People of both arms; of given effects, infinitely many.
fn people(model: &Model, drawn: &[Vec<f64>], i: usize) -> f64 {
    match model {
        Model::TwoByTwo { .. } => drawn[1][i] + drawn[3][i],
        Model::TwoMeans { .. } => drawn[2][i] + drawn[5][i],
        Model::Normal { .. } => f64::INFINITY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_of_p_include_their_upper_end() {
        let selection = Selection {
            cutoffs: vec![0.025, 0.5],
            weights: vec![1.0, 0.6, 0.2],
            greater: true,
            small: Some((50.0, 0.5)),
        };
        let at = |y: f64, people| selection.probability(y, 1.0, people);
        assert_eq!(
            [at(2.0, 100.0), at(1.9, 100.0), at(0.0, 100.0), at(-0.1, 100.0)],
            [1.0, 0.6, 0.6, 0.2]
        );
        assert_eq!([at(2.0, 49.0), at(2.0, 50.0)], [0.5, 1.0]);
        assert_eq!(selection.probability(5.0, 0.0, 100.0), 0.2);
        let less = Selection { greater: false, ..selection };
        assert_eq!(less.probability(-2.0, 1.0, 100.0), 1.0);
    }
}
