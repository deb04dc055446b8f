//! The samplers against exact distributions, by statrs. Seeds are fixed, so that a pass stays a pass;
//! a correct sampler passes with all but about 1e-6 of all seeds.

use metapool_core::rng::binomial::Binomial;
use metapool_core::rng::draw::Draws;
use metapool_core::rng::philox::{Purpose, Streams};
use metapool_core::rng::{gamma, normal};
use statrs::distribution::{
    self as exact, ChiSquared, ContinuousCDF, Discrete, Gamma, Normal, Poisson,
};

const SIZE: usize = 1_000_000;
/// P of a test, and the z that has it in two tails.
const SIGNIFICANT: f64 = 1e-6;
const CRITICAL: f64 = 4.9;

fn draws(study: u64) -> Draws {
    Draws::new(Streams::new(20, Purpose::Bootstrap).stream(study, 0, 0))
}

/// Mean, variance and fourth cumulant of a distribution.
struct Cumulants(f64, f64, f64);

impl Cumulants {
    fn check(&self, sample: &[f64], name: &str) {
        let &Self(mean, variance, fourth) = self;
        let size = sample.len() as f64;
        let m1 = sample.iter().map(|x| x - mean).sum::<f64>() / size;
        let m2 = sample.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / size;
        for (off, squared_error, what) in [
            (m1, variance / size, "mean"),
            (m2 - variance, (fourth + 2.0 * variance * variance) / size, "variance"),
        ] {
            // an error of 0, which rounding may make less: n = 1, p = 0.5
            let most = CRITICAL * squared_error.max(0.0).sqrt() + 1e-12 * variance;
            assert!(off.abs() <= most, "{name}: {what} off by {off}, at most {most}");
        }
    }
}

/// Pearson's chi-square in the cells that (x, P(X <= x)) bound, those with few expected joined.
fn check_fit(mut sample: Vec<f64>, cdf: impl Iterator<Item = (f64, f64)>, name: &str) {
    let size = sample.len() as f64;
    sample.sort_by(f64::total_cmp);
    let (mut statistic, mut cells) = (0.0, 0);
    let (mut below, mut p_below) = (0, 0.0);
    let mut close = |x: f64, p: f64, last: bool| {
        let left = if last { f64::INFINITY } else { size * (1.0 - p) };
        let expected = size * (p - p_below);
        // finer towards the tails, where wrong hats show
        let enough = 20.0_f64.max(0.1 * size * p.min(1.0 - p));
        if last || (expected >= enough && left >= 20.0) {
            let to_here = sample.partition_point(|&drawn| drawn <= x);
            let observed = (to_here - below) as f64;
            statistic += (observed - expected).powi(2) / expected;
            cells += 1;
            (below, p_below) = (to_here, p);
        }
    };
    cdf.for_each(|(x, p)| close(x, p, false));
    close(f64::INFINITY, 1.0, true);
    if cells > 1 {
        let p = ChiSquared::new(f64::from(cells - 1)).map_or(0.0, |truth| truth.sf(statistic));
        assert!(p > SIGNIFICANT, "{name}: chi-square {statistic} in {cells} cells, P = {p}");
    }
}

/// The distribution function at whole numbers within 9 standard deviations.
fn summed(
    mean: f64,
    sd: f64,
    n: f64,
    pmf: impl Fn(u64) -> f64,
) -> impl Iterator<Item = (f64, f64)> {
    let first = (mean - 9.0 * sd - 9.0).max(0.0) as u64;
    let last = (mean + 9.0 * sd + 9.0).min(n) as u64;
    (first..=last).scan(0.0, move |sum, k| {
        *sum += pmf(k);
        Some((k as f64, *sum))
    })
}

fn binomial_sample(n: f64, p: f64, study: usize) -> Vec<f64> {
    let (arm, mut draws) = (Binomial::new(n, p), draws(study as u64));
    (0..SIZE).map(|_| arm.draw(&mut draws)).collect()
}

#[test]
fn binomial_fits() {
    let grid = [
        (1.0, &[0.5, 0.01, 0.9][..]),
        (5.0, &[0.5, 0.2, 0.8]),
        (19.0, &[0.5]),
        (20.0, &[0.499, 0.5, 0.501]),
        (21.0, &[0.5]),
        (50.0, &[0.02, 0.199, 0.2, 0.201, 0.4, 0.5, 0.799, 0.801]),
        // inversion gives way to rejection where the mean of the rarer outcome is 100
        (200.0, &[0.01, 0.25, 0.499, 0.5, 0.501, 0.95]),
        (1e6, &[1e-9, 1e-6, 1e-5, 9.99e-5, 1.001e-4, 0.1, 0.5, 0.9, 0.999_900_1, 0.99999]),
        (1e9, &[1e-10, 1e-8, 9.99e-8, 1.001e-7, 1e-6, 0.01, 0.5, 0.999]),
    ];
    let grid = grid.iter().flat_map(|&(n, ps)| ps.iter().map(move |&p| (n, p)));
    for (study, (n, p)) in grid.enumerate() {
        let name = format!("binomial({n}, {p})");
        let sample = binomial_sample(n, p, study);
        let (mean, variance) = (n * p, n * p * (1.0 - p));
        Cumulants(mean, variance, variance * (1.0 - 6.0 * p * (1.0 - p))).check(&sample, &name);
        let truth = exact::Binomial::new(p, n as u64).unwrap();
        check_fit(sample, summed(mean, variance.sqrt(), n, |k| truth.pmf(k)), &name);
    }
}

