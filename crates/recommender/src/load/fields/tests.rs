use super::*;

#[test]
fn names_are_known_however_they_are_written() {
    assert_eq!(field("Product ID"), Field::Id(2));
    assert_eq!(field("Título"), Field::Title(4));
    assert_eq!(field("image_url"), field("imageUrl"));
    assert_eq!(field("Authors"), Field::Creator(1, "author".into()));
    assert_eq!(field("GENRES"), Field::List("genre".into()));
    assert_eq!(field("Countries"), Field::Facet("country".into()));
    assert_eq!(field("in stock"), Field::Availability);
    assert_eq!(field("series"), Field::Facet("series".into()));
    assert_eq!(field("class"), Field::Facet("class".into()));
}

#[test]
fn the_better_name_wins_and_the_other_creator_becomes_a_tag() {
    let mut draft = Draft::default();
    for (name, value) in [
        ("brand", "Acme"),
        ("sku", "7"),
        ("author", "Ada|Bo"),
        ("id", "x"),
        ("name", "A"),
        ("date", "2001-02-03"),
        ("year", "1999"),
        ("price", "12,5 €"),
        ("tags", "red, green, red"),
        ("rating", "7.8"),
    ] {
        draft.set(&field(name), value).expect("fits");
    }
    let item = draft.finish().expect("complete");
    assert_eq!((item.id.as_str(), item.creator.as_str()), ("x", "Ada & Bo"));
    assert_eq!(item.year, Some(1999));
    let tag = |facet: &str, value: &str| (facet.to_owned(), value.to_owned());
    assert_eq!(
        item.tags,
        [
            tag("brand", "Acme"),
            tag("tag", "red"),
            tag("tag", "green"),
            tag("price", "12.50"),
            tag("currency", "EUR")
        ]
    );
}

#[test]
fn identity_falls_back_to_link_and_title() {
    let mut draft = Draft::default();
    draft.set(&Field::Title(0), "A").expect("fits");
    assert_eq!(draft.clone().finish().expect("complete").id, "A");
    draft.set(&Field::Url(0), "https://a.b/c").expect("fits");
    assert_eq!(draft.finish().expect("complete").id, "https://a.b/c");
    assert_eq!(Draft::default().finish(), Err(Lack::Title));
    let mut draft = Draft::default();
    draft.set(&Field::Title(0), "A").expect("fits");
    draft.set(&field("guid"), "https://a.b/d").expect("fits");
    assert_eq!(draft.finish().expect("complete").url, "https://a.b/d");
}
