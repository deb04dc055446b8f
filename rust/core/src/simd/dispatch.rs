//! Which registers a kernel runs in, decided at run time.

use std::sync::atomic::{AtomicU8, Ordering};

use super::{Array, Lanes, Pair, Register};

/// A computation that is generic over the width.
pub trait Kernel {
    /// What it returns.
    type Output;
    /// Does it. Implementations are `#[inline(always)]`, as is all that they call with a `V`, so that
    /// everything is compiled for the registers of `V`.
    fn run<V: Register>(self) -> Self::Output;
}

crate::choice::choice! {
    /// A set of registers.
    pub enum Path: "SIMD path" {
        /// AVX2.
        Avx2 = "avx2",
        /// Arrays of four, compiled for every processor of the architecture.
        Baseline = "baseline",
    }
}

const UNDECIDED: u8 = u8::MAX;
static PATH: AtomicU8 = AtomicU8::new(UNDECIDED);

/// The registers that [`run`] takes: AVX2 where the processor has it, unless [`use_path`] said
/// otherwise.
pub fn path() -> Path {
    match PATH.load(Ordering::Relaxed) {
        0 => Path::Avx2,
        1 => Path::Baseline,
        _ => {
            let found = if avx2_is_available() { Path::Avx2 } else { Path::Baseline };
            PATH.store(found as u8, Ordering::Relaxed);
            found
        }
    }
}

/// Makes [`run`] take this path from now on; false, and nothing changed, if the processor lacks it.
pub fn use_path(path: Path) -> bool {
    let possible = path == Path::Baseline || avx2_is_available();
    if possible {
        PATH.store(path as u8, Ordering::Relaxed);
    }
    possible
}

/// Runs a kernel in the registers of [`path`].
pub fn run<K: Kernel>(kernel: K) -> K::Output {
    match path() {
        #[cfg(target_arch = "x86_64")]
        Path::Avx2 => super::avx2::run(kernel).unwrap_or_else(|kernel| kernel.run::<Array>()),
        _ => kernel.run::<Array>(),
    }
}

/// A pass over columns, element by element.
pub trait Elementwise {
    /// Does elements `i..i + V::LANES`. Implementations are `#[inline(always)]`.
    fn at<V: Lanes>(&mut self, i: usize);
}

/// Does elements `0..n`: whole registers, then what is left one at a time, with the same bits.
#[inline(always)]
pub fn elementwise<V: Lanes>(n: usize, pass: &mut impl Elementwise) {
    let mut i = 0;
    while i + Pair::<V>::LANES <= n {
        pass.at::<Pair<V>>(i);
        i += Pair::<V>::LANES;
    }
    while i < n {
        pass.at::<f64>(i);
        i += 1;
    }
}

/// Runs a pass over elements `0..n` in the registers of [`path`].
pub fn each(n: usize, pass: impl Elementwise) {
    run(Each(n, pass));
}

struct Each<E>(usize, E);

impl<E: Elementwise> Kernel for Each<E> {
    type Output = ();

    #[inline(always)]
    fn run<V: Register>(mut self) {
        elementwise::<V>(self.0, &mut self.1);
    }
}

#[cfg(target_arch = "x86_64")]
fn avx2_is_available() -> bool {
    super::avx2::is_available()
}

#[cfg(not(target_arch = "x86_64"))]
fn avx2_is_available() -> bool {
    false
}
