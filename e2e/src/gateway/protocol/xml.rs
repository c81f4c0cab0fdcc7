//! A small XML tree: what AWS's XML answers need, and nothing more (no mixed content, no comments).

use anyhow::{Context, Result, bail};
use quick_xml::Reader;
use quick_xml::escape::{escape, resolve_predefined_entity};
use quick_xml::events::{BytesStart, Event};

/// One element: either text or children.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Element {
    /// Tag name, prefix included.
    pub name: String,
    /// Attributes in order, `xmlns` among them.
    pub attributes: Vec<(String, String)>,
    /// Text of a leaf.
    pub text: String,
    /// Child elements in order.
    pub children: Vec<Element>,
}

impl Element {
    /// An empty element.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// The element with this text.
    #[must_use]
    pub fn with_text(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    /// The element with one more child.
    #[must_use]
    pub fn with(mut self, child: Element) -> Self {
        self.children.push(child);
        self
    }

    /// The element with an attribute.
    #[must_use]
    pub fn with_attribute(mut self, name: &str, value: &str) -> Self {
        self.attributes.push((name.into(), value.into()));
        self
    }

    /// The first child of this name.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The first child of this name, made when absent.
    pub fn child_or_new(&mut self, name: &str) -> &mut Element {
        let at = self.children.iter().position(|child| child.name == name).unwrap_or_else(|| {
            self.children.push(Element::new(name));
            self.children.len() - 1
        });
        &mut self.children[at]
    }

    /// Reads a document.
    pub fn parse(source: &[u8]) -> Result<Self> {
        let source = std::str::from_utf8(source).context("XML is not UTF-8")?;
        let mut reader = Reader::from_str(source);
        let mut open: Vec<Element> = Vec::new();
        let mut root = None;
        loop {
            match reader.read_event().context("malformed XML")? {
                Event::Start(start) => open.push(Self::from_start(&start)?),
                Event::Empty(start) => Self::close(Self::from_start(&start)?, &mut open, &mut root),
                Event::End(_) => {
                    let element = open.pop().context("unexpected end tag")?;
                    Self::close(element, &mut open, &mut root);
                }
                Event::Text(text) => {
                    if let Some(element) = open.last_mut() {
                        element.text.push_str(&text.xml10_content());
                    }
                }
                Event::CData(text) => {
                    if let Some(element) = open.last_mut() {
                        element.text.push_str(&text.xml10_content());
                    }
                }
                Event::GeneralRef(reference) => {
                    let text = match reference.resolve_char_ref()? {
                        Some(character) => character.to_string(),
                        None => resolve_predefined_entity(&reference.xml10_content())
                            .context("unknown XML entity")?
                            .to_owned(),
                    };
                    if let Some(element) = open.last_mut() {
                        element.text.push_str(&text);
                    }
                }
                Event::Eof => break,
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
        if !open.is_empty() {
            bail!("XML ends inside <{}>", open[0].name);
        }
        root.context("no XML element")
    }

    fn from_start(start: &BytesStart<'_>) -> Result<Self> {
        let mut element = Self::new(start.name().as_ref());
        for attribute in start.attributes() {
            let attribute = attribute?;
            let value = quick_xml::escape::unescape(&attribute.value)?.into_owned();
            element.attributes.push((attribute.key.as_ref().to_owned(), value));
        }
        Ok(element)
    }

    /// Indentation between children is no text.
    fn close(mut element: Element, open: &mut [Element], root: &mut Option<Element>) {
        if !element.children.is_empty() || element.text.trim().is_empty() {
            element.text.clear();
        }
        match open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => *root = Some(element),
        }
    }

    /// The document as AWS sends it: declaration, no indentation.
    pub fn to_document(&self) -> String {
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        out.push('<');
        out.push_str(&self.name);
        for (name, value) in &self.attributes {
            out.push(' ');
            out.push_str(name);
            out.push_str("=\"");
            out.push_str(&escape(value.as_str()));
            out.push('"');
        }
        if self.text.is_empty() && self.children.is_empty() {
            out.push_str("/>");
            return;
        }
        out.push('>');
        out.push_str(&escape(self.text.as_str()));
        for child in &self.children {
            child.write(out);
        }
        out.push_str("</");
        out.push_str(&self.name);
        out.push('>');
    }
}

#[cfg(test)]
mod tests {
    use super::Element;

    #[test]
    fn entities_attributes_and_blanks_survive_a_round_trip() {
        let source = r#"<?xml version="1.0"?><A xmlns="urn:x">
            <B>1 &lt; 2 &amp; &#51;</B><C/><D> kept </D></A>"#;
        let element = Element::parse(source.as_bytes()).unwrap();
        assert_eq!(element.child("B").unwrap().text, "1 < 2 & 3");
        assert_eq!(element.child("D").unwrap().text, " kept ");
        assert_eq!(Element::parse(element.to_document().as_bytes()).unwrap(), element);
    }

    #[test]
    fn truncated_documents_are_errors() {
        assert!(Element::parse(b"<A><B>").is_err());
        assert!(Element::parse(b"Not Found").is_err());
    }
}
