//! The models' patterns are Java's; these are the few places where Rust reads the same text otherwise.

use regex::Regex;

/// Java writes code points beyond 16 bits as two surrogates, and some models as `\u` with five or six digits.
const BEYOND: [(&str, &str); 2] =
    [(r"\uD800\uDC00-\uDBFF\uDFFF", r"\x{10000}-\x{10FFFF}"), (r"\u10000-\u10FFFF", r"\x{10000}-\x{10FFFF}")];

/// Compiles a pattern: it must match the whole value, and `\d`, `\w` and `\s` mean ASCII. Looking ahead is not
/// possible: the few patterns that do are errors.
pub fn compile(pattern: &str) -> Result<Regex, String> {
    let pattern = BEYOND.iter().fold(pattern.to_owned(), |pattern, (java, rust)| pattern.replace(java, rust));
    let whole = format!("^(?:{})$", translate(&pattern));
    Regex::new(&whole).map_err(|error| format!("{pattern}: {error}"))
}

fn translate(pattern: &str) -> String {
    let (mut out, mut in_class, mut chars) = (String::new(), false, pattern.chars());
    while let Some(char) = chars.next() {
        match char {
            '\\' => {
                let class = match chars.next() {
                    Some('d') => "0-9",
                    Some('w') => "A-Za-z0-9_",
                    Some('s') => r"\t-\r\x20",
                    other => {
                        out.push('\\');
                        out.extend(other);
                        continue;
                    }
                };
                out.push_str(&if in_class { class.to_owned() } else { format!("[{class}]") });
            }
            // A bracket or an operator inside a class is a character there.
            '[' if in_class => out.push_str(r"\["),
            '&' | '~' if in_class => out.extend(['\\', char]),
            _ => {
                in_class = match char {
                    '[' => true,
                    ']' => false,
                    _ => in_class,
                };
                out.push(char);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::compile;

    fn takes(pattern: &str, value: &str) -> bool {
        compile(pattern).unwrap().is_match(value)
    }

    #[test]
    fn a_pattern_is_about_the_whole_value_and_ascii() {
        assert!(takes(r"[\w+=,.@-]+", "a_B-9@x"));
        assert!(!takes(r"[\w+=,.@-]+", "a b"));
        assert!(!takes(r"[\w+=,.@-]+", "caf\u{e9}"));
        assert!(!takes(r"\d{12}", "1234567890123"));
        assert!(!takes(r"a|b", "ab"));
    }

    #[test]
    fn what_java_writes_otherwise_means_the_same() {
        let xml = r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*";
        assert!(takes(xml, "plain \u{1F600}\n"));
        assert!(!takes(xml, "\u{1}"));
        assert!(takes(r"[^$#<>;`|&?{}^*/\n]+", "a[b]"));
    }
}
