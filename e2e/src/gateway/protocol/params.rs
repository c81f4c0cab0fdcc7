//! What a request asks, flattened to `Dotted.1.Names` whatever the protocol.

use serde_json::Value;

use super::xml::Element;

/// Request parameters in order; lists count from 1, as in the Query protocol.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Params(Vec<(String, String)>);

/// Parameters whose values are never kept, by the last part of their name.
const SECRETS: &[&str] = &[
    "MasterUserPassword",
    "AuthToken",
    "SecretString",
    "SecretBinary",
    "Password",
    "Passwords",
    "UserData",
    "HeaderValue",
    "TdeCredentialPassword",
];

/// Where secrets stand in lists, by any part of their name: what a rule of a load balancer wants to be sent.
const SECRET_LISTS: &[&str] = &["HttpHeaderConfig"];

/// What stands for a secret.
pub const MASK: &str = "***";

/// Longest value that is kept in a record.
const LONGEST: usize = 256;

/// A parameter's value as a record may hold it: secrets masked, long values cut.
pub fn shown(name: &str, value: &str) -> String {
    let secret = name.split('.').rev().find(|part| !part.bytes().all(|byte| byte.is_ascii_digit())).unwrap_or(name);
    match value.char_indices().nth(LONGEST) {
        _ if SECRETS.contains(&secret) || name.split('.').any(|part| SECRET_LISTS.contains(&part)) => MASK.to_owned(),
        Some((end, _)) => format!("{}...", &value[..end]),
        None => value.to_owned(),
    }
}

impl Params {
    /// The same in the order of their names: fields of a JSON object come in any.
    #[must_use]
    pub fn sorted(&self) -> Self {
        let mut all = self.0.clone();
        all.sort();
        Self(all)
    }

    /// From a query string or a form.
    pub fn from_form(form: &str) -> Self {
        Self(form_urlencoded::parse(form.as_bytes()).into_owned().collect())
    }

    /// From a JSON body.
    pub fn from_json(body: &Value) -> Self {
        let mut out = Self::default();
        out.push_json("", body);
        out
    }

    fn push_json(&mut self, name: &str, value: &Value) {
        let under = |part: &str| if name.is_empty() { part.to_owned() } else { format!("{name}.{part}") };
        match value {
            Value::Object(map) => map.iter().for_each(|(key, value)| self.push_json(&under(key), value)),
            Value::Array(list) => {
                list.iter().zip(1..).for_each(|(value, at)| self.push_json(&under(&at.to_string()), value));
            }
            Value::String(text) => self.push(name, text),
            Value::Number(number) => self.push(name, &number.to_string()),
            Value::Bool(flag) => self.push(name, &flag.to_string()),
            Value::Null => {}
        }
    }

    /// From an XML body, the root's name first; a repeated element keeps one name.
    pub fn from_xml(root: &Element) -> Self {
        let mut out = Self::default();
        out.push_xml(&root.name, root);
        out
    }

    fn push_xml(&mut self, name: &str, element: &Element) {
        if element.children.is_empty() {
            self.push(name, &element.text);
        }
        element.children.iter().for_each(|child| self.push_xml(&format!("{name}.{}", child.name), child));
    }

    /// Adds one.
    pub fn push(&mut self, name: &str, value: &str) {
        self.0.push((name.into(), value.into()));
    }

    /// Adds all of another.
    pub fn extend(&mut self, other: Params) {
        self.0.extend(other.0);
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// The value of a parameter at any depth, by the last part of its name.
    pub fn find(&self, last: &str) -> Option<&str> {
        self.iter().find(|(key, _)| key.rsplit('.').next() == Some(last)).map(|(_, value)| value)
    }

    /// A parameter's values: `Name`, `Name.1`, `Name.member.1`.
    pub fn list(&self, name: &str) -> Vec<&str> {
        let numbered = |rest: &str| {
            let last = rest.rsplit('.').next().unwrap_or_default();
            rest.split('.').count() <= 2 && !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit())
        };
        self.iter()
            .filter(|(key, _)| match key.strip_prefix(name) {
                Some("") => true,
                Some(rest) => rest.strip_prefix('.').is_some_and(numbered),
                None => false,
            })
            .map(|(_, value)| value)
            .collect()
    }

