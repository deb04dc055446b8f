//! Small whole numbers in bytes, in columns side by side.

/// How many columns.
pub const COLUMNS: usize = 32;

/// A number in each column.
pub type Row = [u8; COLUMNS];

/// What registers do with [`Row`]s; as written here it is the plain twin.
pub trait Bytes {
    /// The first digits, in base `base` < 256, of the fractions word/2^64: the first of each to the first row, and
    /// so on.
    ///
    /// # Formula
    /// A digit is the whole part of base times the fraction, and what remains is the next fraction.
    #[inline(always)]
    fn digits(words: &[u64; COLUMNS], base: u8, rows: &mut [Row]) {
        let mut words = *words;
        for row in rows {
            for (word, digit) in words.iter_mut().zip(row) {
                let product = u128::from(*word) * u128::from(base);
                *digit = (product >> 64) as u8;
                *word = product as u64;
            }
        }
    }

    /// How often each of the four numbers from `first` on occurs in every column of less than 256 rows.
    #[inline(always)]
    fn occurrences(rows: &[Row], first: u8) -> [Row; 4] {
        let mut found = [[0; COLUMNS]; 4];
        for row in rows {
            for (column, number) in row.iter().enumerate() {
                if let Some(found) = found.get_mut(usize::from(number.wrapping_sub(first))) {
                    found[column] += 1;
                }
            }
        }
        found
    }
}
