//! CBOR, as the protocol Smithy RPC v2 has it: seen as JSON, so that everything else knows one form less.
//!
//! A timestamp (tag 1) is `{"$epoch": seconds}`, which is written back as it was.

use std::convert::Infallible;

use minicbor::data::{Tag, Type};
use minicbor::decode::Error as Wrong;
use minicbor::{Decoder, Encoder};
use serde_json::{Map, Value, json};

/// What a timestamp is called in JSON.
const EPOCH: &str = "$epoch";
/// The tag of a timestamp.
const TIMESTAMP: Tag = Tag::new(1);

/// A body as JSON; nothing where it is no CBOR, or says what the protocol has no place for.
pub fn to_json(body: &[u8]) -> Option<Value> {
    let mut decoder = Decoder::new(body);
    read(&mut decoder).ok().filter(|_| decoder.position() == body.len())
}

fn read(decoder: &mut Decoder<'_>) -> Result<Value, Wrong> {
    Ok(match decoder.datatype()? {
        Type::Null => decoder.null().map(|()| Value::Null)?,
        Type::Bool => Value::Bool(decoder.bool()?),
        Type::String | Type::StringIndef => Value::String(text(decoder)?),
        Type::F16 | Type::F32 | Type::F64 => json!(decoder.f64()?),
        Type::U8 | Type::U16 | Type::U32 | Type::U64 | Type::I8 | Type::I16 | Type::I32 | Type::I64 => {
            json!(decoder.i64()?)
        }
        Type::Array | Type::ArrayIndef => {
            let length = decoder.array()?;
            Value::Array(each(decoder, length, read)?)
        }
        Type::Map | Type::MapIndef => {
            let length = decoder.map()?;
            let entries = each(decoder, length, |decoder| Ok((text(decoder)?, read(decoder)?)))?;
            Value::Object(entries.into_iter().collect::<Map<_, _>>())
        }
        Type::Tag if decoder.tag()? == TIMESTAMP => json!({ EPOCH: read(decoder)? }),
        other => return Err(Wrong::type_mismatch(other)),
    })
}

fn text(decoder: &mut Decoder<'_>) -> Result<String, Wrong> {
    decoder.str_iter()?.collect()
}

/// So many parts, or all up to the break where no length is given.
fn each<T>(
    decoder: &mut Decoder<'_>,
    length: Option<u64>,
    part: impl Fn(&mut Decoder<'_>) -> Result<T, Wrong>,
) -> Result<Vec<T>, Wrong> {
    let mut parts = vec![];
    loop {
        match length {
            Some(length) if parts.len() as u64 == length => return Ok(parts),
            None if decoder.datatype()? == Type::Break => return decoder.skip().map(|()| parts),
            _ => parts.push(part(decoder)?),
        }
    }
}

/// JSON as a body.
pub fn from_json(value: &Value) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    // Writing to memory cannot fail.
    write(&mut encoder, value).unwrap_or_default();
    encoder.into_writer()
}

fn write(encoder: &mut Encoder<Vec<u8>>, value: &Value) -> Result<(), minicbor::encode::Error<Infallible>> {
    match value {
        Value::Null => drop(encoder.null()?),
        Value::Bool(flag) => drop(encoder.bool(*flag)?),
        Value::String(text) => drop(encoder.str(text)?),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => drop(encoder.i64(whole)?),
            None => drop(encoder.f64(number.as_f64().unwrap_or_default())?),
        },
        Value::Array(items) => {
            encoder.array(items.len() as u64)?;
            items.iter().try_for_each(|item| write(encoder, item))?;
        }
        Value::Object(map) => match (map.len(), map.get(EPOCH)) {
            (1, Some(seconds)) => {
                encoder.tag(TIMESTAMP)?;
                write(encoder, seconds)?;
            }
            _ => {
                encoder.map(map.len() as u64)?;
                for (key, value) in map {
                    encoder.str(key)?;
                    write(encoder, value)?;
                }
            }
        },
    }
    Ok(())
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
