//! Hints to the processor that values will be wanted soon. They change no result. A step passes through a dozen fields row by row, more
//! streams than the processor's own foresight follows: without hints it waits for memory half of the time.

use crate::aligned::LINE_BYTES;

/// The hint of this processor, if it takes any.
#[derive(Clone, Copy)]
pub(crate) struct Prefetch {
    #[cfg(target_arch = "x86_64")]
    sse: Option<pulp::core_arch::x86::Sse>,
}

impl Prefetch {
    pub fn new() -> Self {
        Self {
            #[cfg(target_arch = "x86_64")]
            sse: pulp::core_arch::x86::Sse::try_new(),
        }
    }

    /// Asks for values to come into the second level of the cache.
    #[inline(always)]
    fn bring<T, const N: usize>(self, values: &[T; N]) {
        #[cfg(target_arch = "x86_64")]
        if let Some(sse) = self.sse {
            const SECOND_LEVEL: i32 = 2;
            for line in 0..N * size_of::<T>() / LINE_BYTES {
                let value = &raw const values[line * LINE_BYTES / size_of::<T>()];
                sse._mm_prefetch::<SECOND_LEVEL>(value.cast());
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = values;
    }
}

/// Rows that will be wanted while the next row of faces is computed; they are asked for little by little.
#[derive(Clone, Copy)]
pub(crate) struct Coming<'a> {
    pub prefetch: Prefetch,
    pub whole: [&'a [i32]; 3],
    pub real: [&'a [f32]; 3],
}

impl Coming<'_> {
    /// Asks for `N` values of each row from `first` on.
    #[inline(always)]
    pub fn bring<const N: usize>(&self, first: usize) {
        let [a, b, sums] = self.whole;
        let [c, d, e] = self.real;
        self.part::<_, N>(sums, first);
        self.part::<_, N>(a, first);
        self.part::<_, N>(b, first);
        self.part::<_, N>(c, first);
        self.part::<_, N>(d, first);
        self.part::<_, N>(e, first);
    }

    #[inline(always)]
    fn part<T, const N: usize>(&self, row: &[T], first: usize) {
        if let Some(values) = row.get(first..).and_then(|rest| rest.first_chunk::<N>()) {
            self.prefetch.bring(values);
        }
    }
}
