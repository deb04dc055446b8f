//! Generates the studies of replicates, [`MOST_LANES`] at a time.

use crate::rng::draw::Draws;
use crate::rng::philox::{Bundle, Streams};
use crate::rng::source::{Block, SideBySide};
use crate::simd::{self, Kernel, Lanes, MOST_LANES, Pair, Register};
use crate::studies::{Columns, ShapeError, Studies};

use super::Scenario;
use super::distribution::Distribution;
use super::select::publish;

/// Meta-analyses that were generated.
#[derive(Debug, Default)]
pub struct Generated {
    columns: Vec<Vec<f64>>,
    offsets: Vec<i64>,
    /// Which study of which replicate each row is.
    rows: Rows,
    in_tiles: bool,
}

impl Generated {
    /// Generates replicates `first..first + n` of a scenario. Study j of a replicate, from 1, has its own stream;
    /// stream 0 draws their number.
    pub fn generate(&mut self, scenario: &Scenario, streams: Streams, first: u64, n: usize) {
        self.in_tiles = false;
        let Self { offsets, rows, .. } = self;
        offsets.clear();
        rows.clear();
        offsets.push(0);
        for replicate in first..first + n as u64 {
            let mut draws = Draws::new(streams.stream(0, replicate, scenario.number));
            let k: f64 = scenario.k.draw(&mut draws);
            rows.extend(replicate, k as u64);
            offsets.push(rows.len() as i64);
        }
        self.draw(scenario, streams, first);
    }

    /// The same of all as many studies, laid out in tiles; `n` is a multiple of the lanes. False, and nothing done, if
    /// numbers of studies differ or studies are selected.
    pub(crate) fn generate_tiles(
        &mut self,
        scenario: &Scenario,
        streams: Streams,
        first: u64,
        n: usize,
    ) -> bool {
        let (Distribution::Fixed(k), None) = (&scenario.k, &scenario.selection) else {
            return false;
        };
        self.in_tiles = n.is_multiple_of(MOST_LANES);
        if self.in_tiles {
            let (k, n) = (*k as u64, n as u64);
            self.offsets.clear();
            self.offsets.extend((0..=n).map(|i| (i * k) as i64));
            self.rows.clear();
            for replicate in (first..first + n).step_by(MOST_LANES) {
                (1..=k).for_each(|study| self.rows.extend_beside(study, replicate));
            }
            self.draw(scenario, streams, first);
        }
        self.in_tiles
    }

    /// Draws the rows.
    fn draw(&mut self, scenario: &Scenario, streams: Streams, first: u64) {
        let Self { columns, rows, .. } = self;
        columns.resize_with(scenario.model.data().columns().len(), Vec::new);
        columns.iter_mut().for_each(|column| column.resize(rows.len(), 0.0));
        match &scenario.selection {
            None => simd::run(Generate { scenario, streams, columns, rows }),
            Some(selection) => {
                let stream = |row| {
                    let (study, replicate) = (rows.studies[row], rows.replicates[row]);
                    Draws::new(streams.stream(study, replicate, scenario.number))
                };
                let draws = (0..rows.len()).map(stream).collect();
                let given_up = publish(scenario, selection, draws, columns);
                self.forget(first, &given_up);
            }
        }
    }

    /// Takes the replicates of these rows out: all their studies are missing.
    fn forget(&mut self, first: u64, given_up: &[usize]) {
        for &row in given_up {
            let i = (self.rows.replicates[row] - first) as usize;
            let studies = self.offsets[i] as usize..self.offsets[i + 1] as usize;
            self.columns.iter_mut().for_each(|column| column[studies.clone()].fill(f64::NAN));
        }
    }

    /// Columns and offsets of what was generated last.
    #[must_use]
    pub fn into_parts(self) -> (Vec<Vec<f64>>, Vec<i64>) {
        (self.columns, self.offsets)
    }

    /// The studies that were generated last.
    ///
    /// # Errors
    /// [`ShapeError`] if nothing was.
    pub fn studies(&self, scenario: &Scenario) -> Result<Studies<'_>, ShapeError> {
        let columns: Vec<&[f64]> = self.columns.iter().map(Vec::as_slice).collect();
        let studies = Studies::new(Columns::new(scenario.model.data(), &columns)?, &self.offsets)?;
        Ok(if self.in_tiles { studies.laid_out_in_tiles() } else { studies })
    }
}

/// Studies and replicates of rows.
#[derive(Debug, Default)]
struct Rows {
    studies: Vec<u64>,
    replicates: Vec<u64>,
}

impl Rows {
    fn clear(&mut self) {
        self.studies.clear();
        self.replicates.clear();
    }

    fn len(&self) -> usize {
        self.studies.len()
    }

    /// Adds the `k` studies of a replicate.
    fn extend(&mut self, replicate: u64, k: u64) {
        self.studies.extend(1..=k);
        self.replicates.resize(self.studies.len(), replicate);
    }

    /// Adds a study of replicates side by side.
    fn extend_beside(&mut self, study: u64, first: u64) {
        self.studies.extend([study; MOST_LANES]);
        self.replicates.extend(first..first + MOST_LANES as u64);
    }

