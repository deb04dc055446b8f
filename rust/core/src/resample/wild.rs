//! The wild bootstrap of a small-study test (Wu 1986; Liu 1988), under the hypothesis of no bias.

use crate::conventions::REVMAN5;
use crate::measure::Measure;
use crate::plan::Plan;
use crate::rng::draw::Draws;
use crate::rng::philox::Streams;
use crate::small_study::{RadialPoints, Test};

use super::Request;
use super::generated::Generated;

/// The bias of replicates from `first` on, to a row: residuals of the line through the origin, each with a sign of its
/// own (Rademacher), are added back and the line with an intercept is fitted. Bit j of the words of a replicate's
/// stream, 1, turns the sign of point j.
pub(crate) fn biases(
    plan: &Plan,
    points: &RadialPoints,
    streams: Streams,
    (analysis, first): (u64, u64),
    generated: &mut Generated,
    out: &mut [f64],
) {
    let slope = points.slope();
    // as effects y/x with variance 1/x² the points are what Egger's test makes of them
    let tests = &[Test::Egger(Measure::Gen, REVMAN5)];
    let plan = plan.of_given_effects();
    let request = Request { plan: &plan, statistics: &[], tests };
    generated.fit(&request, points.x.len(), &mut [out], |replicate, columns, _| {
        let mut draws = Draws::new(streams.stream(0, first + replicate as u64, analysis));
        let mut word = 0;
        for (j, (x, y)) in points.x.iter().zip(&points.y).enumerate() {
            if j % 64 == 0 {
                word = draws.word();
            }
            let residual = y - slope * x;
            let sign = if word & 1 == 1 { -1.0 } else { 1.0 };
            columns[0].push((slope * x + sign * residual) / x);
            columns[1].push(1.0 / (x * x));
            word >>= 1;
        }
    });
}
