//! From a request to an answer.

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{
        HeaderMap, HeaderValue, StatusCode, Uri,
        header::{
            ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
            VARY,
        },
    },
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};

use crate::{Site, encoding::Accepted};

const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Keep it, but ask before each use: with an ETag the answer is a 304 of a few bytes.
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");

const NOT_FOUND: &str = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
    <title>Not found</title>\n<h1>Not found</h1>\n\
    <p>There is nothing at this address. <a href=\"/\">To the page</a></p>\n</html>\n";

/// The site as a service: GET and HEAD of its files and of `/healthz`, 405 for other methods, 404
/// for other paths, security headers on all of them.
pub fn app(site: &Site) -> Router {
    // A closure that owns the site, so that even 404 and 405 carry its headers.
    let security = site.security_headers().clone();
    Router::new()
        .route("/healthz", get(healthz))
        .fallback(get(file))
        .layer(middleware::map_response(move |mut response: Response| {
            for (name, value) in &security {
                response.headers_mut().insert(name, value.clone());
            }
            std::future::ready(response)
        }))
        .with_state(site.clone())
}

async fn healthz() -> impl IntoResponse {
    ([(CACHE_CONTROL, "no-store")], "ok\n")
}

async fn file(State(site): State<Site>, uri: Uri, headers: HeaderMap) -> Response {
    let Some(asset) = site.asset(uri.path()) else {
        let headers = [(CONTENT_TYPE, "text/html; charset=utf-8")];
        return (StatusCode::NOT_FOUND, headers, NOT_FOUND).into_response();
    };
    let accepted = Accepted::parse(headers.get_all(ACCEPT_ENCODING).iter());
    let (encoding, body) = asset.body(accepted);
    let etag = asset.etag(encoding);

    let mut response = if matches(&headers, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = Response::new(Body::from(body));
        let head = response.headers_mut();
        head.insert(CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
        if let Some(encoding) = encoding.header() {
            head.insert(CONTENT_ENCODING, encoding);
        }
        response
    };
    let head = response.headers_mut();
    head.insert(
        ETAG,
        HeaderValue::try_from(etag).expect("quotes, hex digits and a suffix are visible ASCII"),
    );
    let cache = if asset.immutable {
        IMMUTABLE
    } else {
        REVALIDATE
    };
    head.insert(CACHE_CONTROL, cache);
    if asset.varies() {
        head.insert(VARY, HeaderValue::from_static("accept-encoding"));
    }
    response
}

/// Does `If-None-Match` name this ETag? Weak forms of it count, as RFC 9110 says.
fn matches(headers: &HeaderMap, etag: &str) -> bool {
    headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}
