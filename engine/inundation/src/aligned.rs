//! Values that start at a line of the cache: a vector of 512 bits that lies across two lines is read and written at half the speed.

use std::ops::{Deref, DerefMut};

/// Bytes of a line.
pub(crate) const LINE_BYTES: usize = 64;

/// Starts at a line of the cache.
#[repr(align(64))]
pub(crate) struct Line<T>(pub T);

/// A list of which a given value stands at the start of a line.
#[derive(Default)]
pub(crate) struct Aligned<T> {
    values: Vec<T>,
    first: usize,
}

impl<T: Copy + Default> Aligned<T> {
    /// `n` values, of which number `at_line` starts a line.
    pub fn new(n: usize, at_line: usize) -> Self {
        let spare = LINE_BYTES / size_of::<T>().max(1);
        let values = vec![T::default(); n + 2 * spare + at_line];
        // An allocator that cannot say gives up the speed, nothing else.
        let to_line = values.as_ptr().align_offset(LINE_BYTES);
        let to_line = if to_line < spare { to_line } else { 0 };
        let first = to_line + at_line.div_ceil(spare) * spare - at_line;
        Self { values, first: first.min(2 * spare) }
    }
}

impl<T> Deref for Aligned<T> {
    type Target = [T];
    #[inline(always)]
    fn deref(&self) -> &[T] {
        &self.values[self.first..]
    }
}

impl<T> DerefMut for Aligned<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.values[self.first..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chosen_value_starts_a_line_and_there_is_room_for_all() {
        for at_line in [0, 1, 15, 16] {
            let list = Aligned::<f32>::new(100, at_line);
            assert!(list.len() >= 100);
            assert_eq!(list[at_line..].as_ptr().align_offset(LINE_BYTES), 0);
        }
        assert_eq!(Aligned::<i32>::default().len(), 0);
    }
}