#[test]
fn binomial_of_the_most_trials_tends_to_its_limits() {
    let n = 2.0_f64.powi(53);
    for (study, mean) in [0.5, 30.0, 99.9, 100.1, 1000.0].into_iter().enumerate() {
        let name = format!("binomial of mean {mean}");
        let sample = binomial_sample(n, mean / n, 100 + study);
        Cumulants(mean, mean, mean).check(&sample, &name);
        let truth = Poisson::new(mean).unwrap();
        check_fit(sample, summed(mean, mean.sqrt(), n, |k| truth.pmf(k)), &name);
    }
    for (study, p) in [1e-4, 0.3, 0.5, 0.75].into_iter().enumerate() {
        let sd = (n * p * (1.0 - p)).sqrt();
        let sample = binomial_sample(n, p, 200 + study);
        let sample = sample.iter().map(|events| (events - n * p) / sd).collect();
        check_fit(sample, z_scores(), &format!("binomial of p {p}"));
    }
}

/// The distribution function of the standard normal distribution.
fn z_scores() -> impl Iterator<Item = (f64, f64)> {
    (-45..=45).map(|tenths| 0.1 * f64::from(tenths)).map(|z| (z, Normal::standard().cdf(z)))
}

#[test]
fn normal_fits() {
    let mut draws = draws(300);
    let sample: Vec<_> = (0..SIZE).map(|_| normal::standard(&mut draws)).collect();
    Cumulants(0.0, 1.0, 0.0).check(&sample, "normal");
    let squares: Vec<_> = sample.iter().map(|z| z * z).collect();
    Cumulants(1.0, 2.0, 48.0).check(&squares, "squared normal");
    check_fit(sample, z_scores(), "normal");
}

#[test]
fn normal_tails_are_as_heavy_as_they_should_be() {
    let mut draws = draws(301);
    let (mut low, mut high) = (0.0, 0.0);
    let size = 1_000_000;
    for _ in 0..size {
        let z = normal::standard(&mut draws);
        low += f64::from(z < -3.5);
        high += f64::from(z > 3.5);
    }
    let expected = f64::from(size) * Normal::standard().sf(3.5);
    for count in [low, high] {
        assert!((count - expected).abs() < CRITICAL * expected.sqrt(), "{count} of {expected}");
    }
}

#[test]
fn gamma_fits() {
    for (study, shape) in [0.1, 0.5, 0.99, 1.0, 1.01, 2.5, 50.0, 1e4, 1e6].into_iter().enumerate() {
        let name = format!("gamma({shape})");
        let mut draws = draws(400 + study as u64);
        let sample: Vec<_> = (0..SIZE).map(|_| gamma::standard(shape, &mut draws)).collect();
        Cumulants(shape, shape, 6.0 * shape).check(&sample, &name);
        let truth = Gamma::new(shape, 1.0).unwrap();
        // near the quantiles of normal z (Wilson & Hilferty 1931); towards 0 by powers of 2
        let ninth = 1.0 / (9.0 * shape);
        let halves = (1..60).rev().map(|i| shape.min(1.0) * 0.5_f64.powi(i));
        let cubes = (-45..=45).map(|z| 1.0 - ninth + 0.1 * f64::from(z) * ninth.sqrt());
        let cubes = cubes.map(|root| shape * root.powi(3)).filter(|&x| x > 0.5 * shape.min(1.0));
        check_fit(sample, halves.chain(cubes).map(|x| (x, truth.cdf(x))), &name);
    }
}

#[test]
fn chi_square_fits() {
    for (study, df) in [1.0, 2.0, 9.0, 120.0].into_iter().enumerate() {
        let mut draws = draws(500 + study as u64);
        let sample: Vec<_> = (0..SIZE).map(|_| gamma::chi_square(df, &mut draws)).collect();
        Cumulants(df, 2.0 * df, 48.0 * df).check(&sample, &format!("chi-square({df})"));
        let truth = ChiSquared::new(df).unwrap();
        let sd = (2.0 * df).sqrt();
        let steps = (1..=1200).map(|i| df + 0.05 * sd * f64::from(i - 600)).filter(|&x| x > 0.0);
        check_fit(sample, steps.map(|x| (x, truth.cdf(x))), &format!("chi-square({df})"));
    }
}

/// To the last bit on every machine; agrees with the papers' formulae in SciPy and mpmath to rounding.
#[test]
fn known_answers() {
    let mut draws = draws(600);
    let z = [0; 2].map(|_| normal::standard(&mut draws));
    assert_eq!(z, [1.0840033977251642, -2.027203940342732]);
    let x = [0.5, 2.5].map(|shape| gamma::standard(shape, &mut draws));
    assert_eq!(x, [0.3514559559862442, 4.741500789381237]);
    let arms = [(50.0, 0.1), (50.0, 0.4), (1e6, 0.9), (2.0_f64.powi(53), 0.5)];
    let events = arms.map(|(n, p)| Binomial::new(n, p).draw(&mut draws));
    assert_eq!(events, [3.0, 25.0, 899_679.0, 4_503_599_642_318_154.0]);
    assert_eq!(draws.word(), 17_883_880_175_418_234_339);
}
