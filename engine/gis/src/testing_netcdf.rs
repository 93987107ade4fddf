//! A writer of small NetCDF files of the classic format (Unidata, "The NetCDF Classic Format Specification"), for tests: GDAL itself writes
//! neither scalar variables nor tracks.

/// Values of a variable.
pub(crate) enum Values {
    Text(Vec<u8>),
    Shorts(Vec<i16>),
    Doubles(Vec<f64>),
}

/// A variable: name, dimensions by number, text attributes, further number attributes, values.
pub(crate) struct Variable<'a> {
    pub name: &'a str,
    pub dimensions: &'a [u32],
    pub texts: &'a [(&'a str, &'a str)],
    pub numbers: &'a [(&'a str, f64)],
    pub values: Values,
}

fn padded(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

fn text(words: &str) -> Vec<u8> {
    let mut s = (words.len() as u32).to_be_bytes().to_vec();
    s.extend(padded(words.as_bytes().to_vec()));
    s
}

fn list(tag: u32, count: usize) -> Vec<u8> {
    let tag = if count == 0 { 0 } else { tag };
    [tag.to_be_bytes(), (count as u32).to_be_bytes()].concat()
}

impl Variable<'_> {
    fn kind(&self) -> u32 {
        match self.values {
            Values::Text(_) => 2,
            Values::Shorts(_) => 3,
            Values::Doubles(_) => 6,
        }
    }
    fn data(&self) -> Vec<u8> {
        padded(match &self.values {
            Values::Text(v) => v.clone(),
            Values::Shorts(v) => v.iter().flat_map(|x| x.to_be_bytes()).collect(),
            Values::Doubles(v) => v.iter().flat_map(|x| x.to_be_bytes()).collect(),
        })
    }
    fn head(&self, begin: u32) -> Vec<u8> {
        let mut s = text(self.name);
        s.extend((self.dimensions.len() as u32).to_be_bytes());
        self.dimensions.iter().for_each(|d| s.extend(d.to_be_bytes()));
        s.extend(list(12, self.texts.len() + self.numbers.len()));
        for (key, words) in self.texts {
            s.extend(text(key));
            s.extend(2_u32.to_be_bytes());
            s.extend(text(words));
        }
        for (key, number) in self.numbers {
            s.extend(text(key));
            // An attribute that stands for missing values has the type of its variable.
            let (kind, bytes) = match self.values {
                Values::Shorts(_) if *key == "_FillValue" => (3, padded((*number as i16).to_be_bytes().to_vec())),
                _ => (6, number.to_be_bytes().to_vec()),
            };
            s.extend([(kind as u32).to_be_bytes(), 1_u32.to_be_bytes()].concat());
            s.extend(bytes);
        }
        s.extend(self.kind().to_be_bytes());
        s.extend((self.data().len() as u32).to_be_bytes());
        s.extend(begin.to_be_bytes());
        s
    }
}

/// The bytes of a file with these dimensions and variables.
pub(crate) fn classic(dimensions: &[(&str, u32)], variables: &[Variable<'_>]) -> Vec<u8> {
    let mut s = b"CDF\x01\0\0\0\0".to_vec();
    s.extend(list(10, dimensions.len()));
    for (name, length) in dimensions {
        s.extend(text(name));
        s.extend(length.to_be_bytes());
    }
    s.extend(list(12, 0));
    s.extend(list(11, variables.len()));
    let heads: usize = variables.iter().map(|v| v.head(0).len()).sum();
    let mut begin = s.len() + heads;
    for v in variables {
        s.extend(v.head(begin as u32));
        begin += v.data().len();
    }
    variables.iter().for_each(|v| s.extend(v.data()));
    s
}
