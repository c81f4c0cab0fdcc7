//! CBOR, as the protocol Smithy RPC v2 has it: seen as JSON, so that everything else knows one form less.
//!
//! A timestamp (tag 1) is `{"$epoch": seconds}`, which is written back as it was.

use ciborium::Value as Cbor;
use ciborium::value::Integer;
use serde_json::{Map, Value, json};

/// What a timestamp is called in JSON.
const EPOCH: &str = "$epoch";
/// The tag of a timestamp.
const TIMESTAMP: u64 = 1;

/// A body as JSON; nothing where it is no CBOR, or says what the protocol has no place for.
pub fn to_json(body: &[u8]) -> Option<Value> {
    if body.is_empty() {
        return None;
    }
    json_of(ciborium::from_reader(body).ok()?)
}

fn json_of(value: Cbor) -> Option<Value> {
    Some(match value {
        Cbor::Null => Value::Null,
        Cbor::Bool(flag) => Value::Bool(flag),
        Cbor::Text(text) => Value::String(text),
        Cbor::Float(number) => json!(number),
        Cbor::Integer(number) => json!(i64::try_from(number).ok()?),
        Cbor::Array(items) => Value::Array(items.into_iter().map(json_of).collect::<Option<_>>()?),
        Cbor::Map(entries) => {
            let entry = |(key, value): (Cbor, Cbor)| Some((key.into_text().ok()?, json_of(value)?));
            Value::Object(entries.into_iter().map(entry).collect::<Option<Map<_, _>>>()?)
        }
        Cbor::Tag(TIMESTAMP, seconds) => json!({ EPOCH: json_of(*seconds)? }),
        _ => return None,
    })
}

/// JSON as a body.
pub fn from_json(value: &Value) -> Vec<u8> {
    let mut body = Vec::new();
    // Writing to memory cannot fail.
    ciborium::into_writer(&cbor_of(value), &mut body).unwrap_or_default();
    body
}

fn cbor_of(value: &Value) -> Cbor {
    match value {
        Value::Null => Cbor::Null,
        Value::Bool(flag) => Cbor::Bool(*flag),
        Value::String(text) => Cbor::Text(text.clone()),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => Cbor::Integer(Integer::from(whole)),
            None => Cbor::Float(number.as_f64().unwrap_or_default()),
        },
        Value::Array(items) => Cbor::Array(items.iter().map(cbor_of).collect()),
        Value::Object(map) => match (map.len(), map.get(EPOCH)) {
            (1, Some(seconds)) => Cbor::Tag(TIMESTAMP, Box::new(cbor_of(seconds))),
            _ => Cbor::Map(map.iter().map(|(key, value)| (Cbor::Text(key.clone()), cbor_of(value))).collect()),
        },
    }
}

/// Does a body begin as a map does? No text of XML or JSON begins so.
pub fn is_map(body: &[u8]) -> bool {
    matches!(body.first(), Some(0xa0..=0xbf))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_back() {
        let value = json!({
            "AlarmNames": ["a", "b"], "Threshold": 80.0, "Period": 60, "Actions": true, "None": null,
            "At": {"$epoch": 1_795_283_081.5}, "Empty": {},
        });
        let body = from_json(&value);
        assert!(is_map(&body));
        assert_eq!(to_json(&body), Some(value));
    }

    #[test]
    fn lengths_may_be_left_open_and_nonsense_is_none() {
        // {"a": [1]} as the SDK writes it: map and list without a length.
        let open = [0xbf, 0x61, b'a', 0x9f, 0x01, 0xff, 0xff];
        assert!(is_map(&open));
        assert_eq!(to_json(&open), Some(json!({"a": [1]})));
        for wrong in [&open[..5], b"", b"\xff", b"\xa1\x01\x02"] {
            assert_eq!(to_json(wrong), None, "{wrong:?}");
        }
    }
}
