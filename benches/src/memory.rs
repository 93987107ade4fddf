use rayon::prelude::*;
use std::time::Instant;

/// Bytes that one element of the triad really moves: two 8-byte reads, one write, and the read of the line to be written
/// (ordinary stores fetch it first). STREAM counts 24, without the last.
const BYTES_AN_ELEMENT: f64 = 32.0;

/// Memory bandwidth, bytes/s, by `a = b + s·c` (the triad of McCalpin's STREAM, 1995) over three arrays of `bytes` in all, on the
/// caller's rayon pool: the best of `repeats` passes after one that touches every page. Counted with the lines fetched before
/// they are written, as the flow kernel's bytes are.
pub fn triad_bytes_per_s(bytes: usize, repeats: usize) -> f64 {
    let n = bytes / 24;
    let threads = rayon::current_num_threads();
    // One piece a thread, so that each keeps to the part that its core fetched.
    let piece = n.div_ceil(threads).max(1);
    let (mut a, b, c) = (vec![0.0_f64; n], vec![1.0_f64; n], vec![2.0_f64; n]);
    let mut pass = |scale: f64| {
        let clock = Instant::now();
        a.par_chunks_mut(piece).zip(b.par_chunks(piece)).zip(c.par_chunks(piece)).for_each(|((a, b), c)| {
            for ((a, b), c) in a.iter_mut().zip(b).zip(c) {
                *a = *b + scale * *c;
            }
        });
        std::hint::black_box(&mut a);
        clock.elapsed().as_secs_f64()
    };
    pass(1.0);
    let best = (0..repeats).map(|k| pass(k as f64)).fold(f64::INFINITY, f64::min);
    n as f64 * BYTES_AN_ELEMENT / best
}
