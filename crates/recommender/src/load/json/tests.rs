use super::*;

fn all(mut json: Json) -> Result<Vec<(Item, u64)>, Fault> {
    std::iter::from_fn(|| json.next().transpose()).collect()
}

fn list(text: &str) -> Result<Vec<(Item, u64)>, Fault> {
    all(Json::list(text.to_owned())?)
}

fn fault(result: Result<Vec<(Item, u64)>, Fault>) -> (u64, String, String) {
    let fault = result.expect_err("bad");
    (fault.line, fault.column, fault.what)
}

#[test]
fn lists_lines_and_lists_in_objects() {
    let a = r#"{"id": 1, "title": "A"}"#;
    let b = r#"{"id": 2, "title": "B"}"#;
    let array = list(&format!("[{a},\n {b}]\n")).expect("valid");
    assert_eq!((array[1].0.id.as_str(), array[1].1), ("2", 2));
    let object =
        format!(r#"{{"title": "Shop", "total": 2, "tags": ["x"], "products": [{a},{b}]}}"#);
    let mut inside = Json::list(object).expect("valid");
    assert_eq!(inside.title.as_deref(), Some("Shop"));
    assert_eq!(inside.next().expect("valid").expect("there").0.id, "1");
    let lines = format!("{a}\n\n{b}\n");
    assert!(Json::is_lines(&lines) && !Json::is_lines(a) && !Json::is_lines("[{}]"));
    assert_eq!(all(Json::lines(lines)).expect("valid")[1].1, 3);
    let pretty = "{\n\"title\": \"A\"\n}\n{\"title\":\n\"B\"}";
    assert_eq!(all(Json::lines(pretty.to_owned())).expect("valid").len(), 2);
    assert_eq!(list("[]").expect("valid"), []);
}

#[test]
fn values_of_many_shapes() {
    let text = r#"[{"id":"a","title":"A \u00e9","genres":["x","y"],"authors":[{"name":"Ada"},{"name":"Bo"}],
        "price":{"amount":12.5,"currency":"EUR"},"images":[{"src":"https://a.b/c.png"}],
        "in_stock":true,"year":null,"dimensions":{"width":1},"date_published":"2020-01-02"}]"#;
    let mut json = Json::list(text.to_owned()).expect("valid");
    let item = json.next().expect("valid").expect("there").0;
    assert_eq!(
        (item.title.as_str(), item.creator.as_str()),
        ("A é", "Ada & Bo")
    );
    assert_eq!(
        (item.year, item.image.as_str()),
        (Some(2020), "https://a.b/c.png")
    );
    let tags: Vec<String> = item.tags.iter().map(|(f, v)| format!("{f}={v}")).collect();
    assert_eq!(
        tags,
        [
            "genre=x",
            "genre=y",
            "price=12.50",
            "currency=EUR",
            "availability=in stock"
        ]
    );
    assert_eq!(json.left_out(), ["dimensions"]);
}

#[test]
fn faults_name_line_and_column() {
    let (line, column, what) = fault(list("[{\"title\": \"A\"},\n  {\"id\": 2}]"));
    assert_eq!((line, column.as_str()), (2, "3"));
    assert_eq!(what, "item 2 has no title; every item needs one");
    let (line, column, what) = fault(list("[{\"title\": \"A\",\n  \"year\": \"19x0\"}]"));
    assert_eq!((line, column.as_str()), (2, "11"));
    assert_eq!(what, "item 1, `year`: `19x0` is no year");
    let (line, column, what) = fault(list("[{\"title\": \"A\",\n \"id\" 2}]"));
    assert_eq!((line, column.as_str()), (2, "7"), "{what}");
    let (line, column, _) = fault(list("[{\"title\": \"A\"}\n {\"title\": \"B\"}]"));
    assert_eq!((line, column.as_str()), (2, "2"));
    let (line, column, what) = fault(list("[{\"title\": \"A\"},\n 7]"));
    assert_eq!((line, column.as_str()), (2, "2"));
    assert!(what.starts_with("item 2 is no object"), "{what}");
    let (line, _, what) = fault(list("[{\"title\": \"A\"},\n"));
    assert_eq!(line, 3 - 1, "{what}");
    assert!(
        fault(list("[{\"title\": \"A\"},\n {\"title\""))
            .2
            .contains("EOF")
    );
    assert!(fault(list("{\"a\": 1}")).2.contains("holds no list"));
    assert!(fault(list("7")).2.contains("list of objects"));
    let two = fault(list("{\"x\": [{}],\n \"y\": [{}]}"));
    assert_eq!((two.0, two.1.as_str()), (2, "7"));
    let broken = "{\"title\": \"A\"}\n{\"title\": \"B\"\n{\"title\": \"C\"}\n";
    let (line, _, what) = fault(all(Json::lines(broken.to_owned())));
    assert_eq!(line, 2, "{what}");
}

#[test]
fn deep_nesting_is_refused_not_followed() {
    let deep = format!("[{{\"title\": \"A\", \"x\": {}}}]", "[".repeat(100_000));
    assert!(list(&deep).is_err());
    let closed = format!(
        "[{{\"title\": \"A\", \"x\": {}{}}}]",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    // Either answer is fine; what matters is that there is one.
    let _ = list(&closed);
}
