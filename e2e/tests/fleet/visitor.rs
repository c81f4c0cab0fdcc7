//! A visitor with a browser's cookies.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use http::{HeaderMap, Method, header};
use serde_json::Value;

use super::site::DOMAIN;

/// Somebody who asks one address: the load balancer's, or an instance's.
#[derive(Clone)]
pub struct Visitor {
    at: String,
    cookies: BTreeMap<String, String>,
    http: reqwest::Client,
}

/// What came back.
pub struct Page {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Page {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl Visitor {
    /// Somebody new at `http://address`.
    pub fn at(address: &str) -> Result<Self> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(60))
            // A connection for each request: nginx closes idle ones when its targets change, and who then asks through
            // one is refused though nobody failed.
            .pool_max_idle_per_host(0)
            .build()?;
        Ok(Self { at: address.trim_end_matches('/').to_owned(), cookies: BTreeMap::new(), http })
    }

    /// The same person at another address.
    pub fn moves_to(&self, address: &str) -> Self {
        Self { at: address.trim_end_matches('/').to_owned(), ..self.clone() }
    }

    /// Carries a cookie from now on.
    pub fn carry(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.into(), value.into());
    }

    /// Asks for a page.
    pub async fn get(&self, path: &str) -> Result<Page> {
        Ok(self.ask(Method::GET, path, &[], Vec::new()).await?)
    }

    /// Asks for a page that must be there.
    pub async fn sees(&self, path: &str) -> Result<Page> {
        let page = self.get(path).await?;
        ensure!(page.status == 200, "{}{path} answers {}:\n{:.600}", self.at, page.status, page.text());
        Ok(page)
    }

    async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> reqwest::Result<Page> {
        let path = path.trim_start_matches(&format!("https://{DOMAIN}"));
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = self.http.request(method, format!("{}{path}", self.at)).body(body);
        // The load balancer's own headers are no different from an instance's neighbour's.
        request = request.header(header::HOST, DOMAIN).header("x-forwarded-proto", "https");
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Ok(Page { status, headers, body: answer.bytes().await?.to_vec() })
    }

    fn remember(&mut self, page: &Page) {
        for cookie in page.headers.get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.cookies.insert(name.trim().into(), value.trim().into());
            }
        }
    }

    /// Logs in; answers the page that said welcome.
    pub async fn log_in(&mut self, user: &str, password: &str) -> Result<Page> {
        let form = self.sees("/wp-login.php").await?;
        self.remember(&form);
        let fields = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("log", user), ("pwd", password), ("testcookie", "1"), ("redirect_to", "/wp-admin/")])
            .finish();
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        let welcome = self.ask(Method::POST, "/wp-login.php", &kind, fields.into_bytes()).await?;
        ensure!(welcome.status == 302, "the login answers {}:\n{:.600}", welcome.status, welcome.text());
        self.remember(&welcome);
        ensure!(
            self.cookies.keys().any(|name| name.starts_with("wordpress_logged_in_")),
            "no cookie of a login in {:?}",
            welcome.headers
        );
        Ok(welcome)
    }

    /// Whether the administrator's pages know who this is.
    pub async fn is_logged_in(&self) -> Result<Page> {
        self.sees("/wp-admin/profile.php").await
    }

    /// A call of WordPress's REST API as who is logged in.
    pub async fn creates(&self, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Result<Value> {
        let nonce = self.sees("/wp-admin/admin-ajax.php?action=rest-nonce").await?.text();
        let headers: Vec<_> = headers.iter().copied().chain([("x-wp-nonce", nonce.as_str())]).collect();
        let page = self.ask(Method::POST, path, &headers, body).await?;
        ensure!(page.status == 201, "POST {path} answers {}:\n{:.600}", page.status, page.text());
        serde_json::from_slice(&page.body).context("no JSON")
    }

    /// Deletes by WordPress's REST API, for good.
    pub async fn deletes(&self, path: &str) -> Result<()> {
        let nonce = self.sees("/wp-admin/admin-ajax.php?action=rest-nonce").await?.text();
        let page =
            self.ask(Method::DELETE, &format!("{path}?force=true"), &[("x-wp-nonce", &nonce)], Vec::new()).await?;
        ensure!(page.status == 200, "DELETE {path} answers {}:\n{:.600}", page.status, page.text());
        Ok(())
    }

    /// Publishes a post; answers its address.
    pub async fn publishes(&self, title: &str, text: &str) -> Result<String> {
        let post = serde_json::json!({ "title": title, "content": text, "status": "publish" });
        let kind = [("content-type", "application/json")];
        let post = self.creates("/wp-json/wp/v2/posts", &kind, post.to_string().into_bytes()).await?;
        Ok(post["link"].as_str().context("a post without address")?.to_owned())
    }
}