    /// The value of a tag that the request sets, or filters by.
    pub fn tag(&self, tag: &str) -> Option<&str> {
        // CloudWatch Logs and AWS Backup take a map.
        let (filter, entry) = (format!("tag:{tag}"), format!(".{tag}"));
        if let Some((_, value)) = self.iter().find(|(key, _)| key.ends_with(&entry)) {
            return Some(value);
        }
        let at = self.0.iter().position(|(_, value)| *value == tag || *value == filter)?;
        let (parent, _) = self.0[at].0.rsplit_once('.')?;
        // Tags by key and value, filters by name and values; the pair shares its parent and follows its key.
        let pair = |key: &str| {
            key.strip_prefix(parent).is_some_and(|rest| {
                [".Value", ".value", ".TagValue", ".Value.1", ".Values.1", ".Values.Value.1", ".Values.member.1"]
                    .contains(&rest)
            })
        };
        self.0[at..].iter().find(|(key, _)| pair(key)).map(|(_, value)| value.as_str())
    }

    /// The values an EC2 filter of this name accepts, if the request has such a filter.
    pub fn filter(&self, name: &str) -> Option<Vec<&str>> {
        let (key, _) = self.iter().find(|(key, value)| key.starts_with("Filter.") && *value == name)?;
        let parent = key.strip_suffix(".Name")?;
        Some(self.list(&format!("{parent}.Value")))
    }

    /// A copy without one parameter.
    #[must_use]
    pub fn without(&self, name: &str) -> Self {
        Self(self.0.iter().filter(|(key, _)| key != name).cloned().collect())
    }

    /// What a record may hold: secrets masked, long values cut.
    #[must_use]
    pub fn masked(&self) -> Vec<(String, String)> {
        self.iter().map(|(key, text)| (key.to_owned(), shown(key, text))).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_are_found_in_every_spelling() {
        let params = Params::from_form("VpcId.1=a&VpcId.2=b&Names.member.1=c&VpcIdX=d&Id=e&VpcId.1.Deep.1=f");
        assert_eq!(params.list("VpcId"), ["a", "b"]);
        assert_eq!(params.list("Names"), ["c"]);
        assert_eq!(params.list("Id"), ["e"]);
        let json = Params::from_json(&json!({"Tags": [{"Key": "k", "Value": 7}], "Names": ["x"]}));
        assert_eq!(json.get("Tags.1.Value"), Some("7"));
        assert_eq!(json.list("Names"), ["x"]);
    }

    #[test]
    fn the_stack_tag_is_found_in_every_protocol() {
        const TAG: &str = "wordpresscluster.dev/stack";
        let encoded = "wordpresscluster.dev%2Fstack";
        let ec2 = Params::from_form(&format!(
            "TagSpecification.1.Tag.1.Key=other&TagSpecification.1.Tag.1.Value=no&TagSpecification.1.Tag.2.Key={encoded}&TagSpecification.1.Tag.2.Value=yes"
        ));
        let rds = Params::from_form(&format!(
            "Tags.Tag.1.Value=yes&Tags.Tag.2.Key=x&Tags.member.1.Key={encoded}&Tags.member.1.Value=yes"
        ));
        let filter = Params::from_form(&format!("Filter.1.Name=tag%3A{encoded}&Filter.1.Value.1=yes"));
        let json = Params::from_json(&json!({"Tags": [{"Key": TAG, "Value": "yes"}]}));
        let xml = format!(
            "<C><Tags><Items><Tag><Key>a</Key><Value>no</Value></Tag><Tag><Key>{TAG}</Key><Value>yes</Value></Tag></Items></Tags></C>"
        );
        let xml = Params::from_xml(&Element::parse(xml.as_bytes()).unwrap());
        for params in [ec2, rds, filter, json, xml] {
            assert_eq!(params.tag(TAG), Some("yes"), "{params:?}");
        }
        assert_eq!(Params::from_form("A=1").tag(TAG), None);
    }

    #[test]
    fn secrets_never_reach_a_record() {
        let form = Params::from_form("MasterUserPassword=hush&MasterUsername=admin&AuthToken=hush");
        let json = Params::from_json(&json!({"SecretString": "hush", "Name": "n", "Passwords": ["hush"]}));
        let xml = "<D><Origins><HeaderName>x</HeaderName><HeaderValue>hush</HeaderValue></Origins></D>";
        let xml = Params::from_xml(&Element::parse(xml.as_bytes()).unwrap());
        let list = Params::from_form("Conditions.member.1.HttpHeaderConfig.Values.member.1=hush");
        for params in [form, json, xml, list] {
            let kept = format!("{:?}", params.masked());
            assert!(!kept.contains("hush") && kept.contains(MASK), "{kept}");
        }
    }

    #[test]
    fn filters_name_their_values() {
        let params = Params::from_form("Filter.1.Name=state&Filter.1.Value.1=pending&Filter.1.Value.2=available");
        assert_eq!(params.filter("state"), Some(vec!["pending", "available"]));
        assert_eq!(params.filter("vpc-id"), None);
    }
}