    /// Streams of the rows from `first` on, of some study where there are no more.
    #[inline(always)]
    fn bundle(&self, first: usize, streams: Streams, number: u64) -> Bundle<MOST_LANES> {
        let group = |from: &[u64]| {
            let mut group = [0; MOST_LANES];
            match from[first..].first_chunk() {
                Some(full) => group = *full,
                None => group[..from.len() - first].copy_from_slice(&from[first..]),
            }
            group
        };
        streams.bundle(group(&self.studies), group(&self.replicates), number)
    }
}

struct Generate<'a> {
    scenario: &'a Scenario,
    streams: Streams,
    columns: &'a mut [Vec<f64>],
    rows: &'a Rows,
}

impl Kernel for Generate<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Register>(self) {
        let Self { scenario: Scenario { number, model, effects, .. }, streams, columns, rows } =
            self;
        let mut ahead: [Block; AHEAD] = [[[0; MOST_LANES]; 4]; AHEAD];
        for part in (0..rows.len()).step_by(AHEAD * MOST_LANES) {
            let firsts = (part..rows.len()).step_by(MOST_LANES);
            for (block, first) in ahead.iter_mut().zip(firsts.clone()) {
                rows.bundle(first, streams, *number).blocks::<[V::Words; 2]>(0, block);
            }
            for (block, first) in ahead.iter().zip(firsts) {
                let mut source = SideBySide::new(rows.bundle(first, streams, *number), *block);
                let study = model.study::<Pair<V>>(*effects, &mut source);
                for (column, numbers) in columns.iter_mut().zip(study) {
                    numbers.store_within(column, first);
                }
            }
        }
    }
}

/// Groups of streams whose first words are drawn ahead.
const AHEAD: usize = 16;

#[cfg(test)]
mod tests {
    use super::super::distribution::Distribution;
    use super::super::model::{Effects, Model, Scale, Shape};
    use super::super::select::Selection;
    use super::*;
    use crate::rng::philox::Purpose;
    use crate::simd::Path;

    fn scenarios() -> Vec<Scenario> {
        let sizes = Distribution::Integers { low: 1.0, high: 200.0 };
        let wide = Distribution::Choice(vec![3.0, 40.0, 5000.0, 1e9]);
        let risks = [
            Distribution::Fixed(0.3),
            Distribution::Uniform { low: 0.0, high: 1.0 },
            Distribution::Beta { a: 0.5, b: 3.0 },
        ];
        let v = [
            Distribution::ChiSquare { df: 1.0, scale: 0.25, low: 0.009, high: 0.6 },
            Distribution::LogNormal { mean: -2.0, sd: 1.0 },
        ];
        let mut models: Vec<Model> = v.map(|v| Model::Normal { v }).into();
        for risk_c in risks {
            for (on, n_e) in [(Scale::Or, &sizes), (Scale::Rr, &wide), (Scale::Rd, &wide)] {
                let (risk_c, n_e) = (risk_c.clone(), n_e.clone());
                models.push(Model::TwoByTwo { risk_c, on, n_e, n_c: Some(sizes.clone()) });
            }
        }
        let (mean_c, sd) = (Distribution::Fixed(100.0), Distribution::Fixed(40.0));
        let n_e = Distribution::Integers { low: 1.0, high: 1e10 };
        models.push(Model::TwoMeans { mean_c, sd, n_e, n_c: None, standardised: true });
        let shapes = [Shape::Normal, Shape::StudentT(4.0), Shape::SkewNormal(-3.0)];
        let scenario = |(number, model)| Scenario {
            number,
            model,
            effects: Effects { mean: -0.2, tau: 0.5, shape: shapes[number as usize % 3] },
            k: Distribution::Integers { low: 0.0, high: 7.0 },
            selection: None,
        };
        (0..).zip(models).map(scenario).collect()
    }

    #[test]
    fn lanes_are_streams_read_one_by_one() {
        let streams = Streams::new(9, Purpose::Simulation);
        let mut generated = Generated::default();
        for scenario in scenarios() {
            for path in [Path::Baseline, Path::Avx2] {
                simd::use_path(path);
                generated.generate(&scenario, streams, 1000, 100);
                for i in 0..generated.rows.len() {
                    let (study, replicate) =
                        (generated.rows.studies[i], generated.rows.replicates[i]);
                    let stream = streams.stream(study, replicate, scenario.number);
                    let expected =
                        scenario.model.study::<f64>(scenario.effects, &mut Draws::new(stream));
                    for (column, expected) in generated.columns.iter().zip(expected) {
                        assert_eq!(column[i].to_bits(), expected.to_bits(), "{scenario:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn studies_that_are_never_published_are_given_up() {
        let streams = Streams::new(9, Purpose::Simulation);
        let mut generated = Generated::default();
        for (weights, published) in [(vec![1.0, 0.0], false), (vec![1.0, 1.0], true)] {
            let selection =
                Some(Selection { cutoffs: vec![1e-9], weights, greater: true, small: None });
            let effects = Effects { mean: -0.5, tau: 0.0, shape: Shape::Normal };
            for scenario in scenarios().into_iter().take(1) {
                let k = Distribution::Fixed(2.0);
                let scenario = Scenario { effects, k, selection: selection.clone(), ..scenario };
                generated.generate(&scenario, streams, 0, 3);
                assert!(generated.columns.iter().flatten().all(|x| x.is_nan() != published));
            }
        }
    }
}
