//! In which encoding the texts of a Shapefile are: its table says so badly or not at all.

use encoding_rs::GB18030;
use std::path::Path;

/// What was found out about a DBF table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Declared by a .cpg file or a language byte, or nothing but ASCII: the library knows what to do.
    Settled,
    /// Undeclared, but every text is UTF-8.
    Utf8,
    /// Undeclared, not UTF-8, and every text is GB18030 (or its subsets GBK, GB2312).
    Gb18030,
    /// Undeclared and neither.
    Unknown,
}

/// Looks at the table beside a `.shp`.
pub(crate) fn encoding_of(shp: &Path) -> Encoding {
    let beside = |extensions: [&str; 2]| extensions.iter().map(|e| shp.with_extension(e)).find(|p| p.is_file());
    if beside(["cpg", "CPG"]).is_some() {
        return Encoding::Settled;
    }
    let Some(bytes) = beside(["dbf", "DBF"]).and_then(|p| std::fs::read(p).ok()) else { return Encoding::Settled };
    let Some(texts) = character_fields(&bytes) else { return Encoding::Settled };
    if texts.iter().all(|t| t.is_ascii()) {
        return Encoding::Settled;
    }
    if texts.iter().all(|t| std::str::from_utf8(t).is_ok()) {
        return Encoding::Utf8;
    }
    // Language byte 0x4D (CP936) is declared; 0x00 and 0x57 ("ANSI") say nothing and are what Chinese programs write.
    if !matches!(bytes.get(29), Some(0x00 | 0x57)) {
        return Encoding::Settled;
    }
    if texts.iter().all(|t| GB18030.decode_without_bom_handling_and_without_replacement(t).is_some()) {
        return Encoding::Gb18030;
    }
    Encoding::Unknown
}

/// The contents of all character fields and the field names of a dBASE table, blanks cut; `None` when it is no table.
fn character_fields(bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let word = |at: usize| Some(usize::from(u16::from_le_bytes([*bytes.get(at)?, *bytes.get(at + 1)?])));
    let (header, record) = (word(8)?, word(10)?);
    let mut texts = Vec::new();
    let mut spans = Vec::new();
    let mut offset = 1; // a record starts with its deletion mark
    let mut at = 32;
    while at + 32 <= header && *bytes.get(at)? != 0x0D {
        let field = bytes.get(at..at + 32)?;
        let name = &field[..11];
        texts.push(&name[..name.iter().position(|b| *b == 0).unwrap_or(11)]);
        let width = usize::from(field[16]);
        if field[11] == b'C' {
            spans.push((offset, offset + width));
        }
        offset += width;
        at += 32;
    }
    for row in bytes.get(header..)?.chunks_exact(record.max(1)) {
        texts.extend(spans.iter().filter_map(|(a, z)| row.get(*a..*z)).map(<[u8]>::trim_ascii));
    }
    Some(texts)
}
