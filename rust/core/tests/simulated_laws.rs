//! What simulation studies draw against exact distributions, by statrs: Kolmogorov's test of a million draws.
//! Seeds are fixed, so that a pass stays a pass; a correct sampler passes with all but about 1e-6 of all seeds.

use metapool_core::rng::philox::{Purpose, Streams};
use metapool_core::simulate::distribution::Distribution;
use metapool_core::simulate::model::{Effects, Model, Shape};
use metapool_core::simulate::{Generated, Scenario};
use statrs::distribution::{Beta, ChiSquared, ContinuousCDF, LogNormal, StudentsT, Uniform};

const SIZE: usize = 1_000_000;
/// 2 exp(-2 K²) = 1e-6.
const KOLMOGOROV: f64 = 2.694;
/// The z that has 1e-6 in two tails.
const CRITICAL: f64 = 4.9;

/// Effects and variances of a million studies.
fn studies(number: u64, v: Distribution, shape: Shape) -> (Vec<f64>, Vec<f64>) {
    let scenario = Scenario {
        number,
        model: Model::Normal { v },
        effects: Effects { mean: 0.0, tau: 1.0, shape },
        k: Distribution::Fixed(1.0),
        selection: None,
    };
    let mut generated = Generated::default();
    generated.generate(&scenario, Streams::new(20, Purpose::Simulation), 0, SIZE);
    match generated.into_parts().0.as_slice() {
        [y, v] => (y.clone(), v.clone()),
        _ => unreachable!("effects were asked for"),
    }
}

fn check_fit(mut sample: Vec<f64>, cdf: impl Fn(f64) -> f64, name: &str) {
    sample.sort_by(f64::total_cmp);
    let size = sample.len() as f64;
    let off = |(i, &x): (usize, &f64)| {
        let (p, i) = (cdf(x), i as f64);
        (p - i / size).max((i + 1.0) / size - p)
    };
    let distance = sample.iter().enumerate().map(off).fold(0.0, f64::max);
    assert!(distance * size.sqrt() < KOLMOGOROV, "{name}: distance {distance}");
}

fn check_shares(sample: &[f64], values: &[f64], name: &str) {
    let share = 1.0 / values.len() as f64;
    let expected = SIZE as f64 * share;
    for value in values {
        let count = sample.iter().filter(|x| *x == value).count() as f64;
        let most = CRITICAL * (expected * (1.0 - share)).sqrt();
        assert!((count - expected).abs() < most, "{name}: {count} times {value}");
    }
}

#[test]
fn continuous_distributions() {
    let draw = |number, v| studies(number, v, Shape::Normal).1;
    let uniform = Uniform::new(0.05, 0.3).unwrap();
    let sample = draw(0, Distribution::Uniform { low: 0.05, high: 0.3 });
    check_fit(sample, |x| uniform.cdf(x), "uniform");
    let truth = LogNormal::new(-2.0, 0.7).unwrap();
    let sample = draw(1, Distribution::LogNormal { mean: -2.0, sd: 0.7 });
    check_fit(sample, |x| truth.cdf(x), "log-normal");
    for (number, (a, b)) in (2..).zip([(0.5, 0.5), (2.0, 8.0), (30.0, 1.5)]) {
        let truth = Beta::new(a, b).unwrap();
        let sample = draw(number, Distribution::Beta { a, b });
        check_fit(sample, |x| truth.cdf(x), &format!("beta({a}, {b})"));
    }
    let truth = ChiSquared::new(1.0).unwrap();
    let (low, high) = (0.009, 0.6);
    let sample = draw(5, Distribution::ChiSquare { df: 1.0, scale: 0.25, low, high });
    let (below, within) = (truth.cdf(4.0 * low), truth.cdf(4.0 * high) - truth.cdf(4.0 * low));
    check_fit(sample, |x| (truth.cdf(4.0 * x) - below) / within, "chi-square within bounds");
}

#[test]
fn discrete_distributions() {
    let sample = studies(6, Distribution::Integers { low: 20.0, high: 200.0 }, Shape::Normal).1;
    let values: Vec<f64> = (20..=200).map(f64::from).collect();
    check_shares(&sample, &values, "integers");
    let values = [0.1, 0.2, 0.7, 3.0, 5.0];
    let sample = studies(7, Distribution::Choice(values.to_vec()), Shape::Normal).1;
    check_shares(&sample, &values, "choice");
}

#[test]
fn shapes_of_effects() {
    let exactly = Distribution::Fixed(1e-300); // so that effects are observed as they are
    let truth = StudentsT::new(0.0, 0.5_f64.sqrt(), 4.0).unwrap(); // variance 4/(4 - 2) · 1/2
    let sample = studies(8, exactly.clone(), Shape::StudentT(4.0)).0;
    check_fit(sample, |x| truth.cdf(x), "t");
    for (number, shape) in (9..).zip([-3.0, 0.0, 10.0]) {
        let sample = studies(number, exactly.clone(), Shape::SkewNormal(shape)).0;
        let size = sample.len() as f64;
        let moment = |power| sample.iter().map(|x| x.powi(power)).sum::<f64>() / size;
        // Azzalini (1985)
        let delta = shape / (1.0 + shape * shape).sqrt();
        let mean = delta * (2.0 / std::f64::consts::PI).sqrt();
        let skewness =
            (4.0 - std::f64::consts::PI) / 2.0 * mean.powi(3) / (1.0 - mean * mean).powf(1.5);
        for (power, expected) in [(1, 0.0), (2, 1.0), (3, skewness)] {
            let error = ((moment(2 * power) - moment(power).powi(2)) / size).sqrt();
            let off = moment(power) - expected;
            assert!(
                off.abs() < CRITICAL * error,
                "skew-normal({shape}): moment {power} off by {off}"
            );
        }
    }
}
