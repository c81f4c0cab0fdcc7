//! Sizes with a binary unit, written as Kubernetes writes them: `50Gi`.

use std::{borrow::Cow, fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A size in whole mebibytes, gibibytes or tebibytes, such as `256Mi`, `50Gi` or `2Ti`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Size {
    mebibytes: u64,
}

const GIB: u64 = 1024;
const TIB: u64 = 1024 * GIB;

impl Size {
    /// So many mebibytes.
    pub const fn mebibytes(count: u64) -> Self {
        Self { mebibytes: count }
    }

    /// So many gibibytes.
    pub const fn gibibytes(count: u64) -> Self {
        Self { mebibytes: count * GIB }
    }

    /// The size in MiB.
    pub const fn mib(self) -> u64 {
        self.mebibytes
    }

    /// The size in GiB, the unit of AWS's storage calls; a part of one counts as one.
    pub const fn gib(self) -> u64 {
        self.mebibytes.div_ceil(GIB)
    }
}

/// Why a text is no [`Size`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a size: write a whole number and Mi, Gi or Ti, such as 50Gi")]
pub struct InvalidSize(String);

impl FromStr for Size {
    type Err = InvalidSize;

    fn from_str(text: &str) -> Result<Self, InvalidSize> {
        let invalid = || InvalidSize(text.to_owned());
        let (count, unit) = [("Mi", 1), ("Gi", GIB), ("Ti", TIB)]
            .into_iter()
            .find_map(|(suffix, unit)| Some((text.strip_suffix(suffix)?, unit)))
            .ok_or_else(invalid)?;
        // `parse` alone would take a sign.
        if count.is_empty() || !count.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(invalid());
        }
        let count: u64 = count.parse().map_err(|_| invalid())?;
        let mebibytes = count.checked_mul(unit).ok_or_else(invalid)?;
        Ok(Self { mebibytes })
    }
}

impl TryFrom<String> for Size {
    type Error = InvalidSize;

    fn try_from(text: String) -> Result<Self, InvalidSize> {
        text.parse()
    }
}

impl From<Size> for String {
    fn from(size: Size) -> String {
        size.to_string()
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mebibytes = self.mebibytes;
        if mebibytes == 0 || !mebibytes.is_multiple_of(GIB) {
            write!(f, "{mebibytes}Mi")
        } else if !mebibytes.is_multiple_of(TIB) {
            write!(f, "{}Gi", mebibytes / GIB)
        } else {
            write!(f, "{}Ti", mebibytes / TIB)
        }
    }
}

impl JsonSchema for Size {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Size".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "maxLength": 10})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_binary_units() {
        for (text, mebibytes, canonical) in [
            ("256Mi", 256, "256Mi"),
            ("50Gi", 51_200, "50Gi"),
            ("1024Mi", 1024, "1Gi"),
            ("1Ti", 1_048_576, "1Ti"),
            ("1025Gi", 1_049_600, "1025Gi"),
        ] {
            let size: Size = text.parse().unwrap();
            assert_eq!(size, Size::mebibytes(mebibytes), "{text}");
            assert_eq!(size.to_string(), canonical);
        }
    }

    #[test]
    fn refuses_everything_else() {
        for text in ["", "Gi", "50", "50G", "50GB", "-1Gi", "+1Gi", "1.5Gi", " 1Gi", "99999999999999999999Gi"] {
            assert_eq!(text.parse::<Size>(), Err(InvalidSize(text.to_owned())));
        }
        assert!("18446744073709551615Ti".parse::<Size>().is_err());
    }

    #[test]
    fn a_part_of_a_gibibyte_counts_as_one() {
        assert_eq!(Size::mebibytes(1).gib(), 1);
        assert_eq!(Size::gibibytes(50).gib(), 50);
    }
}
